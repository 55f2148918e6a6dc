//! Lists, and what can be done with a job.

use super::*;

#[test]
fn the_list_of_jobs_is_without_tasks_and_can_be_filtered() {
    let mut azure = Azure::new(1);
    run(&mut azure, &plan("/unplannedFailover"), &fail_over(false, "Latest"));
    let jobs = azure.get(&vault("/replicationJobs")).body();
    let jobs = jobs["value"].as_array().expect("a list");
    assert_eq!(jobs.len(), 11, "the plan's, and one for each machine and phase");
    assert!(jobs.iter().all(|job| job["properties"]["tasks"] == json!([])));
    assert!(jobs.iter().all(|job| job["properties"]["activityId"].is_null()));
    let running = azure.get(&vault("/replicationJobs?$filter=State eq 'InProgress'")).body();
    assert_eq!(running["value"], json!([]));
}

#[test]
fn lists_come_in_pages() {
    let mut azure = Azure::new(1);
    azure.control("POST", "options", &json!({"site_recovery": {"page_size": 2}}));
    let mut url = format!(
        "https://management.azure.com{}",
        vault("/replicationProtectedItems?$filter=RecoveryPlanName eq 'recovery-plan-cafe'")
    );
    let mut sizes = Vec::new();
    let mut names = std::collections::BTreeSet::new();
    loop {
        let page = azure.poll(&url).body();
        let values = page["value"].as_array().expect("a list").clone();
        sizes.push(values.len());
        names.extend(values.iter().map(|item| text(&item["name"])));
        match page["nextLink"].as_str() {
            Some(next) => url = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(sizes, [2, 2, 1]);
    assert_eq!(names.len(), 5);
    let other = vault("/replicationProtectedItems?$filter=RecoveryPlanName eq 'other'");
    assert_eq!(azure.get(&other).body()["value"], json!([]));
}

#[test]
fn a_cancelled_plan_stops_after_the_phase_that_runs() {
    let mut azure = Azure::new(1);
    let reply = azure.send("POST", &plan("/unplannedFailover"), &fail_over(false, "Latest"));
    let operation = operation(&reply);
    azure.wait(60.0);
    let cancel = azure.post(&vault(&format!("/replicationJobs/{operation}/cancel")));
    assert_eq!(
        (cancel.status, text(&cancel.body()["properties"]["state"])),
        (200, "Cancelling".into())
    );
    azure.wait(120.0);
    assert_eq!(state(&mut azure, &operation), "Cancelled");
    assert!(running_in_the_west(&azure).is_empty());
    let status = reply.header("azure-asyncoperation").expect("a URL").to_owned();
    assert_eq!(azure.poll(&status).body()["status"], "Cancelled");
    for item in items(&mut azure) {
        assert_eq!(item["properties"]["protectionState"], "Protected");
        let allowed = texts(&item["properties"]["allowedOperations"]);
        assert!(allowed.contains(&"UnplannedFailover".to_owned()));
    }
}

#[test]
fn a_job_that_failed_in_part_can_be_restarted() {
    let mut azure = Azure::new(1);
    fail_items(&mut azure, &["managed1"], "state");
    let (operation, body) =
        run(&mut azure, &plan("/unplannedFailover"), &fail_over(false, "Latest"));
    assert_eq!(body["properties"]["allowedActions"], json!(["Restart"]));
    let restart = azure.post(&vault(&format!("/replicationJobs/{operation}/restart")));
    let restart = self::operation(&restart);
    azure.wait(400.0);
    let second = job(&mut azure, &restart);
    assert_eq!(second["properties"]["scenarioName"], "RestartJob");
    assert_eq!(second["properties"]["tasks"][0]["name"], "RemediateTask");
    assert_eq!(state(&mut azure, &operation), "Succeeded");
    assert_eq!(running_in_the_west(&azure).len(), 5);
    let again = azure.post(&vault(&format!("/replicationJobs/{operation}/restart")));
    assert_eq!(again.status, 400);
    assert_eq!(again.body()["error"]["details"][0]["code"], "CannotRemediateSucceededWorkflow");
}

#[test]
fn a_manual_action_suspends_the_job_until_it_is_resumed() {
    let mut azure = Azure::new(1);
    azure.control("POST", "options", &json!({"site_recovery": {"manual_action": true}}));
    let shown = azure.get(&plan("")).body()["properties"]["groups"][2]["startGroupActions"].clone();
    assert_eq!(shown[0]["customDetails"]["instanceType"], "ManualActionDetails");
    let reply = azure.send("POST", &plan("/unplannedFailover"), &fail_over(false, "Latest"));
    let operation = operation(&reply);
    azure.wait(1000.0);
    let body = job(&mut azure, &operation);
    assert_eq!(body["properties"]["state"], "Suspended");
    assert_eq!(body["properties"]["stateDescription"], "WaitingForManualAction");
    assert_eq!(body["properties"]["allowedActions"], json!(["Cancel", "Resume"]));
    let status = reply.header("azure-asyncoperation").expect("a URL").to_owned();
    assert_eq!(azure.poll(&status).body()["status"], "InProgress", "the trap");
    assert!(running_in_the_west(&azure).is_empty());
    let comments = json!({"properties": {"comments": "ok"}});
    let resume =
        azure.send("POST", &vault(&format!("/replicationJobs/{operation}/resume")), &comments);
    assert_eq!(resume.status, 200);
    azure.wait(300.0);
    assert_eq!(state(&mut azure, &operation), "Succeeded");
    assert_eq!(running_in_the_west(&azure).len(), 5);
}

#[test]
fn a_suspended_job_can_be_cancelled_at_once() {
    let mut azure = Azure::new(1);
    azure.control("POST", "options", &json!({"site_recovery": {"manual_action": true}}));
    let reply = azure.send("POST", &plan("/unplannedFailover"), &fail_over(false, "Latest"));
    let operation = operation(&reply);
    azure.wait(1000.0);
    azure.post(&vault(&format!("/replicationJobs/{operation}/cancel")));
    assert_eq!(state(&mut azure, &operation), "Cancelled");
    azure.wait(600.0);
    assert!(running_in_the_west(&azure).is_empty());
}

#[test]
fn the_phases_of_a_plans_job_are_in_the_ledger() {
    let mut azure = Azure::new(1);
    run(&mut azure, &plan("/unplannedFailover"), &fail_over(false, "Latest"));
    let waits = azure.world.ledger().waits();
    let phases: Vec<&str> = waits
        .iter()
        .filter_map(|wait| wait.what.strip_prefix("Site Recovery Failover: "))
        .collect();
    assert_eq!(
        phases,
        [
            "Prerequisites check for the recovery plan",
            "Recovery plan failover",
            "Group 1: Start (1)",
            "Group 2: Start (3)",
            "Group 3: Start (1)",
            "Finalizing the recovery plan",
        ]
    );
}

use super::*;
use crate::testing::scene;

fn lines(before: Option<&Scene>, now: &Scene) -> Vec<String> {
    events(before, now).iter().map(|row| row.paint(None, false)).collect()
}

#[test]
fn nothing_is_told_twice() {
    assert_eq!(lines(Some(&scene()), &scene()), [""; 0]);
}

#[test]
fn the_first_glance_tells_the_loss_and_the_run() {
    let lines = lines(None, &scene());
    assert_eq!(lines[0], "   80.5 s  Farshore        websphere-cafe-incident-1: region lost");
    assert!(lines.contains(&"  600.0 s  East US         is down".to_owned()), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("is up")), "{lines:?}");
}

#[test]
fn each_change_of_the_world_is_a_line() {
    let now = scene();
    let mut before = scene();
    before.state.sql.get_mut("eastus").unwrap().role = "Primary".to_owned();
    before.state.sql.get_mut("westus").unwrap().role = "Secondary".to_owned();
    before.state.traffic.endpoints.get_mut("myFailoverEndpoint").unwrap().monitor =
        "Degraded".to_owned();
    before.state.recovery.jobs[0].tasks[0].state = Some("InProgress".to_owned());
    before.state.gateways.get_mut("westus").unwrap().healthy.truncate(1);
    before.state.user.last.as_mut().unwrap().good = false;
    before.state.notifications = 0;
    let told: Vec<String> = lines(Some(&before), &now)
        .iter()
        .map(|line| line[11..].split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        told,
        [
            "SQL the database of West US is the primary",
            "Traffic Manager myFailoverEndpoint is Online",
            "Site Recovery Failover: Group 1: Succeeded",
            "gateway West US: healthy backends 3",
            "user is served by West US",
            "webhook people are told",
        ]
    );
}

#[test]
fn steps_are_told_when_they_begin_and_end() {
    let mut before = scene();
    let steps = &mut before.run.as_mut().unwrap().run.steps;
    steps[0].state = "waiting".to_owned();
    let mut now = scene();
    let step = &mut now.run.as_mut().unwrap().run.steps[0];
    step.state = "active".to_owned();
    assert!(lines(Some(&before), &now)[0].ends_with("observe …"));
    assert!(lines(Some(&now), &scene())[0].contains("observe succeeded"));
}

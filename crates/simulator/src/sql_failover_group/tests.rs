use proptest::prelude::*;
use serde_json::json;

use super::{role, takes_writes};
use crate::door::TcpAnswer;
use crate::regions::Region::{self, EastUs, WestUs};
use crate::sql_failover_group::Role;
use crate::testing::{Azure, Reply, sql};

const GROUP: &str = "/failoverGroups/failovergroup-cafe";
const FAILOVER: &str = "/failoverGroups/failovergroup-cafe/failover";
const FORCE: &str = "/failoverGroups/failovergroup-cafe/forceFailoverAllowDataLoss";

/// The region that the listener leads to, if its server takes writes.
fn writable(azure: &Azure) -> Option<Region> {
    Some(azure.world.sql.listener).filter(|region| takes_writes(&azure.world, *region))
}

/// The role and state that a region's server shows.
fn view(azure: &mut Azure, region: Region) -> (String, String) {
    let body = azure.get(&sql(region, GROUP)).body();
    let text = |name: &str| body["properties"][name].as_str().expect("text").to_owned();
    (text("replicationRole"), text("replicationState"))
}

/// Polls the status URL of an accepted operation each second: its last body, after how long.
fn follow(azure: &mut Azure, accepted: &Reply) -> (serde_json::Value, f64) {
    assert_eq!(accepted.status, 202, "{}", accepted.text);
    let url = accepted.header("Azure-AsyncOperation").expect("a status URL").to_owned();
    for second in 0..200 {
        let status = azure.poll(&url);
        assert_eq!(status.status, 200);
        if status.body()["status"] != "InProgress" {
            return (status.body(), f64::from(second));
        }
        azure.wait(1.0);
    }
    panic!("the operation never ends");
}

#[test]
fn each_server_shows_the_group_from_its_own_side() {
    let mut azure = Azure::new(1);
    let east = azure.get(&sql(EastUs, GROUP)).body();
    let west = azure.get(&sql(WestUs, GROUP)).body();
    assert_eq!(east["location"], "East US");
    assert_eq!(east["properties"]["replicationRole"], "Primary");
    assert_eq!(east["properties"]["partnerServers"][0]["replicationRole"], "Secondary");
    assert_eq!(east["properties"]["readWriteEndpoint"], json!({"failoverPolicy": "Manual"}));
    assert_eq!(west["location"], "West US");
    assert_eq!(west["properties"]["replicationRole"], "Secondary");
    assert_eq!(west["properties"]["replicationState"], "CATCH_UP");
    assert_eq!(west["properties"]["partnerServers"][0]["location"], "East US");
    let own = west["properties"]["databases"][0].as_str().expect("an id");
    assert!(own.contains("sqlserversecondary-cafe/databases/mySampleDatabase"), "{own}");
    let links = azure.get(&sql(WestUs, "/databases/mySampleDatabase/replicationLinks")).body();
    assert_eq!(links["value"][0]["properties"]["role"], "Secondary");
    assert_eq!(links["value"][0]["properties"]["partnerServer"], "sqlserverprimary-cafe");
}

#[test]
fn paths_are_compared_without_regard_to_case() {
    let mut azure = Azure::new(1);
    let target = sql(WestUs, GROUP).replace("failoverGroups", "FAILOVERgroups");
    assert_eq!(azure.get(&target.replace("sqlserver", "SqlServer")).status, 200);
}

#[test]
fn a_planned_failover_takes_40_to_70_seconds_and_moves_both_roles() {
    for seed in 0..10 {
        let mut azure = Azure::new(seed);
        let accepted = azure.post(&sql(WestUs, FAILOVER));
        assert_eq!(accepted.body()["operation"], "FailoverFailoverGroup");
        let location = accepted.header("Location").expect("a result URL").to_owned();
        assert_eq!(azure.poll(&location).status, 202);
        assert_eq!(view(&mut azure, WestUs).0, "Secondary");
        let (status, took) = follow(&mut azure, &accepted);
        assert_eq!(status["status"], "Succeeded");
        assert!((40.0..=71.0).contains(&took), "{took}");
        let result = azure.poll(&location);
        assert_eq!(
            (result.status, &result.body()["properties"]["replicationRole"]),
            (200, &json!("Primary"))
        );
        azure.wait(5.0);
        assert_eq!(view(&mut azure, WestUs), ("Primary".into(), "CATCH_UP".into()));
        assert_eq!(view(&mut azure, EastUs), ("Secondary".into(), "CATCH_UP".into()));
        let promotions = azure.world.ledger().promotions();
        assert!(
            matches!(promotions, [one] if one.lossless && one.left_behind == 0),
            "{promotions:?}"
        );
    }
}

#[test]
fn poll_urls_are_long_absolute_and_at_the_scope_of_the_subscription() {
    let mut azure = Azure::new(1);
    let accepted = azure.post(&sql(WestUs, FAILOVER));
    let url = accepted.header("azure-asyncoperation").expect("a status URL");
    let start = "https://management.azure.com/subscriptions/00000000-0000-4000-8000-000000000001/providers/Microsoft.Sql/locations/westus/failoverGroupAzureAsyncOperation/";
    assert!(url.starts_with(start), "{url}");
    assert!((2_500..4_000).contains(&url.len()), "{}", url.len());
    assert_eq!(accepted.header("retry-after"), Some("15"));
    assert!(
        !url.contains('%') && url.contains("&t=") && url.contains("&c=") && url.contains("&s=")
    );
}

#[test]
fn nobody_takes_writes_in_the_last_seconds_of_a_planned_failover() {
    let mut azure = Azure::new(3);
    let accepted = azure.post(&sql(WestUs, FAILOVER));
    assert_eq!(accepted.status, 202);
    let mut without = 0;
    while role(&azure.world, WestUs) == Role::Secondary {
        assert!(!(takes_writes(&azure.world, EastUs) && takes_writes(&azure.world, WestUs)));
        without += i32::from(writable(&azure).is_none());
        azure.wait(0.1);
    }
    assert!((19..=51).contains(&without), "{without} tenths of a second");
    assert_eq!(writable(&azure), Some(WestUs));
}

#[test]
fn a_forced_failover_needs_only_the_standby_and_leaves_it_suspended() {
    for seed in 0..10 {
        let mut azure = Azure::new(seed);
        azure.lose(EastUs);
        assert_eq!(view(&mut azure, WestUs), ("Secondary".into(), "CATCH_UP".into()));
        let accepted = azure.post(&sql(WestUs, FORCE));
        let (status, took) = follow(&mut azure, &accepted);
        assert_eq!(status["status"], "Succeeded");
        assert!(took <= 11.0, "{took}");
        assert_eq!(view(&mut azure, WestUs), ("Primary".into(), "SUSPENDED".into()));
        assert_eq!(writable(&azure), Some(WestUs));
        azure.wait(3600.0);
        assert_eq!(view(&mut azure, WestUs).1, "SUSPENDED");
    }
}

#[test]
fn a_returning_old_primary_takes_writes_for_a_moment_and_then_joins_as_secondary() {
    let mut azure = Azure::new(5);
    azure.lose(EastUs);
    azure.post(&sql(WestUs, FORCE));
    azure.wait(600.0);
    azure.restore(EastUs);
    assert_eq!(role(&azure.world, EastUs), Role::Primary);
    assert!(takes_writes(&azure.world, EastUs) && takes_writes(&azure.world, WestUs));
    let mut both = 0;
    for _ in 0..100 {
        azure.wait(0.1);
        both += i32::from(takes_writes(&azure.world, EastUs));
    }
    assert!((29..=81).contains(&both), "{both} tenths of a second");
    azure.wait(30.0);
    assert_eq!(role(&azure.world, EastUs), Role::Secondary);
    assert_eq!(view(&mut azure, EastUs), ("Secondary".into(), "SUSPENDED".into()));
    let refused = azure.post(&sql(EastUs, FAILOVER));
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (409, "GeoReplicationCannotBecomePrimaryDuringUndo")
    );
    azure.wait(300.0);
    assert_eq!(view(&mut azure, EastUs), ("Secondary".into(), "CATCH_UP".into()));
    assert_eq!(view(&mut azure, WestUs), ("Primary".into(), "CATCH_UP".into()));
}

#[test]
fn an_old_primary_that_returns_to_a_dead_standby_stays_primary_until_both_live() {
    let mut azure = Azure::new(5);
    azure.lose(EastUs);
    azure.post(&sql(WestUs, FORCE));
    azure.wait(60.0);
    azure.lose(WestUs);
    azure.restore(EastUs);
    azure.wait(600.0);
    assert_eq!(role(&azure.world, EastUs), Role::Primary);
    azure.restore(WestUs);
    azure.wait(60.0);
    assert_eq!(role(&azure.world, EastUs), Role::Secondary);
    assert_eq!(writable(&azure), Some(WestUs));
}

#[test]
fn a_failover_sent_to_the_primary_is_refused() {
    let mut azure = Azure::new(1);
    for action in [FAILOVER, FORCE] {
        let refused = azure.post(&sql(EastUs, action));
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (400, "FailoverGroupFailoverRequestOnPrimary")
        );
    }
}

#[test]
fn a_second_failover_finds_the_group_busy_in_both_ways() {
    let (mut at_once, mut later) = (0, 0);
    for seed in 0..20 {
        let mut azure = Azure::new(seed);
        let first = azure.post(&sql(WestUs, FAILOVER));
        azure.wait(1.0);
        let second = azure.post(&sql(WestUs, FORCE));
        if second.status == 409 {
            assert_eq!(second.code(), "FailoverGroupBusy");
            at_once += 1;
        } else {
            let (status, took) = follow(&mut azure, &second);
            assert_eq!(status["status"], "Failed");
            assert_eq!(status["error"]["code"], "FailoverGroupBusy");
            assert!(took <= 4.0, "{took}");
            later += 1;
        }
        assert_eq!(follow(&mut azure, &first).0["status"], "Succeeded");
        assert_eq!(azure.world.ledger().promotions().len(), 1);
    }
    assert!(at_once > 0 && later > 0, "{at_once} at once, {later} later");
}

#[test]
fn a_planned_failover_without_the_primary_times_out_in_its_status() {
    let mut azure = Azure::new(1);
    azure.lose(EastUs);
    let accepted = azure.post(&sql(WestUs, FAILOVER));
    let (status, took) = follow(&mut azure, &accepted);
    assert_eq!(
        (&status["status"], &status["error"]["code"]),
        (&json!("Failed"), &json!("PlannedFailoverTimedOut"))
    );
    assert!((60.0..=91.0).contains(&took), "{took}");
    let result = azure.poll(accepted.header("Location").expect("a result URL"));
    assert_eq!((result.status, result.code().as_str()), (400, "PlannedFailoverTimedOut"));
    assert_eq!(view(&mut azure, WestUs).0, "Secondary");
    let forced = azure.post(&sql(WestUs, FORCE));
    assert_eq!(follow(&mut azure, &forced).0["status"], "Succeeded");
}

#[test]
fn a_planned_failover_during_which_the_primary_dies_changes_nothing() {
    let mut azure = Azure::new(2);
    let accepted = azure.post(&sql(WestUs, FAILOVER));
    azure.wait(20.0);
    azure.lose(EastUs);
    assert_eq!(follow(&mut azure, &accepted).0["error"]["code"], "PlannedFailoverTimedOut");
    assert_eq!(role(&azure.world, WestUs), Role::Secondary);
    azure.restore(EastUs);
    assert_eq!(writable(&azure), Some(EastUs));
}

#[test]
fn a_failover_to_a_server_that_dies_on_the_way_is_interrupted() {
    let mut azure = Azure::new(2);
    let accepted = azure.post(&sql(WestUs, FORCE));
    azure.lose(WestUs);
    azure.wait(15.0);
    azure.restore(WestUs);
    assert_eq!(follow(&mut azure, &accepted).0["error"]["code"], "OperationInterrupted");
    assert_eq!(writable(&azure), Some(EastUs));
}

#[test]
fn the_listener_leads_to_the_promoted_server_for_30_seconds_at_a_time() {
    let mut azure = Azure::new(1);
    let listener = "failovergroup-cafe.database.windows.net";
    let east = (vec![[203, 0, 113, 50].into()], 30);
    let west = (vec![[198, 51, 100, 50].into()], 30);
    assert_eq!(azure.world.resolve(azure.now, listener), Some(east.clone()));
    assert_eq!(
        azure.world.resolve(azure.now, "failovergroup-cafe.secondary.database.windows.net"),
        Some(west.clone())
    );
    assert_eq!(azure.world.connect(azure.now, east.0[0], 1433), TcpAnswer::Accept);
    azure.lose(EastUs);
    assert_eq!(azure.world.connect(azure.now, east.0[0], 1433), TcpAnswer::Hang);
    azure.post(&sql(WestUs, FORCE));
    azure.wait(11.0);
    assert_eq!(azure.world.resolve(azure.now, &listener.to_uppercase()), Some(west));
    assert_eq!(
        azure.world.resolve(azure.now, "SqlServerPrimary-cafe.database.windows.net."),
        Some(east)
    );
    assert_eq!(azure.world.resolve(azure.now, "other.database.windows.net"), None);
}

#[test]
fn what_is_not_there_says_so() {
    let mut azure = Azure::new(1);
    assert_eq!(azure.get(&sql(WestUs, "/failoverGroups/other")).status, 404);
    let refused = azure.post(&sql(WestUs, "/failoverGroups/other/failover"));
    assert_eq!((refused.status, refused.code().as_str()), (400, "FailoverGroupDoesNotExist"));
    let target = sql(WestUs, GROUP).replace("sqlserversecondary", "nobody");
    let missing = azure.get(&target);
    assert_eq!((missing.status, missing.code().as_str()), (404, "ResourceNotFound"));
}

#[test]
fn the_policy_is_changed_on_the_primary_only() {
    let mut azure = Azure::new(1);
    let automatic = json!({"properties": {"readWriteEndpoint": {"failoverPolicy": "Automatic", "failoverWithDataLossGracePeriodMinutes": 60}}});
    let refused = azure.send("PATCH", &sql(WestUs, GROUP), &automatic);
    assert_eq!(refused.code(), "FailoverGroupUpdateOrDeleteRequestOnSecondary");
    assert_eq!(azure.send("PATCH", &sql(EastUs, GROUP), &automatic).status, 202);
    let shown = azure.get(&sql(WestUs, GROUP)).body();
    assert_eq!(
        shown["properties"]["readWriteEndpoint"]["failoverWithDataLossGracePeriodMinutes"],
        60
    );
    let wrong = json!({"properties": {"readWriteEndpoint": {"failoverPolicy": "Manual", "failoverWithDataLossGracePeriodMinutes": 60}}});
    assert!(
        azure.send("PATCH", &sql(EastUs, GROUP), &wrong).code().ends_with("FieldsForManualPolicy")
    );
}

#[derive(Debug, Clone)]
enum Act {
    Fail(Region, &'static str),
    Lose(Region),
    Restore(Region),
    Wait(f64),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let region = prop_oneof![Just(EastUs), Just(WestUs)];
    let act = prop_oneof![
        (region.clone(), prop_oneof![Just(FAILOVER), Just(FORCE)])
            .prop_map(|(to, how)| Act::Fail(to, how)),
        region.clone().prop_map(Act::Lose),
        region.prop_map(Act::Restore),
        (0.0..200.0).prop_map(Act::Wait),
    ];
    proptest::collection::vec(act, 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn after_any_history_two_living_regions_settle_on_one_primary(seed in any::<u64>(), acts in acts()) {
        let mut azure = Azure::new(seed);
        azure.control("POST", "user", &json!({"running": false}));
        for act in acts {
            match act {
                Act::Fail(to, how) => {
                    azure.try_arm("POST", &sql(to, how), None);
                }
                Act::Lose(region) => azure.lose(region),
                Act::Restore(region) => azure.restore(region),
                Act::Wait(seconds) => azure.wait(seconds),
            }
        }
        azure.restore(EastUs);
        azure.restore(WestUs);
        azure.wait(800.0);
        let roles = [role(&azure.world, EastUs), role(&azure.world, WestUs)];
        prop_assert_ne!(roles[0], roles[1]);
        let primary = writable(&azure).expect("one server takes writes");
        prop_assert!(!takes_writes(&azure.world, primary.other()));
        prop_assert_eq!(view(&mut azure, primary), ("Primary".to_owned(), "CATCH_UP".to_owned()));
        prop_assert_eq!(view(&mut azure, primary.other()), ("Secondary".to_owned(), "CATCH_UP".to_owned()));
    }
}

//! The standing watch: from probes and signals to incidents, and from incidents to failovers.

mod desk;
mod storms;

use jiff::SignedDuration;
use recovery::Place;
use recovery::diagnosis::Diagnosis;
use recovery::plan::PolicyMode;
use recovery::view::{Replication, Role};
use recovery::watch::{Follow, IncidentEnd, Watch};

use self::desk::{Desk, fired, fired_about};

const TICK_S: i64 = 10;

#[test]
fn a_lost_region_leads_to_one_failover_after_60_s() {
    let mut desk = Desk::new();
    desk.calm(120);
    let lost = desk.second();
    desk.world.preferred_up = false;
    let follow = desk.watch_until(600, |follow| matches!(follow, Follow::FailOver { .. }));
    let Some(Follow::FailOver { incident, reason }) = follow else { panic!("{follow:?}") };
    assert_eq!(incident, 1);
    assert!(reason.contains("our probe has failed for"), "{reason}");
    let took = desk.second() - lost;
    assert!((60..=80).contains(&took), "after {took} s");
}

#[test]
fn a_run_that_has_begun_is_begun_once() {
    let mut desk = Desk::new();
    desk.calm(60);
    desk.world.preferred_up = false;
    desk.watch_until(600, |follow| matches!(follow, Follow::FailOver { .. }));
    desk.begin_run();
    let again = desk.watch_until(3600, |follow| !matches!(follow, Follow::Nothing));
    assert_eq!(again, None);
    assert_eq!(desk.watch.next_incident, 2);
}

#[test]
fn a_blip_of_43_s_leads_to_nothing() {
    for phase in 0..TICK_S {
        let mut desk = Desk::new();
        desk.calm(60 + phase);
        let back = desk.second() + 43;
        desk.world.preferred_up = false;
        desk.alert(&fired("degraded"));
        while desk.second() < back {
            assert!(!matches!(desk.tick(1), Follow::FailOver { .. }));
        }
        desk.world.preferred_up = true;
        let follow = desk.watch_until(1800, |follow| {
            matches!(follow, Follow::FailOver { .. } | Follow::Tell { .. })
        });
        assert_eq!(follow, None);
        assert!(desk.watch.incident.is_none(), "calm closes it");
        assert_eq!(desk.watch.past[0].end, IncidentEnd::NoAction);
    }
}

#[test]
fn failing_for_60_s_means_without_a_break() {
    let mut desk = Desk::new();
    desk.calm(60);
    for round in 0..40 {
        desk.world.preferred_up = round % 5 == 4;
        assert!(!matches!(desk.tick(TICK_S), Follow::FailOver { .. }));
    }
}

#[test]
fn a_region_is_lost_only_if_all_three_witnesses_say_so() {
    let with = |change: fn(&mut Desk)| {
        let mut desk = Desk::new();
        desk.calm(60);
        desk.world.preferred_up = false;
        change(&mut desk);
        desk.watch_until(900, |follow| matches!(follow, Follow::FailOver { .. })).is_some()
    };
    assert!(with(|_| {}), "all three");
    assert!(!with(|desk| desk.traffic_manager_says_online = true), "Traffic Manager sees it");
    assert!(!with(|desk| desk.silent.push("Traffic Manager")), "Traffic Manager is silent");
    assert!(!with(|desk| desk.silent.push("failover group")), "the standby is silent");
    assert!(!with(|desk| desk.world.sql.replication = Replication::Seeding), "no data there");
    assert!(!with(|desk| desk.world.sql.primary = Place::Standby), "somebody moves it");
    assert!(!with(|desk| desk.our_probe_answers = true), "our own probe is served");
}

#[test]
fn witnesses_who_spoke_long_ago_do_not_count() {
    let mut desk = Desk::new();
    desk.calm(60);
    desk.world.preferred_up = false;
    desk.tick(50);
    desk.silent.push("Traffic Manager");
    for _ in 0..20 {
        assert!(!matches!(desk.tick(TICK_S), Follow::FailOver { .. }));
    }
    assert!(matches!(desk.diagnosis(), Diagnosis::Suspected(_)));
}

#[test]
fn a_standby_that_cannot_take_over_is_told_to_people() {
    let mut desk = Desk::new();
    desk.calm(60);
    desk.world.preferred_up = false;
    desk.world.sql.replication = Replication::Seeding;
    let follow = desk.watch_until(600, |follow| matches!(follow, Follow::Tell { .. }));
    assert!(matches!(follow, Some(Follow::Tell { incident: 1, .. })));
    let again = desk.watch_until(3600, |follow| matches!(follow, Follow::Tell { .. }));
    assert_eq!(again, None, "once");
}

#[test]
fn observing_and_approving_plans_tell_and_never_fail_over() {
    for mode in [PolicyMode::Observe, PolicyMode::Approve] {
        let mut desk = Desk::new();
        desk.plan.mode = mode;
        desk.calm(60);
        desk.world.preferred_up = false;
        let follow = desk.watch_until(600, |follow| matches!(follow, Follow::Tell { .. }));
        assert!(follow.is_some());
        let later = desk.watch_until(7200, |follow| matches!(follow, Follow::FailOver { .. }));
        assert_eq!(later, None);
    }
}

#[test]
fn an_automatic_plan_that_accepts_no_data_loss_only_tells() {
    let mut desk = Desk::new();
    desk.plan.accept_unmeasured_data_loss = false;
    desk.calm(60);
    desk.world.preferred_up = false;
    let follow = desk.watch_until(600, |follow| matches!(follow, Follow::Tell { .. }));
    assert!(follow.is_some());
    assert!(desk.watch_until(3600, |f| matches!(f, Follow::FailOver { .. })).is_none());
}

#[test]
fn after_a_run_no_automatic_failover_begins_before_the_cooldown_is_over() {
    let mut desk = Desk::new();
    desk.calm(60);
    desk.world.preferred_up = false;
    desk.watch_until(600, |follow| matches!(follow, Follow::FailOver { .. }));
    desk.begin_run();
    // It was aborted, so the workload is where it was.
    desk.end_run(None, IncidentEnd::Aborted);
    let ended = desk.second();
    let follow = desk.watch_until(7200, |follow| matches!(follow, Follow::FailOver { .. }));
    assert!(matches!(follow, Some(Follow::FailOver { incident: 2, .. })));
    let cooldown = i64::from(desk.plan.cooldown_s);
    let waited = desk.second() - ended;
    assert!((cooldown..=cooldown + TICK_S).contains(&waited), "{waited} s");
}

#[test]
fn a_failover_changes_the_place_that_is_watched() {
    let mut desk = Desk::new();
    desk.calm(60);
    desk.world.preferred_up = false;
    desk.watch_until(600, |follow| matches!(follow, Follow::FailOver { .. }));
    desk.begin_run();
    desk.move_everything();
    desk.end_run(Some(Place::Standby), IncidentEnd::Recovered);
    assert_eq!(desk.watch.active, Place::Standby);
    assert!(desk.watch.incident.is_none());
    desk.calm(60);
    assert!(desk.watch.incident.is_none(), "the new place is well: {:?}", desk.watch.incident);
    assert_eq!(desk.diagnosis(), Diagnosis::Healthy);
    assert_eq!(desk.group_watched().role, Role::Primary, "asked before the move");
}

#[test]
fn failing_back_is_never_automatic() {
    let mut desk = Desk::new();
    desk.watch.active = Place::Standby;
    desk.move_everything();
    desk.world.sql.primary = Place::Standby;
    desk.calm(60);
    // Now the standby is lost, and the preferred place could take over.
    desk.standby_is_lost = true;
    let follow = desk.watch_until(7200, |follow| matches!(follow, Follow::FailOver { .. }));
    assert_eq!(follow, None);
    assert!(desk.told > 0);
}

#[test]
fn signals_about_the_inactive_place_are_only_recorded() {
    let mut desk = Desk::new();
    desk.calm(60);
    assert!(desk.alert(&fired_about("gateway-1", Place::Standby)));
    assert!(desk.watch.incident.is_none());
    assert_eq!(desk.watch.signals.len(), 1);
    assert!(desk.alert(&fired_about("gateway-2", Place::Preferred)));
    assert_eq!(desk.watch.incident.as_ref().unwrap().number, 1);
}

#[test]
fn the_watch_asks_arm_only_on_suspicion() {
    let mut desk = Desk::new();
    desk.calm(60);
    desk.asked.clear();
    desk.calm(3600);
    let profile = desk.asked.iter().filter(|look| look.contains("Traffic Manager")).count();
    assert!(profile <= 13, "{profile} in an hour");
    assert!(!desk.asked.iter().any(|look| look.contains("failover group")));
}

#[test]
fn a_watch_survives_being_written_down() {
    let mut desk = Desk::new();
    desk.calm(60);
    desk.world.preferred_up = false;
    desk.alert(&fired("degraded"));
    desk.watch_until(600, |follow| matches!(follow, Follow::FailOver { .. }));
    desk.begin_run();
    let text = serde_json::to_string(&desk.watch).unwrap();
    let back: recovery::watch::Watch = serde_json::from_str(&text).unwrap();
    assert_eq!(back, desk.watch);
}

#[test]
fn two_failed_probes_an_hour_apart_are_not_an_hour_of_failing() {
    let mut desk = Desk::new();
    desk.calm(60);
    desk.world.preferred_up = false;
    desk.tick(10);
    // The watch is down for an hour, the region is not.
    desk.world.preferred_up = true;
    desk.world.advance(desk.now() + jiff::SignedDuration::from_hours(1));
    desk.world.preferred_up = false;
    assert!(!matches!(desk.tick(1), Follow::FailOver { .. }));
}

#[test]
fn people_are_told_again_when_the_diagnosis_changes_but_not_when_it_changes_back() {
    let mut desk = Desk::new();
    desk.plan.mode = PolicyMode::Observe;
    desk.calm(60);
    desk.world.preferred_up = false;
    desk.silent.push("failover group");
    desk.watch_until(600, |follow| matches!(follow, Follow::Tell { .. })).unwrap();
    assert!(matches!(desk.diagnosis(), Diagnosis::NoTarget(_)));
    desk.silent.clear();
    desk.watch_until(600, |follow| matches!(follow, Follow::Tell { .. })).unwrap();
    assert!(matches!(desk.diagnosis(), Diagnosis::RegionLost(_)));
    desk.silent.push("failover group");
    let again = desk.watch_until(600, |follow| matches!(follow, Follow::Tell { .. }));
    assert_eq!(again, None);
    assert_eq!(desk.told, 2);
    assert_eq!(desk.watch.untold.len(), 2, "until somebody takes them: {:?}", desk.watch.untold);
}

#[test]
fn what_the_witnesses_do_not_agree_on_for_5_minutes_is_told_once() {
    let mut desk = Desk::new();
    desk.calm(60);
    desk.world.preferred_up = false;
    desk.traffic_manager_says_online = true;
    let lost = desk.second();
    let follow = desk.watch_until(600, |follow| matches!(follow, Follow::Tell { .. }));
    let Some(Follow::Tell { what, .. }) = follow else { panic!("{follow:?}") };
    assert!(what.contains("Traffic Manager says the endpoint is Online"), "{what}");
    let waited = desk.second() - lost;
    assert!((300..=320).contains(&waited), "{waited} s");
    assert_eq!(desk.watch_until(7200, |follow| matches!(follow, Follow::Tell { .. })), None);
}

#[test]
fn a_watch_that_does_not_know_where_to_ask_says_so_and_is_calm_once_it_does() {
    let mut desk = Desk::new();
    desk.silent.push("Traffic Manager");
    let follow = desk.watch_until(600, |follow| matches!(follow, Follow::Tell { .. }));
    let Some(Follow::Tell { what, .. }) = follow else { panic!("{follow:?}") };
    assert!(what.contains("does not know where to ask"), "{what}");
    assert!((300..=320).contains(&desk.second()), "{} s", desk.second());
    desk.silent.clear();
    let closed = desk.watch_until(600, |follow| *follow == Follow::Nothing);
    assert!(closed.is_some() && desk.watch.incident.is_none(), "{:?}", desk.watch.incident);
}

#[test]
fn a_workload_is_half_moved_until_a_run_has_moved_the_rest() {
    let mut desk = Desk::new();
    for (end, half) in [(IncidentEnd::NeedsHuman, true), (IncidentEnd::Recovered, false)] {
        desk.begin_run();
        desk.end_run(Some(Place::Standby), end);
        assert_eq!(desk.watch.is_half_moved(), half, "{end:?}");
    }
    desk.begin_run();
    desk.end_run(None, IncidentEnd::NeedsHuman);
    desk.watch.moved_by_hand(Place::Preferred).unwrap();
    assert!(!desk.watch.is_half_moved(), "it is where it was");
}

#[test]
fn an_incident_is_neglected_when_nobody_has_looked_into_it_for_25_s() {
    let mut desk = Desk::new();
    desk.calm(60);
    assert!(!desk.watch.is_neglected(desk.now()), "there is none");
    desk.world.preferred_up = false;
    desk.alert(&fired("degraded"));
    desk.tick(TICK_S);
    let looked = desk.now();
    let is_neglected = |watch: &Watch, after_s: i64| {
        watch.is_neglected(looked + SignedDuration::from_secs(after_s))
    };
    assert!(!is_neglected(&desk.watch, 25));
    assert!(is_neglected(&desk.watch, 26));
    desk.watch_until(600, |follow| matches!(follow, Follow::FailOver { .. }));
    desk.begin_run();
    assert!(!is_neglected(&desk.watch, 3600), "its run is seen to its end by itself");
}

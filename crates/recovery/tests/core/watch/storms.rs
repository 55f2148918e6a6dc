//! Alert storms: the same report many times, out of order, with others mixed in.

use recovery::Place;
use recovery::signal::{Condition, Signal, Source};
use recovery::watch::Follow;

use super::desk::{Desk, fired, fired_about, resolved};

/// A fixed shuffle: the order is odd, and the same every time.
fn shuffled<T>(mut things: Vec<T>) -> Vec<T> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for index in (1..things.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let other = usize::try_from(state >> 33).unwrap() % (index + 1);
        things.swap(index, other);
    }
    things
}

#[test]
fn a_thousand_repeats_with_resolved_mixed_in_are_one_incident() {
    let mut desk = Desk::new();
    desk.calm(60);
    desk.world.preferred_up = false;
    let mut storm = Vec::new();
    for _ in 0..500 {
        storm.extend([fired("a"), resolved("a")]);
    }
    let mut news = 0;
    for signal in shuffled(storm) {
        news += usize::from(desk.alert(&signal));
    }
    assert_eq!(news, 2, "the same alert fires once and resolves once");
    assert_eq!(desk.watch.next_incident, 2);
    let incident = desk.watch.incident.as_ref().unwrap();
    assert_eq!(incident.number, 1);
}

#[test]
fn a_storm_before_during_and_after_a_run_is_one_incident() {
    let mut desk = Desk::new();
    desk.calm(60);
    desk.world.preferred_up = false;
    desk.alert(&fired("a"));
    let follow = desk.watch_until(600, |follow| matches!(follow, Follow::FailOver { .. }));
    assert!(follow.is_some());
    desk.begin_run();
    for _ in 0..500 {
        desk.alert(&fired("a"));
        desk.alert(&resolved("a"));
    }
    desk.alert(&fired_about("b", Place::Preferred));
    desk.alert(&fired("c"));
    desk.move_everything();
    desk.end_run(Some(Place::Standby), recovery::watch::IncidentEnd::Recovered);
    for id in ["a", "b", "d"] {
        desk.alert(&fired_about(id, Place::Preferred));
        desk.tick(10);
    }
    assert_eq!(desk.watch.next_incident, 2, "what comes late is about the place that was left");
    assert_eq!(desk.watch.past.len(), 1);
    assert_eq!(desk.watch.past[0].signal_count, 4);
}

#[test]
fn other_rules_that_fire_later_join_the_open_incident() {
    let mut desk = Desk::new();
    desk.calm(60);
    desk.world.preferred_up = false;
    desk.alert(&fired("a"));
    for (second, source) in
        [(10, Source::ResourceHealth), (200, Source::ServiceHealth), (900, Source::LogSearch)]
    {
        desk.tick(second);
        let regions = vec!["East US".to_owned()];
        let id = format!("{source:?}");
        desk.alert(&Signal { source, regions, endpoint: None, ..fired(&id) });
    }
    assert_eq!(desk.watch.next_incident, 2);
    assert_eq!(desk.watch.incident.as_ref().unwrap().signal_count, 4);
}

#[test]
fn a_signal_alone_never_fails_over() {
    let mut desk = Desk::new();
    desk.calm(60);
    for number in 0..100 {
        desk.alert(&fired(&format!("alert-{number}")));
        assert!(!matches!(desk.tick(10), Follow::FailOver { .. }));
    }
}

#[test]
fn an_alert_that_was_resolved_before_it_fired_is_harmless() {
    let mut desk = Desk::new();
    desk.calm(60);
    assert!(desk.alert(&resolved("a")));
    assert!(desk.watch.incident.is_none());
    assert!(desk.alert(&fired("a")));
    assert!(desk.watch_until(3600, |f| matches!(f, Follow::FailOver { .. })).is_none());
    assert!(desk.watch.incident.is_none(), "calm closes it");
}

#[test]
fn the_case_of_an_alerts_id_does_not_make_it_another() {
    let mut desk = Desk::new();
    assert!(desk.alert(&fired("/subscriptions/X/alerts/1")));
    assert!(!desk.alert(&fired("/SUBSCRIPTIONS/x/Alerts/1")));
}

#[test]
fn a_watch_stays_small_whatever_storms_come() {
    let mut desk = Desk::new();
    desk.calm(60);
    desk.world.preferred_up = false;
    for number in 0..2000 {
        desk.alert(&fired(&format!("alert-{number}")));
    }
    assert_eq!(desk.watch.incident.as_ref().unwrap().signal_count, 2000);
    let bytes = serde_json::to_vec(&desk.watch).unwrap().len();
    assert!(bytes < 64 * 1024, "{bytes} bytes");
}

#[test]
fn only_the_plans_own_resources_and_regions_concern_it() {
    let desk = Desk::new();
    let concerns = |signal: &Signal| signal.concerns(&desk.plan);
    assert!(concerns(&fired("a")));
    assert!(concerns(&fired_about("b", Place::Standby)));
    let region =
        |name: &str| Signal { resources: Vec::new(), regions: vec![name.to_owned()], ..fired("c") };
    assert!(concerns(&region("East US")));
    assert!(concerns(&region("westus")));
    assert!(!concerns(&region("East US 2")));
    assert!(!concerns(&region("Germany West Central")));
    let other = "/subscriptions/0/resourceGroups/other/providers/Microsoft.Network/x/y";
    assert!(!concerns(&Signal { resources: vec![other.into()], ..fired("d") }));
}

#[test]
fn the_place_of_a_signal_is_told_by_region_resource_group_or_endpoint() {
    let plan = Desk::new().plan;
    let bare = Signal { resources: Vec::new(), endpoint: None, ..fired("a") };
    let of = |signal: Signal| signal.place(&plan);
    assert_eq!(of(bare.clone()), None);
    assert_eq!(of(fired("a")), Some(Place::Preferred));
    assert_eq!(of(fired_about("a", Place::Standby)), Some(Place::Standby));
    let both = Signal { regions: vec!["eastus".into(), "westus".into()], ..bare.clone() };
    assert_eq!(of(both), None);
    let machine = crate::world::id_in(Place::Preferred, "managed1");
    assert_eq!(of(Signal { resources: vec![machine], ..bare }), Some(Place::Preferred));
    assert_eq!(fired("a").condition, Condition::Fired);
}

#[test]
fn three_rules_for_one_disturbance_that_our_probe_does_not_see_are_one_incident() {
    let mut desk = Desk::new();
    desk.calm(600);
    for id in ["a", "b", "c"] {
        desk.alert(&fired(id));
        desk.tick(30);
    }
    assert_eq!(desk.watch.next_incident, 2);
}

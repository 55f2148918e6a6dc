//! Everything holds within the small bounds.

use model::{Budget, Law, Scenario};

use crate::quick;

fn holds(name: &str) {
    all_hold(&quick(name));
}

fn all_hold(scenario: &Scenario) {
    let found = scenario.check(1, None);
    if let Some(finding) = found.findings.first() {
        panic!("{}: {:?} is broken:\n{}", scenario.name, finding.law, finding.story);
    }
    assert!(found.complete, "every state is seen");
    assert!(found.states > 50, "only {} states: the bounds bind too much", found.states);
}

#[test]
fn a_promotion_takes_effect_once_whoever_freezes() {
    holds("promotion, a process frozen");
}

#[test]
fn clocks_that_differ_do_no_harm() {
    holds("promotion, clocks apart");
}

#[test]
fn others_may_promote_and_fail_back_meanwhile() {
    holds("promotion, others in the portal");
}

#[test]
fn people_are_obeyed_whenever_they_speak() {
    holds("promotion, people have a say");
}

#[test]
fn a_lock_that_is_lifted_in_the_middle_leads_to_no_second_failover() {
    holds("out of a living place, locked at first");
}

#[test]
fn a_planned_promotion_keeps_all_laws_whoever_promotes_in_the_portal() {
    holds("planned promotion");
}

#[test]
fn who_is_not_told_that_its_record_was_written_does_no_harm() {
    holds("promotion, appends without answers");
}

#[test]
fn a_whole_failover_keeps_all_laws() {
    holds("failover");
}

#[test]
fn looks_without_answers_permit_nothing() {
    holds("failover, looks without answers");
}

#[test]
fn a_drill_keeps_apart_and_cleans_up() {
    holds("drill");
}

#[test]
fn the_lease_is_no_guard_and_all_laws_hold_if_everybody_gets_it() {
    let budget = Budget { lost: 1, fail_backs: 1, intruders: 1, ..Budget::default() };
    let scenario = Scenario::promotion().named("everybody gets the lease").with(budget);
    all_hold(&scenario.with_lying_leases());
}

#[test]
fn without_anybody_who_fails_back_even_late_requests_look_harmless() {
    let budget = Budget { lost: 1, ..Budget::default() };
    let naive = Scenario::promotion().with(budget).beyond_the_grace(120);
    let found = naive.in_search_of(Law::OneForcedFailover).check(1, None);

    assert!(found.complete && found.findings.is_empty());
}

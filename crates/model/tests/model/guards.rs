//! Take one guard away and the model shows what it is for.

use model::{Broken, Budget, Law, Scenario};
use recovery::limits::{CLOCKS_DIFFER_S, QUIESCE_S};

use crate::quick;

fn budget() -> Budget {
    Budget { lost: 1, fail_backs: 1, ..Budget::default() }
}

/// A law is broken within the bounds; the story is how.
fn caught(scenario: &Scenario, law: Law) -> String {
    let found = scenario.check(1, None);
    let mut findings = found.findings.into_iter();
    let finding =
        findings.next().unwrap_or_else(|| panic!("{} states and no breach", found.states));
    assert_eq!(finding.law, law);
    finding.story
}

fn without(broken: Broken, budget: Budget, law: Law) -> String {
    without_in(Scenario::promotion().with(budget), broken, law)
}

fn without_in(scenario: Scenario, broken: Broken, law: Law) -> String {
    caught(&scenario.without(broken, law), law)
}

#[test]
fn without_the_fence_of_the_journal_an_overtaken_process_forces_a_second_failover() {
    let budget = Budget { freezes: 1, fail_backs: 1, ..Budget::default() };
    without(Broken::AppendLies, budget, Law::OneForcedFailover);
}

#[test]
fn without_the_fence_of_the_journal_requests_arrive_that_nobody_journaled() {
    let budget = Budget { freezes: 1, ..Budget::default() };
    without(Broken::AppendLies, budget, Law::Journaled);
}

#[test]
fn a_store_that_writes_under_any_number_makes_journals_that_nobody_can_read() {
    let budget = Budget { freezes: 1, ..Budget::default() };
    without(Broken::AppendsAnyway, budget, Law::Readable);
}

#[test]
fn if_leases_did_not_run_out_a_run_would_end_with_its_holder() {
    let budget = Budget { freezes: 1, ..Budget::default() };
    without(Broken::LeaseLasts, budget, Law::Ends);
}

#[test]
fn without_the_check_right_before_the_wire_a_process_that_wakes_forces_a_second_failover() {
    let budget = Budget { freezes: 1, fail_backs: 1, ..Budget::default() };
    without(Broken::UncheckedWire, budget, Law::OneForcedFailover);
}

#[test]
fn without_the_quiet_time_a_late_request_is_a_second_failover() {
    // A clock that is ahead by the quiet time is as good as none.
    let impatient = Scenario::promotion().with(budget()).with_a_clock_ahead(QUIESCE_S);
    let law = Law::OneForcedFailover;
    caught(&impatient.in_search_of(law), law);
}

#[test]
fn without_the_clocks_share_of_the_quiet_time_a_second_forced_failover_is_found() {
    // Clocks that differ by so much more than they may are as good as no share.
    let apart = quick("promotion, clocks apart").with_a_clock_ahead(2 * CLOCKS_DIFFER_S);
    let law = Law::OneForcedFailover;
    caught(&apart.in_search_of(law), law);
}

#[test]
fn without_the_old_primary_in_the_baseline_what_was_failed_back_is_failed_over_again() {
    without(Broken::OldPrimaryHidden, budget(), Law::OneForcedFailover);
}

#[test]
fn without_observing_roles_what_was_promoted_is_promoted_again() {
    without(Broken::RoleByName, budget(), Law::OneForcedFailover);
}

#[test]
fn an_engine_that_sends_again_after_a_timeout_forces_a_second_failover() {
    without(Broken::Resends, budget(), Law::OneForcedFailover);
}

#[test]
fn what_may_have_been_sent_must_not_be_called_unsent() {
    without(Broken::LostIsNotSent, budget(), Law::OneForcedFailover);
}

#[test]
fn who_does_not_count_what_was_lost_sends_more_than_twice() {
    let budget = Budget { lost: 3, ..Budget::default() };
    without(Broken::LostIsNotSent, budget, Law::AtMostTwoUnknown);
}

#[test]
fn without_a_last_look_at_the_kill_switch_it_comes_too_late() {
    let budget = Budget { halts: 1, ..Budget::default() };
    without(Broken::Deaf, budget, Law::LastWord);
}

#[test]
fn without_a_last_look_at_the_inbox_an_abort_comes_too_late() {
    let budget = Budget { aborts: 1, ..Budget::default() };
    without(Broken::Deaf, budget, Law::LastWord);
}

#[test]
fn what_may_have_been_sent_and_is_called_unsent_arrives_after_an_accepted_abort() {
    let budget = Budget { lost: 1, aborts: 1, ..Budget::default() };
    without(Broken::LostIsNotSent, budget, Law::AbortObeyed);
}

#[test]
fn a_promotion_that_is_sent_although_a_retreat_has_withheld_it_arrives_after_the_abort() {
    let budget = Budget { aborts: 1, ..Budget::default() };
    without(Broken::SendsTheWithheld, budget, Law::AbortObeyed);
}

#[test]
fn a_runbook_in_which_the_promotion_does_not_wait_promotes_before_the_fence() {
    without_in(Scenario::failover(), Broken::NoFence, Law::FenceFirst);
}

#[test]
fn a_look_that_is_older_than_it_is_said_to_be_permits_what_it_must_not() {
    let budget = Budget { lost: 1, ..Budget::default() };
    without(Broken::OldSights, budget, Law::LookedBefore);
}

#[test]
fn by_old_sights_a_run_says_aborted_and_leaves_the_traffic_withdrawn() {
    let budget = Budget { aborts: 1, ..Budget::default() };
    let failover = Scenario::failover().with(budget);
    without_in(failover, Broken::OldSights, Law::AbortedAsBefore);
}

#[test]
fn if_what_was_accepted_counted_as_done_a_run_would_be_recovered_too_early() {
    without(Broken::AcceptedIsDone, Budget::default(), Law::Truthful);
}

#[test]
fn a_drill_whose_test_failover_is_sent_as_a_failover_touches_production() {
    without_in(Scenario::drill(), Broken::SendsInEarnest, Law::DrillApart);
}

#[test]
fn a_planned_promotion_that_is_sent_as_a_forced_one_is_caught() {
    let planned = Scenario::planned_promotion();
    without_in(planned, Broken::SendsInEarnest, Law::PlannedStaysPlanned);
}

#[test]
fn a_drill_whose_clean_up_is_skipped_leaves_its_machines_behind() {
    without_in(Scenario::drill(), Broken::NoCleanUp, Law::DrillTidy);
}

#[test]
fn beyond_the_grace_test_machines_appear_after_a_drill_has_ended() {
    let budget = Budget { lost: 1, aborts: 1, ..Budget::default() };
    let law = Law::DrillTidy;
    caught(&Scenario::drill().with(budget).beyond_the_grace(120).in_search_of(law), law);
}

#[test]
fn beyond_the_grace_a_late_request_is_a_second_failover_and_the_model_shows_it() {
    let law = Law::OneForcedFailover;
    let late = Scenario::promotion().with(budget()).beyond_the_grace(120).in_search_of(law);

    let story = caught(&late, law);

    assert!(story.contains("somebody fails back"), "{story}");
}

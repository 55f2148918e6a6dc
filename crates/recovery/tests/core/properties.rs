//! What holds whatever goes wrong for a while, as long as it stops going wrong.

mod chance;

use proptest::prelude::*;
use recovery::Place;
use recovery::effect::{Effect, Manner};
use recovery::event::{Event, Outcome, StepOutcome};
use recovery::limits::{QUIESCE_S, SENDS_MAX};
use recovery::runbook::{Goal, StepKind};
use recovery::view::DrillState;

use self::chance::trouble;
use crate::drive::Bench;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: Some(Box::new(
            proptest::test_runner::FileFailurePersistence::SourceParallel("regressions"),
        )),
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_goes_wrong_for_a_while_the_run_ends_and_no_law_is_broken(
        trouble in trouble(),
    ) {
        let mut bench = trouble.bench();
        let (outcome, _) = bench.run_to_end();
        nothing_destructive_takes_effect_twice(&bench);
        nothing_is_sent_too_often(&bench);
        a_promotion_waits_for_the_withdrawal(&bench);
        the_last_endpoint_stays(&bench);
        if outcome != Outcome::Aborted || !trouble.somebody_interferes() {
            the_outcome_is_the_truth(&bench, outcome);
        }
        if bench.replayed().start.runbook.is_drill() {
            crate::drills::production_is_untouched(&bench);
        }
    }

    #[test]
    fn trouble_that_loses_no_request_and_stops_within_minutes_ends_in_success(
        trouble in trouble(),
    ) {
        let trouble = trouble.without_lost_requests();
        let mut bench = trouble.bench();
        let (outcome, detail) = bench.run_to_end();
        let drilled = bench.replayed().start.runbook.is_drill();
        let good = if drilled { Outcome::Drilled } else { Outcome::Recovered };
        // A drill that needs a person and leaves nothing behind has failed.
        let given_up = outcome == Outcome::NeedsHuman || drilled && outcome == Outcome::Failed;
        prop_assert!(outcome == good || trouble.breaks_turns_off() && given_up, "{outcome:?}: {detail}");
    }
}

fn nothing_destructive_takes_effect_twice(bench: &Bench) {
    assert!(bench.world.promoted(Manner::Forced) <= 1);
    assert!(bench.world.sql.promotions.len() <= 1, "{:?}", bench.world.sql.promotions);
    assert!(bench.world.items.values().all(|item| item.moves <= 1));
    let run = bench.replayed();
    if run.start.runbook.goal == Goal::Failover(Manner::Planned) {
        let forced = run.attempts().any(|(_, attempt)| {
            matches!(attempt.effect, Effect::PromoteDatabase { manner: Manner::Forced, .. })
        });
        assert!(!forced);
    }
}

/// An ambiguous request is repeated rarely, late, and never while it may still arrive.
fn nothing_is_sent_too_often(bench: &Bench) {
    let run = bench.replayed();
    for (kind, step) in &run.steps {
        for attempt in &step.attempts {
            let ambiguous: Vec<_> = step
                .attempts
                .iter()
                .filter(|other| other.effect == attempt.effect && other.is_unresolved())
                .collect();
            assert!(ambiguous.len() <= SENDS_MAX, "{}", kind.name());
            for pair in ambiguous.windows(2) {
                let pause = pair[1].intended_at.duration_since(pair[0].intended_at);
                assert!(pause.as_secs() >= QUIESCE_S, "{} s", pause.as_secs());
            }
        }
    }
}

/// Users are led away before the database moves, or have been tried to for long enough.
fn a_promotion_waits_for_the_withdrawal(bench: &Bench) {
    let mut settled = false;
    for (_, event) in bench.events() {
        match event {
            Event::StepEnded { step: StepKind::WithdrawTraffic, .. }
            | Event::StepOverdue { step: StepKind::WithdrawTraffic } => settled = true,
            Event::Intended { effect, .. } if effect.is_point_of_no_return() => assert!(settled),
            _ => {}
        }
    }
}

fn the_last_endpoint_stays(bench: &Bench) {
    let mut enabled = bench.world.endpoints.clone();
    for on in enabled.values_mut() {
        *on = true;
    }
    for arrival in &bench.world.ledger {
        if let Effect::SetEndpoint { endpoint, enabled: on, .. } = &arrival.effect {
            let standby = *endpoint == bench.world.plan.standby.traffic_endpoint;
            let place = if standby { Place::Standby } else { Place::Preferred };
            enabled.insert(place, *on);
            assert!(enabled.values().any(|on| *on));
        }
    }
}

fn the_outcome_is_the_truth(bench: &Bench, outcome: Outcome) {
    let world = &bench.world;
    match outcome {
        Outcome::Recovered | Outcome::Degraded => {
            assert_eq!(world.sql.primary, Place::Standby);
            assert!(world.serves(Place::Standby));
            assert!(world.leads_to().contains(&Place::Standby));
            if outcome == Outcome::Recovered {
                assert!(!world.endpoints[&Place::Preferred]);
                assert_eq!(world.healthy_members(Place::Standby), 3);
            }
        }
        Outcome::Drilled | Outcome::Failed => {
            assert!(world.items.values().all(|item| item.drill == DrillState::None));
        }
        Outcome::Aborted => {
            assert!(world.sql.promotions.is_empty());
            assert!(world.items.values().all(|item| item.moves == 0));
            assert!(world.endpoints[&Place::Preferred]);
        }
        Outcome::NeedsHuman => {
            let run = bench.replayed();
            let asked = run.steps.values().filter_map(recovery::run::StepRun::outcome);
            assert!(asked.into_iter().any(|outcome| outcome != StepOutcome::Succeeded));
        }
    }
}

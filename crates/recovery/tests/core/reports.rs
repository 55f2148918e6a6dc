//! What people read: the report of a run, and the preview of one.

use std::collections::BTreeMap;

use recovery::Place;
use recovery::effect::{Effect, Manner};
use recovery::event::{Outcome, Sight};
use recovery::look::Look;
use recovery::preview::{self, PreviewStep, Sights};
use recovery::report::StepProgress;
use recovery::runbook::{self, StepKind};
use recovery::view::Replication;

use crate::drive::{Bench, cafe, start_of_time};
use crate::script::Fate;
use crate::world::World;

fn preview(world: &mut World, manner: Manner) -> (Vec<PreviewStep>, Vec<String>) {
    let plan = world.plan.clone();
    let runbook = runbook::failover(manner, Place::Preferred);
    let sights: Sights = preview::looks(&plan, &runbook)
        .into_iter()
        .map(|look| {
            let unknown = || Sight::Unknown("no answer in time".to_owned());
            let sight = world.see(&look, None).unwrap_or_else(unknown);
            (look, sight)
        })
        .collect();
    preview::preview(&plan, &runbook, &sights)
}

fn subjects(steps: &[PreviewStep]) -> Vec<String> {
    steps.iter().map(|step| step.effect.subject()).collect()
}

#[test]
fn a_preview_names_what_a_forced_failover_then_sends_in_its_order() {
    let mut world = World::lost(cafe(), start_of_time());
    let (steps, obstacles) = preview(&mut world, Manner::Forced);
    let told: Vec<_> =
        subjects(&steps).into_iter().filter(|text| !text.starts_with("stop")).collect();
    let mut bench = Bench::region_lost();
    bench.run_to_end();
    let sent: Vec<_> = bench.world.ledger.iter().map(|arrival| arrival.effect.subject()).collect();
    // Of the addresses' interfaces nobody knows the names before.
    assert_eq!(told[..3], sent[..3]);
    assert_eq!(told.len(), sent.len());
    assert!(obstacles.iter().any(|text| text.contains("sqlserverprimary-cafe")), "{obstacles:?}");
}

#[test]
fn a_preview_shows_what_has_no_name_yet_as_a_template() {
    let mut world = World::new(cafe(), start_of_time());
    let (steps, _) = preview(&mut world, Manner::Planned);
    let templates: Vec<_> = steps.iter().filter(|step| step.template).collect();
    assert_eq!(templates.len(), 2);
    assert!(templates.iter().all(|step| step.step == StepKind::AttachPublicIps));
}

#[test]
fn a_preview_leaves_out_what_is_so_already() {
    let mut world = World::new(cafe(), start_of_time());
    world.sql.primary = Place::Standby;
    world.endpoints.insert(Place::Preferred, false);
    let (steps, _) = preview(&mut world, Manner::Forced);
    let kinds: Vec<_> = steps.iter().map(|step| step.step).collect();
    assert!(!kinds.contains(&StepKind::PromoteSql));
    assert!(!kinds.contains(&StepKind::WithdrawTraffic));
    assert!(kinds.contains(&StepKind::FailOverMachines));
}

#[test]
fn a_preview_forces_only_a_primary_that_does_not_answer() {
    let manner_of = |mut world: World| {
        let (steps, _) = preview(&mut world, Manner::Forced);
        steps.into_iter().find_map(|step| match step.effect {
            Effect::PromoteDatabase { manner, .. } => Some(manner),
            _ => None,
        })
    };
    assert_eq!(manner_of(World::new(cafe(), start_of_time())), Some(Manner::Planned));
    assert_eq!(manner_of(World::lost(cafe(), start_of_time())), Some(Manner::Forced));
}

#[test]
fn a_preview_tells_what_would_stop_the_run() {
    let mut world = World::new(cafe(), start_of_time());
    world.sql.replication = Replication::Seeding;
    world.endpoints.insert(Place::Standby, false);
    let (_, obstacles) = preview(&mut world, Manner::Planned);
    assert_eq!(
        obstacles,
        [
            "the secondary database is not seeded",
            "the other place's endpoint is missing or disabled"
        ]
    );
}

#[test]
fn a_preview_of_a_standing_drill_says_that_it_is_cleaned_up_first() {
    let mut world = World::lost(cafe(), start_of_time());
    world.leave_a_drill_standing();
    let (steps, _) = preview(&mut world, Manner::Forced);
    let at = |kind| steps.iter().position(|step| step.step == kind);
    assert!(at(StepKind::CleanUpDrill).unwrap() < at(StepKind::FailOverMachines).unwrap());
}

#[test]
fn a_preview_without_any_answer_still_shows_every_request() {
    let plan = cafe();
    let runbook = runbook::failover(Manner::Forced, Place::Preferred);
    let (steps, _) = preview::preview(&plan, &runbook, &BTreeMap::new());
    let kinds: Vec<_> = steps.iter().map(|step| step.step).collect();
    for kind in [StepKind::WithdrawTraffic, StepKind::PromoteSql, StepKind::FailOverMachines] {
        assert!(kinds.contains(&kind));
    }
}

#[test]
fn the_report_of_an_open_run_tells_what_is_waited_for() {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", [Fate::LostBefore]);
    bench.run_until(40);
    let report = bench.report();
    assert_eq!((report.outcome, report.ended_at), (None, None));
    let promote = report.steps.iter().find(|step| step.name == StepKind::PromoteSql).unwrap();
    assert_eq!(promote.state, StepProgress::Active);
    assert_eq!(promote.attempts[0].state, "no answer: no answer in time");
    let close = report.steps.iter().find(|step| step.name == StepKind::Close).unwrap();
    assert_eq!(close.state, StepProgress::Waiting);
}

#[test]
fn the_report_of_a_failover_tells_when_the_machines_data_stood() {
    let mut bench = Bench::region_lost();
    bench.run_to_end();
    let report = bench.report();
    assert_eq!(report.recovery_points.len(), 5);
    assert!(report.recovery_points.iter().all(|point| point.at < start_of_time()));
}

#[test]
fn every_look_and_every_effect_says_in_words_what_it_is_about() {
    let mut bench = Bench::region_lost();
    bench.run_to_end();
    let run = bench.replayed();
    assert!(run.sights.keys().map(Look::subject).all(|subject| !subject.contains('/')));
    let effects = run.attempts().map(|(_, attempt)| attempt.effect.subject());
    assert!(effects.into_iter().all(|subject| !subject.contains("/subscriptions")));
}

#[test]
fn an_end_that_a_step_spoils_beside_the_closing_has_not_been_told() {
    let ended_and_told = |refusals| {
        let mut bench = Bench::telling();
        bench.script.send("attach public IP", vec![Fate::Refused(Some(60)); refusals]);
        let (outcome, _) = bench.run_to_end();
        (outcome, bench.replayed().has_told())
    };
    assert_eq!(ended_and_told(0), (Outcome::Recovered, true));
    assert_eq!(ended_and_told(1000), (Outcome::Degraded, false));
}

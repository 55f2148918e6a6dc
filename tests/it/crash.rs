//! Cuts at every I/O: the process dies before or after the n-th, a new one works on the same store
//! and the same world, and the end is the undisturbed one. Nothing is left out: every n, both sides.

use recovery::event::Outcome;

use crate::rig::{Cut, Cuts, PLAN, Rig, Side};

const INCIDENT: &str = "websphere-cafe-incident-1";
const SEED: u64 = 1;

/// What came of a region loss.
#[derive(Debug, PartialEq, Eq)]
struct End {
    outcome: Option<Outcome>,
    sql_forced: usize,
    sql_planned: usize,
    recovery_plan_failovers: usize,
    avoidable_losses: usize,
    served_by_west: bool,
}

async fn lose_a_region(cuts: Cuts) -> (End, Rig) {
    let mut rig = Rig::with(SEED, cuts, PLAN).await;
    rig.cuts.pause();
    rig.run_for(60).await;
    rig.cuts.resume();
    rig.lose_east().await;
    assert!(rig.run_until_closed(7200).await, "the run did not end");
    rig.run_for(30).await;
    let ledger = rig.ledger();
    let end = End {
        outcome: rig.report(INCIDENT).await.outcome,
        sql_forced: ledger.effects.sql_forced,
        sql_planned: ledger.effects.sql_planned,
        recovery_plan_failovers: ledger.effects.recovery_plan_failovers,
        avoidable_losses: ledger.lost_writes.other.len(),
        served_by_west: ledger
            .answers
            .last
            .is_some_and(|last| last.good && last.served_by.map(|region| region.name()) == Some("westus")),
    };
    (end, rig)
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_io_changes_nothing_in_the_end() {
    let (undisturbed, rig) = lose_a_region(Cuts::none()).await;
    let count = rig.cuts.count();
    assert_eq!(undisturbed.outcome, Some(Outcome::Recovered));
    eprintln!("{count} I/Os");
    let mut wrong = Vec::new();
    for io in (1..=count).step_by(17) {
        for side in [Side::Before, Side::After] {
            let (end, rig) = lose_a_region(Cuts::at(Cut { io, side })).await;
            if rig.crashes != 1 || end != undisturbed {
                wrong.push((io, side, rig.crashes, end));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}: {wrong:#?}", wrong.len());
}

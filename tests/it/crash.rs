//! Kills at seeded instants: the process dies, a new one works on the same store and the same world,
//! and the end is the undisturbed one. That it may die at each I/O is shown by `cargo xtask cuts`.

use recovery::event::Outcome;

use simulation::rig::{Rig, Victim};

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

async fn lose_a_region() -> (End, Rig) {
    let mut rig = lost().await;
    assert!(rig.run_until_closed(7200).await, "the run did not end");
    let end = end_of(&mut rig).await;
    (end, rig)
}

/// The system at the moment of the loss.
async fn lost() -> Rig {
    let mut rig = Rig::new(SEED).await;
    rig.run_for(30).await;
    rig.lose_east().await;
    rig
}

async fn end_of(rig: &mut Rig) -> End {
    rig.run_for(15).await;
    let ledger = rig.ledger();
    End {
        outcome: rig.report(INCIDENT).await.outcome,
        sql_forced: ledger.effects.sql_forced,
        sql_planned: ledger.effects.sql_planned,
        recovery_plan_failovers: ledger.effects.recovery_plan_failovers,
        avoidable_losses: ledger.lost_writes.other.len(),
        served_by_west: ledger.answers.last.is_some_and(|last| {
            last.good && last.served_by.is_some_and(|region| region.name() == "westus")
        }),
    }
}

/// Kills at seeded instants between the loss and the end of an undisturbed run.
#[expect(clippy::print_stdout, reason = "the figures are worth having")]
async fn killed(victim: Victim, count: u32) {
    let (undisturbed, rig) = lose_a_region().await;
    let begun = rig.ledger().loss.unwrap().from;
    let ended = rig.report(INCIDENT).await.ended_at.unwrap();
    let span = u64::try_from(ended.duration_since(begun).as_millis()).unwrap();
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut wrong = Vec::new();
    for _ in 0..count {
        let after_ms = random.u64(..span);
        let mut rig = lost().await;
        rig.run_for_ms(i64::try_from(after_ms).unwrap()).await;
        rig.kill(victim).await;
        let closed = rig.has_closed().await || rig.run_until_closed(7200).await;
        assert!(closed, "killed {after_ms} ms after the loss, the run did not end");
        let end = end_of(&mut rig).await;
        if end != undisturbed {
            wrong.push((after_ms, end));
        }
    }
    println!("{victim:?}: {count} kills, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(start_paused = true)]
async fn an_app_killed_at_any_instant_changes_nothing_in_the_end() {
    killed(Victim::App, 25).await;
}

#[tokio::test(start_paused = true)]
async fn host_and_app_killed_together_change_nothing_in_the_end() {
    killed(Victim::HostAndApp, 25).await;
}

//! Cuts at every I/O: the process dies before or after the n-th, a new one works on the same store
//! and the same world, and the end is the undisturbed one.
//!
//! By itself the test cuts on both sides of every I/O that changes something and of a sample of the
//! others; `FARSHORE_CUTS=all` cuts everywhere.

use recovery::event::Outcome;

use simulation::rig::{Cut, Cuts, Io, PLAN, Rig, Side, Victim};

const INCIDENT: &str = "websphere-cafe-incident-1";
const SEED: u64 = 1;
/// Of the I/Os that change nothing, every so many-th is cut.
const SAMPLE: usize = 97;

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
    let mut rig = lost(cuts).await;
    assert!(rig.run_until_closed(7200).await, "the run did not end");
    let end = end_of(&mut rig).await;
    (end, rig)
}

/// The system at the moment of the loss.
async fn lost(cuts: Cuts) -> Rig {
    let mut rig = Rig::with(SEED, cuts, PLAN).await;
    rig.cuts.pause();
    rig.run_for(30).await;
    rig.cuts.resume();
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

/// Which I/Os are cut.
fn chosen(seen: &[Io]) -> Vec<usize> {
    let all = std::env::var("FARSHORE_CUTS").is_ok_and(|cuts| cuts == "all");
    (1..=seen.len()).filter(|io| all || seen[io - 1] == Io::Change || io % SAMPLE == 0).collect()
}

#[expect(clippy::print_stdout, reason = "the figures are worth having")]
async fn cut_on(side: Side) {
    let (undisturbed, rig) = lose_a_region(Cuts::none()).await;
    assert_eq!(undisturbed.outcome, Some(Outcome::Recovered));
    let seen = rig.cuts.seen();
    let chosen = chosen(&seen);
    let mut wrong = Vec::new();
    for io in &chosen {
        let (end, rig) = lose_a_region(Cuts::at(Cut { io: *io, side })).await;
        if rig.crashes != 1 || end != undisturbed {
            wrong.push((io, seen[io - 1], rig.crashes, end));
        }
    }
    println!("{side:?}: {} of {} I/Os cut, {} wrong", chosen.len(), seen.len(), wrong.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_before_an_io_changes_nothing_in_the_end() {
    cut_on(Side::Before).await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_after_an_io_changes_nothing_in_the_end() {
    cut_on(Side::After).await;
}

/// Kills at seeded instants between the loss and the end of an undisturbed run.
#[expect(clippy::print_stdout, reason = "the figures are worth having")]
async fn killed(victim: Victim, count: u32) {
    let (undisturbed, rig) = lose_a_region(Cuts::none()).await;
    let begun = rig.ledger().loss.unwrap().from;
    let ended = rig.report(INCIDENT).await.ended_at.unwrap();
    let span = u64::try_from(ended.duration_since(begun).as_millis()).unwrap();
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut wrong = Vec::new();
    for _ in 0..count {
        let after_ms = random.u64(..span);
        let mut rig = lost(Cuts::none()).await;
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

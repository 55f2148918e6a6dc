//! Kills at seeded instants: the process dies, a new one works on the same store and the same world,
//! and the end is the undisturbed one. That it may die at each I/O is shown by `cargo xtask cuts`.
//! An upgrade of a running installation is such a kill, and another version comes back.

use jiff::SignedDuration;
use recovery::event::{Event, Outcome, Record};

use simulation::rig::{Rig, Victim};
use simulator::ledger::Effects;

const INCIDENT: &str = "websphere-cafe-incident-1";
const SEED: u64 = 1;

/// What came of a region loss.
#[derive(Debug, PartialEq, Eq)]
struct End {
    outcome: Option<Outcome>,
    effects: Effects,
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
        effects: ledger.effects,
        avoidable_losses: ledger.lost_writes.other.len(),
        served_by_west: ledger.answers.last.is_some_and(|last| {
            last.good && last.served_by.is_some_and(|region| region.name() == "westus")
        }),
    }
}

/// How many milliseconds after the loss an undisturbed run begins and ends.
async fn span(rig: &Rig) -> (i64, i64) {
    let lost = rig.ledger().loss.unwrap().from;
    let report = rig.report(INCIDENT).await;
    let since = |at: jiff::Timestamp| i64::try_from(at.duration_since(lost).as_millis()).unwrap();
    (since(report.started_at), since(report.ended_at.unwrap()))
}

/// Kills at seeded instants between the loss and the end of an undisturbed run.
#[expect(clippy::print_stdout, reason = "the figures are worth having")]
async fn killed(victim: Victim, count: u32) {
    let (undisturbed, rig) = lose_a_region().await;
    let (_, ended) = span(&rig).await;
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut wrong = Vec::new();
    for _ in 0..count {
        let after_ms = random.i64(0..ended);
        let mut rig = lost().await;
        rig.run_for_ms(after_ms).await;
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

/// The turns that wrote a run's journal, in order: which version each belonged to.
async fn versions(rig: &Rig) -> Vec<String> {
    let records = rig.store.read(INCIDENT, 0).await.unwrap();
    let records = records.iter().map(|it| serde_json::from_slice::<Record>(it).unwrap());
    let holder = |event| match event {
        Event::HolderChanged { holder, .. } => holder.split('-').next().map(str::to_owned),
        _ => None,
    };
    records.flat_map(|record| record.events).filter_map(holder).collect()
}

/// Upgrades so many milliseconds after the loss, to v1, v2 and so on; and who wrote the journal.
async fn upgraded(after_ms: &[i64]) -> (End, Vec<String>) {
    let mut rig = lost().await;
    let begun = rig.now();
    for (number, after_ms) in after_ms.iter().enumerate() {
        let due = begun + SignedDuration::from_millis(*after_ms);
        let wait = due.duration_since(rig.now()).as_millis();
        rig.run_for_ms(i64::try_from(wait).unwrap()).await;
        rig.upgrade(&format!("v{}", number + 1)).await;
    }
    let closed = rig.has_closed().await || rig.run_until_closed(7200).await;
    assert!(closed, "upgraded {after_ms:?} ms after the loss, the run did not end");
    (end_of(&mut rig).await, versions(&rig).await)
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_in_the_middle_of_a_failover_is_carried_on_by_the_new_version() {
    let (undisturbed, rig) = lose_a_region().await;
    let (begun, ended) = span(&rig).await;

    let (end, mut versions) = upgraded(&[i64::midpoint(begun, ended)]).await;

    assert_eq!(end, undisturbed);
    versions.dedup();
    assert_eq!(versions, ["app", "v1"], "the new version goes on with the old one's journal");
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_at_any_instant_from_the_loss_to_the_end_changes_nothing_in_the_end() {
    let (undisturbed, rig) = lose_a_region().await;
    let (_, ended) = span(&rig).await;
    for part in 0..8 {
        let after_ms = ended * part / 8;

        let (end, versions) = upgraded(&[after_ms]).await;

        assert_eq!(end, undisturbed, "upgraded {after_ms} ms after the loss");
        assert!(versions.is_sorted(), "the old version came back: {versions:?}");
        assert_eq!(versions.last().unwrap(), "v1", "upgraded {after_ms} ms after the loss");
    }
}

#[tokio::test(start_paused = true)]
async fn four_upgrades_during_one_failover_leave_it_as_it_would_have_been() {
    let (undisturbed, rig) = lose_a_region().await;
    let (begun, ended) = span(&rig).await;
    let fifth = (ended - begun) / 5;

    let (end, mut versions) = upgraded(&[1, 2, 3, 4].map(|part| begun + part * fifth)).await;

    assert_eq!(end, undisturbed);
    versions.dedup();
    assert_eq!(versions, ["app", "v1", "v2", "v3", "v4"]);
}

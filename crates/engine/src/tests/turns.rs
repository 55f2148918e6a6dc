//! Two turns of one run, what people said in the middle of one, and what follows from a run's end.

use futures::future::join;
use recovery::Place;
use recovery::effect::Manner;
use recovery::event::Outcome;
use recovery::run::Run;
use recovery::turn::{Action, Finish, Input};
use recovery::watch::Watch;

use super::doors::{Shell, WORKLOAD};
use crate::advance::Subject;
use crate::{FailoverRequest, KillSwitch, documents};

/// The journal of a failover that went well.
pub(super) const RECOVERED: &str =
    include_str!("../../../recovery/tests/fixtures/journals/v1/region-lost.jsonl");

/// A shell with a run that has just begun.
async fn begun() -> (Shell, String) {
    let shell = Shell::alone().with_plan(|_| {}).await;
    let (manner, reason) = (Manner::Forced, "lost".to_owned());
    let request = FailoverRequest { manner, reason };
    let started = shell.engine.fail_over(WORKLOAD, &request, "ann").await.unwrap();
    (shell, started.run)
}

#[tokio::test]
async fn of_two_turns_of_one_run_in_one_process_one_works_and_the_other_gives_way() {
    let (shell, run) = begun().await;
    let (one, other) = join(shell.engine.advance(&run), shell.engine.advance(&run)).await;
    assert_eq!([one.unwrap(), other.unwrap()], [Finish::Waiting, Finish::Busy]);
}

#[tokio::test]
async fn whoever_renews_a_lease_learns_that_everything_was_stopped_meanwhile() {
    let (shell, run) = begun().await;
    let halted = async || match shell
        .engine
        .perform(&run, "holder", Action::RenewLease, Subject::default())
        .await
    {
        Input::Renewed { halted, .. } => halted,
        other => panic!("{other:?}"),
    };
    assert!(!halted().await);
    let switch = KillSwitch { on: true, by: "ann".to_owned(), reason: "works".to_owned() };
    shell.engine.set_kill_switch(&switch).await.unwrap();
    assert!(halted().await);
}

#[tokio::test]
async fn a_workload_is_where_its_database_is_even_if_its_run_ended_in_need_of_a_person() {
    let shell = Shell::alone().with_plan(|_| {}).await;
    let needy = RECOVERED.replace("\"outcome\":\"recovered\"", "\"outcome\":\"needs_human\"");
    let records: Vec<_> = needy.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let run = Run::replay(&records).unwrap();
    assert_eq!(run.ended.as_ref().unwrap().0, Outcome::NeedsHuman);
    let begun = |watch: &mut Watch| {
        watch.run_begun(&run.start.plan, &run.start.run, "lost", run.started_at);
    };
    documents::change_watch(shell.store(), WORKLOAD, begun).await.unwrap();
    shell.engine.settle(&run).await.unwrap();
    assert_eq!(shell.engine.workload(WORKLOAD).await.unwrap().watch.active, Place::Standby);
}

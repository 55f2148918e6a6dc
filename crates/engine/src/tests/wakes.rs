//! The chain of wakes: one wake is awaited, and it is on the queue.

use jiff::SignedDuration;
use recovery::turn::Finish;

use super::doors::Shell;
use crate::wakes::{Chain, Wake, Woken};

const RUN: &str = "websphere-cafe-incident-1";

async fn wake_in(shell: &Shell, seconds: i64) -> Wake {
    let at = shell.now() + SignedDuration::from_secs(seconds);
    shell.engine.wake_at(RUN, at, Chain::Link).await;
    let [message] = &shell.bus.take()[..] else { panic!("one message") };
    assert_eq!(message.at, Some(at));
    serde_json::from_slice(&message.body).unwrap()
}

#[tokio::test]
async fn a_wake_that_is_due_already_is_sent_like_any_other() {
    let shell = Shell::alone();
    for seconds in [-30, 0, 10] {
        wake_in(&shell, seconds).await;
    }
}

#[tokio::test]
async fn no_two_wakes_have_one_message_id_or_the_queue_would_drop_the_second() {
    let shell = Shell::alone();
    let at = shell.now();
    shell.engine.wake_at(RUN, at, Chain::Link).await;
    shell.engine.wake_at(RUN, at, Chain::Link).await;
    shell.engine.wake_now(RUN).await;
    let mut ids: Vec<_> = shell.bus.take().into_iter().map(|message| message.id).collect();
    assert_eq!(ids.len(), 3);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn a_wake_that_is_awaited_no_more_is_stale_and_begins_no_turn() {
    let shell = Shell::alone();
    let first = wake_in(&shell, 10).await;
    let second = wake_in(&shell, 20).await;
    assert_eq!(shell.engine.woken(&first).await.unwrap(), Woken::Stale);
    // There is no such run; that the turn says so shows that it was begun.
    let taken = shell.engine.woken(&second).await.unwrap();
    assert!(matches!(taken, Woken::Turn(Finish::Unreadable(_))), "{taken:?}");
}

#[tokio::test]
async fn a_broken_note_of_the_awaited_wake_holds_up_nothing_and_is_written_over() {
    let shell = Shell::alone();
    let note = format!("wakes/{RUN}");
    shell.store().put_document(&note, None, b"{\"wake\":").await.unwrap();
    assert!(shell.engine.is_forgotten(RUN).await.unwrap(), "the sweep gives it a turn");
    let wake = wake_in(&shell, 10).await;
    assert!(!shell.engine.is_forgotten(RUN).await.unwrap());
    let taken = shell.engine.woken(&wake).await.unwrap();
    assert!(matches!(taken, Woken::Turn(_)), "{taken:?}");
}

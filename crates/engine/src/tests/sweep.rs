//! What the sweep finds again.

use recovery::effect::Manner;

use super::doors::{Shell, WORKLOAD, cafe};
use crate::FailoverRequest;

/// Takes the run off the list, as a sweep does that has met it before its first record, and sweeps.
async fn is_found_again(shell: &Shell, run: &str) -> bool {
    shell.store().close_run(run).await.unwrap();
    shell.engine.sweep().await.unwrap();
    shell.engine.open_runs().await.unwrap() == [run]
}

#[tokio::test]
async fn a_run_that_was_taken_off_the_list_while_it_began_is_put_on_it_again() {
    let shell = Shell::alone().with_plan(|_| {}).await;
    let drill = shell.engine.drill_now(cafe(), "ann", "an audit").await.unwrap();
    assert!(is_found_again(&shell, &drill).await);

    let shell = Shell::alone().with_plan(|_| {}).await;
    let request = FailoverRequest { manner: Manner::Forced, reason: "lost".to_owned() };
    let failover = shell.engine.fail_over(WORKLOAD, &request, "ann").await.unwrap().run;
    assert!(is_found_again(&shell, &failover).await);
}

//! Plans, as people write them.

use std::str;

use recovery::Plan;

use crate::judge::says_why;

/// A plan that is taken in is the same when it is stored and read again, and its drills come due.
/// One that is refused says everything that is wrong, each with its place, in words that are not the
/// file's own.
pub(crate) fn plan(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let answer = Plan::parse(text);
    assert_eq!(answer, Plan::parse(text), "the same plan, read twice");
    match answer {
        Ok(plan) => {
            let stored = serde_json::to_string(&plan).unwrap();
            assert_eq!(Plan::parse(&stored).as_ref(), Ok(&plan));
            assert_eq!(serde_json::from_str::<Plan>(&stored).unwrap(), plan);
            if let Some(drill) = &plan.drill {
                assert!(drill.next_after("2026-11-22T10:00:00Z".parse().unwrap()).is_some());
            }
        }
        Err(errors) => {
            assert!((1..=100).contains(&errors.0.len()), "{} errors", errors.0.len());
            let lines = text.split('\n').count();
            for error in &errors.0 {
                says_why(&error.problem);
                says_why(&error.mend);
                assert!(error.pointer.is_empty() || error.pointer.starts_with('/'), "{error}");
                assert!(error.pointer.len() <= 300 + 2 * text.len());
                assert!((1..=lines).contains(&error.line) && error.column >= 1, "{error}");
            }
        }
    }
}

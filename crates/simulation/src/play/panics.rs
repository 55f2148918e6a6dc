//! What panics while a story is played. The app catches its own panics and tries again later, so
//! that a story would go on and end well: the hook notes them wherever they are caught. A story is
//! played by one thread.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

use super::{Ending, Failure};

pub(super) const CHECK: &str = "nothing-panics";

thread_local! {
    /// The panics of the story that this thread plays, if it plays one.
    static NOTED: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Plays; what has panicked meanwhile is the failure, whatever else came of it.
pub(super) fn watched(play: impl FnOnce() -> Ending) -> Ending {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(listen);
    NOTED.set(Some(Vec::new()));
    let played = panic::catch_unwind(AssertUnwindSafe(play));
    let noted = NOTED.take().unwrap_or_default();
    let mut ending = played.unwrap_or_default();
    if let Some(what) = noted.into_iter().next() {
        let at_s = ending.failure.map_or(ending.seconds, |failure| failure.at_s);
        ending.failure = Some(Failure { check: CHECK, at_s, what });
    }
    ending
}

/// The first panic so far.
pub(super) fn noted() -> Option<String> {
    NOTED.with_borrow(|noted| noted.as_ref()?.first().cloned())
}

/// Where no story is played, a panic is told as usual.
fn listen() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if !note(panic) {
            usual(panic);
        }
    }));
}

fn note(panic: &PanicHookInfo<'_>) -> bool {
    NOTED.with_borrow_mut(|noted| {
        let Some(all) = noted else { return false };
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        all.push(format!("{} at {place}", panic.payload_as_str().unwrap_or("it")));
        true
    })
}

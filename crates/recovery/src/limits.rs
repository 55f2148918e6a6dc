//! The numbers of the protocol, in seconds unless the name says otherwise. They are stated here,
//! once, so that a reader can check the arithmetic of the promises made from them.

use jiff::{SignedDuration, Timestamp};

/// A look that has not answered after this is *unknown*.
pub const LOOK_LIMIT_S: i64 = 5;
/// A look older than this does not permit an effect: observe right before acting.
pub const FRESH_S: i64 = 10;
/// How often an active step looks at what it waits for; an end is seen within 5 s.
pub const LOOK_INTERVAL_S: i64 = 4;
/// A step that is blocked or whose look does not answer is looked at this often.
pub const SLOW_LOOK_INTERVAL_S: i64 = 10;

/// An intended effect that has not been sent this long after it was journaled is never sent.
pub const SEND_WITHIN_S: i64 = 15;
/// A request whose answer has not come after this is given up; it may have taken effect.
pub const SEND_LIMIT_S: i64 = 10;
/// How long after that a request may still arrive and take effect (assumed; see the docs).
pub const GRACE_S: i64 = 30;
/// By how much the clocks of two processes differ at most (assumed): who repeats a request may have
/// a faster one than its first sender.
pub const CLOCKS_DIFFER_S: i64 = 5;
/// After an ambiguous outcome nothing is sent again before this much time since the intent.
pub const QUIESCE_S: i64 = SEND_WITHIN_S + SEND_LIMIT_S + GRACE_S + CLOCKS_DIFFER_S;
/// An accepted request, or a job's end, shows in what it changes within this (assumed; 1.3 to 3 s
/// were recorded).
pub const SHOWN_S: i64 = 15;
/// How often one and the same request may be sent when its outcome stays unknown.
pub const SENDS_MAX: usize = 2;
/// How often a request may be repeated that was definitely refused or whose operation failed.
pub const REFUSALS_MAX: usize = 40;
/// The pause after a definite refusal that names none.
pub const REFUSAL_PAUSE_S: i64 = 10;
/// The pause before a repeat-safe request (same body, same end state) is sent again.
pub const REPEAT_PAUSE_S: i64 = 10;

/// For how long a holder holds a run. It gives up by its own clock before this ends.
pub const LEASE_S: i64 = 40;
/// What must be left of the lease when a request is sent, beyond the request's own limit.
pub const LEASE_MARGIN_S: i64 = 5;
/// After this a turn looks at nothing new; what it has intended it still sends.
pub const TURN_S: i64 = 30;
/// The longest pause between two turns of an open run.
pub const WAKE_MAX_S: i64 = 30;

/// For how long our own probe of the application must have failed before the region counts as lost.
pub const PROBE_FAILING_S: i64 = 60;
/// A planned promotion is tried only if the primary's port accepted a connection this recently.
pub const PORT_FRESH_S: i64 = 30;
/// How long a planned promotion may take inside a forced failover before it is forced.
pub const PLANNED_PATIENCE_S: i64 = 90;

/// The longest time that is ever added to another: what is stored may say any number.
const LONGEST_S: i64 = 100 * 366 * 86_400;
/// The first day of the year 9000: the calendar ends so late after it that no sum goes beyond.
const LATEST: Timestamp = Timestamp::constant(221_845_392_000, 0);

pub(crate) fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count.clamp(-LONGEST_S, LONGEST_S))
}

/// Whether a clock can have told this time.
pub(crate) fn is_told_by_a_clock(at: Timestamp) -> bool {
    (Timestamp::UNIX_EPOCH..LATEST).contains(&at)
}

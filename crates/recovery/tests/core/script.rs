//! What goes wrong in a scenario, said in advance.

use std::collections::{BTreeMap, VecDeque};

use recovery::effect::Effect;

/// What becomes of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    Answered,
    /// It never arrives, and no answer comes.
    LostBefore,
    /// It arrives; the answer is lost.
    LostAfter,
    /// It arrives so many seconds after its sender has given it up.
    Late(i64),
    /// It is refused before it does anything.
    Refused(Option<i64>),
    /// It does not leave the machine.
    NotSent,
    /// The process dies before the request leaves.
    CrashBefore,
    /// The request arrives, and the process dies before the answer.
    CrashAfter,
    /// The process freezes for so many seconds between its check and its request.
    Frozen(i64),
}

/// What goes wrong with the n-th action of whoever performs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disturbance {
    /// The process dies instead.
    CrashBefore,
    /// The process dies right after.
    CrashAfter,
    /// If it is a look, nothing answers.
    Blind,
    /// If it is for the store, the store does not answer and has done nothing.
    StoreFails,
    /// If it is for the store, the store has done it and does not answer.
    StoreFailsAfter,
    /// If it is a wish to be woken, nobody wakes.
    WakeLost,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    /// By a text in the request's subject: the fates of the first ones.
    sends: Vec<(&'static str, VecDeque<Fate>)>,
    /// The fates of the first requests, whatever they are.
    pub(crate) any_sends: VecDeque<Fate>,
    pub(crate) disturbances: BTreeMap<usize, Disturbance>,
    /// Looks whose subject contains the text see nothing from one second to another.
    blind: Vec<(&'static str, i64, i64)>,
}

impl Script {
    /// The first requests whose subject contains the text meet these fates.
    pub(crate) fn send(&mut self, subject: &'static str, fates: impl IntoIterator<Item = Fate>) {
        self.sends.push((subject, fates.into_iter().collect()));
    }

    pub(crate) fn blind(&mut self, subject: &'static str, from_s: i64, until_s: i64) {
        self.blind.push((subject, from_s, until_s));
    }

    pub(crate) fn fate(&mut self, effect: &Effect) -> Fate {
        let subject = effect.subject();
        self.sends
            .iter_mut()
            .find(|(text, fates)| subject.contains(text) && !fates.is_empty())
            .and_then(|(_, fates)| fates.pop_front())
            .or_else(|| self.any_sends.pop_front())
            .unwrap_or(Fate::Answered)
    }

    pub(crate) fn is_blind(&self, subject: &str, second: i64) -> bool {
        self.blind
            .iter()
            .any(|(text, from, until)| subject.contains(text) && (*from..*until).contains(&second))
    }
}

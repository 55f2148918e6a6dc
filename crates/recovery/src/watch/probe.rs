//! Our own probe of the application in the active place, the first of the three witnesses.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::event::Sight;
use crate::limits::{PROBE_FAILING_S, seconds};
use crate::view::View;

/// What it has shown lately.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Probe {
    pub last_at: Option<Timestamp>,
    pub failing_since: Option<Timestamp>,
    pub good_since: Option<Timestamp>,
    pub detail: String,
}

impl Probe {
    /// Takes in what a probe that began at that time came to.
    pub(super) fn took(&mut self, began: Timestamp, sight: &Sight) {
        if self.last_at.is_some_and(|last| last >= began) {
            return;
        }
        // Over a time in which nobody probed, nothing is known to have gone on.
        let gap =
            self.last_at.is_some_and(|last| began.duration_since(last) > seconds(PROBE_FAILING_S));
        if gap {
            self.failing_since = None;
            self.good_since = None;
        }
        self.last_at = Some(began);
        let (good, detail) = match sight {
            Sight::Seen(View::Application(seen)) => (seen.serves, seen.detail.clone()),
            Sight::Seen(_) => return,
            Sight::Unknown(why) => (false, why.clone()),
        };
        self.detail = detail;
        if good {
            self.failing_since = None;
            self.good_since.get_or_insert(began);
        } else {
            self.good_since = None;
            self.failing_since.get_or_insert(began);
        }
    }
}

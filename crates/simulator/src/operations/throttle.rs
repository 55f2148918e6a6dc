//! ARM's token buckets: 25 reads a second with a burst of 250, 10 writes with a burst of 200.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// The buckets of every subscription.
#[derive(Debug, Clone, Default)]
pub(crate) struct Buckets {
    buckets: BTreeMap<(String, Sort), Bucket>,
}

/// What a bucket counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    Read,
    Write,
}

#[derive(Debug, Clone)]
struct Bucket {
    /// Thousandths of a token, so that no float is needed.
    level: i64,
    filled_at: Timestamp,
}

impl Sort {
    fn burst(self) -> i64 {
        match self {
            Self::Read => 250,
            Self::Write => 200,
        }
    }

    fn per_second(self) -> i64 {
        match self {
            Self::Read => 25,
            Self::Write => 10,
        }
    }
}

impl Buckets {
    /// Takes a token: how many are left, or how many seconds to stay away.
    ///
    /// A call that comes too early is refused and empties the bucket again, so that who does not
    /// wait waits longer (doc: "request limits and throttling").
    pub(super) fn take(
        &mut self,
        subscription: &str,
        sort: Sort,
        now: Timestamp,
    ) -> Result<i64, i64> {
        let bucket = self
            .buckets
            .entry((subscription.to_ascii_lowercase(), sort))
            .or_insert_with(|| Bucket { level: sort.burst() * 1000, filled_at: now });
        let elapsed = i64::try_from(now.duration_since(bucket.filled_at).as_millis())
            .unwrap_or(i64::MAX)
            .clamp(0, 3_600_000);
        bucket.level = (bucket.level + elapsed * sort.per_second()).min(sort.burst() * 1000);
        bucket.filled_at = now;
        if bucket.level >= 1000 {
            bucket.level -= 1000;
            Ok(bucket.level / 1000)
        } else {
            bucket.level = 0;
            Err(1)
        }
    }

    /// How many whole tokens are left.
    pub(super) fn left(&self, subscription: &str, sort: Sort) -> i64 {
        let bucket = self.buckets.get(&(subscription.to_ascii_lowercase(), sort));
        bucket.map_or(sort.burst(), |bucket| bucket.level / 1000)
    }
}

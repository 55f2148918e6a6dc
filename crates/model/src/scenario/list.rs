//! The scenarios that are published, within smaller and larger bounds.

use recovery::limits::{CLOCKS_DIFFER_S, GRACE_S, SEND_LIMIT_S, SEND_WITHIN_S};

use super::{Budget, Region, Scenario};

const NOTHING: Budget = Budget {
    freezes: 0,
    lost: 0,
    blind: 0,
    unconfirmed: 0,
    by_hand: 0,
    fail_backs: 0,
    aborts: 0,
    halts: 0,
    intruders: 0,
};

impl Scenario {
    /// Small enough to be explored whenever the tests are run.
    pub fn quick() -> Vec<Self> {
        let frozen = Budget { freezes: 1, fail_backs: 1, ..NOTHING };
        let lost = Budget { lost: 1, fail_backs: 1, ..NOTHING };
        vec![
            Self::promotion().named("promotion, a process frozen").with(frozen),
            Self::promotion()
                .named("promotion, clocks apart")
                .with(lost)
                .with_a_clock_ahead(CLOCKS_DIFFER_S)
                .leaving_late()
                .promoted_at_once(),
            Self::promotion()
                .named("promotion, others in the portal")
                .with(Budget { by_hand: 1, ..lost }),
            Self::promotion().named("promotion, people have a say").with(Budget {
                lost: 1,
                aborts: 1,
                halts: 1,
                ..NOTHING
            }),
            Self::promotion()
                .named("promotion, appends without answers")
                .with(Budget { unconfirmed: 1, ..lost }),
            Self::promotion().named("out of a living place, locked at first").with(lost).alive(1),
            Self::planned_promotion().named("planned promotion").with(Budget {
                lost: 1,
                by_hand: 1,
                aborts: 1,
                ..NOTHING
            }),
            Self::failover().named("failover").with(Budget {
                lost: 1,
                aborts: 1,
                fail_backs: 1,
                ..NOTHING
            }),
            Self::failover().named("failover, looks without answers").with(Budget {
                blind: 1,
                lost: 1,
                ..NOTHING
            }),
            Self::drill().named("drill").with(Budget { lost: 1, aborts: 1, ..NOTHING }),
        ]
    }

    /// As far as a machine of an ordinary size gets in minutes.
    pub fn large() -> Vec<Self> {
        let one = Budget { freezes: 1, lost: 1, fail_backs: 1, ..NOTHING };
        vec![
            Self::promotion().named("promotion").with(one),
            Self::promotion()
                .named("promotion, clocks apart")
                .with(one)
                .with_a_clock_ahead(CLOCKS_DIFFER_S)
                .promoted_at_once(),
            Self::promotion().named("promotion, 3 at work").at_work(3).with(Budget {
                freezes: 2,
                fail_backs: 1,
                ..NOTHING
            }),
            Self::promotion().named("promotion, others in the portal").with(Budget {
                lost: 2,
                fail_backs: 2,
                by_hand: 1,
                intruders: 1,
                ..NOTHING
            }),
            Self::promotion().named("promotion, people have a say").with(Budget {
                freezes: 1,
                aborts: 1,
                halts: 1,
                ..NOTHING
            }),
            Self::promotion()
                .named("out of a living place, locked at first")
                .with(Budget { lost: 2, fail_backs: 2, aborts: 1, ..NOTHING })
                .alive(2),
            Self::planned_failover().named("planned failover").with(Budget {
                lost: 2,
                by_hand: 1,
                fail_backs: 1,
                aborts: 1,
                ..NOTHING
            }),
            Self::failover().named("failover, appends without answers").with(Budget {
                lost: 1,
                unconfirmed: 1,
                fail_backs: 1,
                aborts: 1,
                ..NOTHING
            }),
            Self::failover().named("failover").with(Budget {
                freezes: 1,
                aborts: 1,
                fail_backs: 1,
                ..NOTHING
            }),
            Self::failover().named("failover, answers lost").with(Budget {
                lost: 2,
                aborts: 1,
                halts: 1,
                ..NOTHING
            }),
            Self::drill().named("drill").with(Budget { freezes: 1, aborts: 1, ..NOTHING }),
            Self::drill().named("drill, answers lost").with(Budget {
                lost: 2,
                aborts: 1,
                halts: 1,
                ..NOTHING
            }),
        ]
    }

    /// The second process's clock is ahead.
    #[must_use]
    pub fn with_a_clock_ahead(self, skew_s: i64) -> Self {
        Self { skew_s, ..self }
    }

    /// What has no answer has left in the last second in which it could: as if its sender had frozen
    /// before it looked at the clock, without the orders that a freeze brings.
    #[must_use]
    pub fn leaving_late(self) -> Self {
        Self { delay_s: self.delay_s + SEND_WITHIN_S - 1, ..self }
    }

    /// A promotion takes effect so soon that somebody can fail back while others are on their way.
    #[must_use]
    pub fn promoted_at_once(self) -> Self {
        Self { promotion_s: 1, ..self }
    }

    /// The region is not lost at all, and a lock refuses that many promotions.
    #[must_use]
    pub fn alive(self, locked: u8) -> Self {
        Self { region: Region::Alive, locked, ..self }
    }

    #[must_use]
    pub fn at_work(self, workers: usize) -> Self {
        Self { workers, ..self }
    }

    /// Lost requests may arrive later than the protocol assumes.
    #[must_use]
    pub fn beyond_the_grace(self, by_s: i64) -> Self {
        Self { delay_s: SEND_LIMIT_S + GRACE_S + by_s, ..self }
    }
}

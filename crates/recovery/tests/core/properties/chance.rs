//! What can go wrong, drawn by chance.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use crate::drive::Bench;
use crate::script::{Disturbance, Fate};

const SUBJECTS: [&str; 6] = [
    "sqlserverprimary-cafe",
    "sqlserversecondary-cafe",
    "recovery plan",
    "Traffic Manager profile",
    "application",
    "machines",
];

/// A scenario and all that goes wrong in it.
#[derive(Debug, Clone)]
pub(super) struct Trouble {
    scenario: Scenario,
    sends: Vec<Fate>,
    abort_at: Option<i64>,
    disturbances: BTreeMap<usize, Disturbance>,
    blind: Vec<(&'static str, i64, i64)>,
    drill_stands: bool,
    broken: Vec<(&'static str, u32)>,
    failing_machine: Option<(&'static str, u32)>,
    more_workers: Vec<i64>,
    /// Whoever asks for the lease gets it.
    lease_lies: bool,
    /// Somebody else promotes the database.
    promoted_at: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scenario {
    RegionLost,
    ForcedWhileAlive,
    Planned,
    Drill,
}

impl Trouble {
    pub(super) fn bench(&self) -> Bench {
        let mut bench = match self.scenario {
            Scenario::RegionLost => Bench::region_lost(),
            Scenario::ForcedWhileAlive => Bench::forced_while_alive(),
            Scenario::Planned => Bench::planned(),
            Scenario::Drill => Bench::drill(),
        };
        if self.drill_stands && self.scenario != Scenario::Drill {
            bench.world.leave_a_drill_standing();
        }
        bench.script.any_sends = self.sends.clone().into();
        bench.script.disturbances = self.disturbances.clone();
        for (subject, from_s, lasts_s) in &self.blind {
            bench.script.blind(subject, *from_s, from_s + lasts_s);
        }
        bench.world.broken_operations.clone_from(&self.broken);
        bench.world.failures.extend(self.failing_machine);
        for second in &self.more_workers {
            bench.at(*second, Bench::begin_turn);
        }
        bench.store.lease_lies = self.lease_lies;
        if let Some(second) = self.promoted_at.filter(|_| self.scenario != Scenario::Drill) {
            bench.at(second, |bench| bench.world.promote_by_hand());
        }
        if let Some(second) = self.abort_at {
            bench.at(second, Bench::ask_to_abort);
        }
        bench
    }

    /// Nobody interferes, and what is sent arrives.
    pub(super) fn without_lost_requests(self) -> Self {
        Self { sends: Vec::new(), abort_at: None, promoted_at: None, ..self }
    }

    pub(super) fn somebody_interferes(&self) -> bool {
        self.promoted_at.is_some()
    }

    /// A process that dies loses the request that it was about to send, or may have sent; so does a
    /// turn that another one replaces.
    pub(super) fn breaks_turns_off(&self) -> bool {
        self.lease_lies
            || self.disturbances.values().any(|what| {
                matches!(
                    what,
                    Disturbance::CrashBefore
                        | Disturbance::CrashAfter
                        | Disturbance::StoreFails
                        | Disturbance::StoreFailsAfter
                )
            })
    }
}

pub(super) fn trouble() -> impl Strategy<Value = Trouble> {
    let scenario = prop_oneof![
        4 => Just(Scenario::RegionLost),
        2 => Just(Scenario::ForcedWhileAlive),
        2 => Just(Scenario::Planned),
        2 => Just(Scenario::Drill),
    ];
    // Most of what matters happens in the first turns.
    let action = prop_oneof![3 => 0_usize..60, 1 => 0_usize..600];
    let blind = (prop::sample::select(&SUBJECTS), 0_i64..300, 1_i64..120);
    let broken = (prop::sample::select(&["promotion", "drill", "clean-up", "item"]), 1_u32..4);
    let machine = (prop::sample::select(&crate::world::MACHINES), 1_u32..3);
    (
        scenario,
        vec(fate(), 0..10),
        option::weighted(0.3, 0_i64..400),
        btree_map(action, disturbance(), 0..8),
        vec(blind, 0..3),
        any::<bool>(),
        vec(broken, 0..2),
        option::weighted(0.3, machine),
        vec(0_i64..300, 0..5),
        (any::<u8>().prop_map(|chance| chance < 26), option::weighted(0.15, 0_i64..300)),
    )
        .prop_map(
            |(
                scenario,
                sends,
                abort_at,
                disturbances,
                blind,
                drill_stands,
                broken,
                failing_machine,
                more_workers,
                (lease_lies, promoted_at),
            )| Trouble {
                scenario,
                sends,
                abort_at,
                disturbances,
                blind,
                drill_stands,
                broken,
                failing_machine,
                more_workers,
                lease_lies,
                promoted_at,
            },
        )
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Answered),
        1 => Just(Fate::LostBefore),
        1 => Just(Fate::LostAfter),
        1 => (0_i64..30).prop_map(Fate::Late),
        1 => option::of(0_i64..100).prop_map(Fate::Refused),
        1 => Just(Fate::NotSent),
        1 => Just(Fate::CrashBefore),
        1 => Just(Fate::CrashAfter),
        1 => (0_i64..100).prop_map(Fate::Frozen),
    ]
}

fn disturbance() -> impl Strategy<Value = Disturbance> {
    prop::sample::select(vec![
        Disturbance::CrashBefore,
        Disturbance::CrashAfter,
        Disturbance::Blind,
        Disturbance::StoreFails,
        Disturbance::StoreFailsAfter,
        Disturbance::WakeLost,
    ])
}

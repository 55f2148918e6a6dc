//! Seed to story. Faults come in fronts, as they do in life: what is throttled is throttled for a
//! while, and a bad line loses requests and answers alike. Beside them, single ones aim at the
//! requests that matter, and at steps.

use fastrand::Rng;

use recovery::runbook::StepKind;

use super::cells::{DRILL_STEPS, FAULTS, STEPS};
use super::{Backend, EVENT_S, Scenario, SiteRecovery, Story};
use crate::fault::{Fault, Kind, LATE_S, Target};

/// An app's clock is never further from the true one: two apps differ by 5 s at most.
pub(crate) const CLOCK_OFF_MS: i32 = 2500;
pub(crate) const STALE_S: u16 = 9;
/// So many stories are told on Azure Blob Storage, which takes twice as long.
const BLOB_PERCENT: u8 = 10;
/// In so many a person aborts what is under way, or stops everything for a while.
const PEOPLE_PERCENT: u8 = 15;
/// In so many planned failovers a person gives the old place up.
const FORCE_PERCENT: u8 = 40;
/// In so many the lost region comes back, or somebody works in the portal.
const OTHERS_PERCENT: u8 = 25;
/// So many go on when their runs have ended.
const LINGERS_PERCENT: u8 = 25;
/// Each so many-th is gentle: nothing is taken away for good, so it must end as if nothing had been.
const GENTLE_EVERY: u64 = 8;
/// A front begins within this of the event.
const SPAN_S: u32 = 900;
/// The longest brown-out.
const BROWN_OUT_S: u32 = 900;
/// For so long a single fault waits for its request, and a bad time lasts.
const LONG_S: u32 = 1800;

pub(super) fn story(seed: u64) -> Story {
    let mut random = Rng::with_seed(seed);
    let scenario = scenario(&mut random);
    let apps = if random.u8(..100) < 40 { 2 } else { 1 };
    let mut faults = Vec::new();
    for _ in 0..random.u8(0..=3) {
        front(&mut random, scenario, apps, &mut faults);
    }
    for _ in 0..random.u8(0..=3) {
        faults.push(aimed(&mut random));
    }
    for _ in 0..random.u8(0..=2) {
        faults.extend(at_a_step(&mut random, scenario, apps));
    }
    if random.u8(..100) < PEOPLE_PERCENT {
        let kind = if random.bool() { Kind::Abort } else { Kind::KillSwitch { s: 0 } };
        let kind = varied(&mut random, kind, apps);
        let from_s = random.u32(EVENT_S..EVENT_S + SPAN_S);
        faults.push(fault(&mut random, kind, from_s, 0, 100));
    }
    if apps > 1 || random.u8(..100) < 30 {
        for app in 0..apps {
            let ms = random.i32(-CLOCK_OFF_MS..=CLOCK_OFF_MS);
            let from_s = random.u32(0..EVENT_S + SPAN_S);
            faults.push(fault(&mut random, Kind::ClockJump { app, ms }, from_s, 0, 100));
        }
    }
    let backend = if random.u8(..100) < BLOB_PERCENT { Backend::Blob } else { Backend::Sqlite };
    faults.extend(by_others(&mut random, scenario));
    let site_recovery = SiteRecovery::of(&mut random);
    let lingers = random.u8(..100) < LINGERS_PERCENT;
    if scenario.is_planned() && random.u8(..100) < FORCE_PERCENT {
        let from_s = random.u32(EVENT_S..EVENT_S + SPAN_S);
        faults.push(fault(&mut random, Kind::Force, from_s, 0, 100));
    }
    faults.sort_by_key(|fault| fault.from_s);
    let cuts = Vec::new();
    let story = Story { seed, scenario, apps, backend, site_recovery, lingers, faults, cuts };
    if seed.is_multiple_of(GENTLE_EVERY) { story.gently() } else { story }
}

fn scenario(random: &mut Rng) -> Scenario {
    match random.u8(..100) {
        0..=34 => Scenario::RegionLoss,
        35..=49 => Scenario::RegionLossInPlanned { after_s: random.u16(0..400) },
        50..=57 => Scenario::RegionLossInDrill { after_s: random.u16(0..700) },
        58..=72 => Scenario::Planned,
        73..=84 => Scenario::Drill,
        85..=92 => Scenario::Blip { s: random.u16(1..=43) },
        _ => Scenario::Nothing,
    }
}

/// Things that go wrong together.
fn front(random: &mut Rng, scenario: Scenario, apps: u8, faults: &mut Vec<Fault>) {
    let from_s = random.u32(0..EVENT_S + SPAN_S);
    let brown_out = random.u32(30..=BROWN_OUT_S);
    let retry_after_s = random.u16(1..=60);
    let parts: Vec<(Kind, u32, u8)> = match random.u8(..18) {
        0 => {
            let (length, percent) = (brown_out.min(300), random.u8(20..=90));
            let unavailable = Kind::Unavailable { retry_after_s: 5 };
            vec![
                (Kind::Throttled { retry_after_s }, length, percent),
                (unavailable, length, percent / 3),
            ]
        }
        1 => {
            let slow = Kind::SlowAnswer { s: random.u16(1..=12) };
            each(random, &[Kind::LostAnswer, Kind::LostRequest, slow], brown_out, 20)
        }
        2 => vec![(Kind::Hang, brown_out, 100)],
        3 => vec![(Kind::Unavailable { retry_after_s }, brown_out, 100)],
        4 => {
            let unavailable = Kind::Unavailable { retry_after_s };
            each(random, &[Kind::ServerError, Kind::ErrorAfterEffect, unavailable], brown_out, 30)
        }
        5 => vec![(Kind::StaleRead { s: random.u16(1..=STALE_S) }, LONG_S, random.u8(10..=80))],
        6 => {
            let late = Kind::LateRequest { s: random.u16(11..=LATE_S) };
            each(random, &[late, Kind::LostRequest], brown_out, 25)
        }
        7 => vec![(Kind::StoreAway, brown_out, 100)],
        8 => {
            let slow = Kind::StoreSlow { s: random.u16(1..=20) };
            each(random, &[Kind::StoreAway, Kind::StoreLostAnswer, slow], brown_out, 12)
        }
        9 => vec![(Kind::BusAway, brown_out, 100)],
        10 | 11 => {
            let late = Kind::MessageLate { s: random.u16(1..=120) };
            let lost = Kind::BusLostAnswer;
            let kinds = [Kind::MessageLost, Kind::MessageTwice, late, lost, Kind::Redelivered];
            each(random, &kinds, LONG_S, 30)
        }
        // What is a blip to Traffic Manager is none if our own line is dead longer than that.
        12 if !matches!(scenario, Scenario::Blip { .. }) => {
            vec![(Kind::ProbeBlocked, brown_out.min(240), 100)]
        }
        12 | 13 => {
            let slow = Kind::SlowOperations { times_percent: random.u16(100..=250) };
            vec![(Kind::AlertLost, LONG_S, random.u8(30..=100)), (slow, 0, 100)]
        }
        14 => vec![(Kind::ConnectionRefused, brown_out, random.u8(20..=100))],
        15 => vec![(Kind::WebhookAway, brown_out, 100)],
        _ => {
            for _ in 0..random.u8(1..=4) {
                let at = from_s + random.u32(..300);
                let kind = trouble(random, apps);
                faults.push(fault(random, kind, at, 0, 100));
            }
            Vec::new()
        }
    };
    for (kind, for_s, percent) in parts {
        faults.push(fault(random, kind, from_s, for_s, percent));
    }
}

fn each(random: &mut Rng, kinds: &[Kind], for_s: u32, most: u8) -> Vec<(Kind, u32, u8)> {
    kinds.iter().map(|kind| (*kind, for_s, random.u8(1..=most))).collect()
}

/// Something that happens to a process.
fn trouble(random: &mut Rng, apps: u8) -> Kind {
    let app = random.u8(..apps);
    match random.u8(..4) {
        0 | 1 => Kind::AppKilled { app },
        2 => Kind::HostKilled { app },
        _ => Kind::Frozen { app, s: random.u16(5..=180) },
    }
}

/// One that waits for its request.
fn aimed(random: &mut Rng) -> Fault {
    let kind = match random.u8(..11) {
        0 | 1 => Kind::LostAnswer,
        2 => Kind::LostRequest,
        3 | 4 => Kind::LateRequest { s: random.u16(11..=LATE_S) },
        5 => Kind::ErrorAfterEffect,
        6 => Kind::Hang,
        7 => Kind::SlowAnswer { s: random.u16(1..=20) },
        8 => Kind::Throttled { retry_after_s: random.u16(1..=60) },
        9 => Kind::ServerError,
        _ => Kind::ConnectionRefused,
    };
    let target = match random.u8(..8) {
        0..=2 => Target::Promotion,
        3 | 4 => Target::RecoveryPlan,
        5 => Target::Endpoint,
        6 => Target::Interface,
        _ => Target::Machine,
    };
    let at_most = Some(random.u32(1..=2));
    Fault { at_most, target, ..fault(random, kind, 0, LONG_S, 100) }
}

/// One that waits for a step of a run, if there will be one.
fn at_a_step(random: &mut Rng, scenario: Scenario, apps: u8) -> Option<Fault> {
    let steps: &[StepKind] = match scenario {
        Scenario::Blip { .. } | Scenario::Nothing => return None,
        Scenario::Drill => &DRILL_STEPS,
        _ => &STEPS,
    };
    let kind = random.choice(FAULTS)?;
    let kind = varied(random, kind, apps);
    let at = random.choice(steps).copied();
    let from_s = if random.bool() { 0 } else { random.u32(..30) };
    let for_s = if kind.is_event() { 0 } else { random.u32(1..=120) };
    let at_most = (!kind.is_event()).then(|| random.u32(1..=3));
    Some(Fault { at, at_most, ..fault(random, kind, from_s, for_s, 100) })
}

/// What neither Farshore nor whoever speaks to it does.
fn by_others(random: &mut Rng, scenario: Scenario) -> Vec<Fault> {
    let mut happens = |percent| random.u8(..100) < percent;
    let is_lost = scenario.loses_the_region();
    let is_moved = is_lost || scenario == Scenario::Planned;
    let is_back = is_lost && happens(OTHERS_PERCENT);
    let by_hand = is_moved && happens(OTHERS_PERCENT);
    let is_failed_back = is_back && happens(50);
    let mut all = Vec::new();
    if by_hand {
        let (promoted, failed_over) = (random.u8(..4), random.u8(..4));
        for (kind, dice) in
            [(Kind::PromotedByHand, promoted), (Kind::FailedOverByHand, failed_over)]
        {
            if dice > 0 {
                all.push((kind, EVENT_S + random.u32(..SPAN_S)));
            }
        }
    }
    if is_back {
        // Often in the middle of the failover.
        let most = if random.bool() { 300 } else { LONG_S };
        let back_s = EVENT_S + scenario.lost_after_s() + random.u32(90..most);
        all.push((Kind::RegionBack, back_s));
        if is_failed_back {
            all.push((Kind::FailedBackByHand, back_s + random.u32(30..most)));
        }
    }
    all.into_iter().map(|(kind, from_s)| fault(random, kind, from_s, 0, 100)).collect()
}

/// The same fault, more or less bad.
fn varied(random: &mut Rng, kind: Kind, apps: u8) -> Kind {
    let app = random.u8(..apps);
    match kind {
        Kind::Throttled { .. } => Kind::Throttled { retry_after_s: random.u16(1..=60) },
        Kind::Unavailable { .. } => Kind::Unavailable { retry_after_s: random.u16(1..=60) },
        Kind::LateRequest { .. } => Kind::LateRequest { s: random.u16(11..=LATE_S) },
        Kind::SlowAnswer { .. } => Kind::SlowAnswer { s: random.u16(1..=20) },
        Kind::StaleRead { .. } => Kind::StaleRead { s: random.u16(1..=STALE_S) },
        Kind::StoreSlow { .. } => Kind::StoreSlow { s: random.u16(1..=20) },
        Kind::MessageLate { .. } => Kind::MessageLate { s: random.u16(1..=120) },
        Kind::AppKilled { .. } => Kind::AppKilled { app },
        Kind::HostKilled { .. } => Kind::HostKilled { app },
        Kind::Frozen { .. } => Kind::Frozen { app, s: random.u16(5..=180) },
        Kind::ClockJump { .. } => {
            Kind::ClockJump { app, ms: random.i32(-CLOCK_OFF_MS..=CLOCK_OFF_MS) }
        }
        Kind::SlowOperations { .. } => {
            Kind::SlowOperations { times_percent: random.u16(100..=250) }
        }
        Kind::KillSwitch { .. } => Kind::KillSwitch { s: random.u16(10..=900) },
        other => other,
    }
}

fn fault(random: &mut Rng, kind: Kind, from_s: u32, for_s: u32, percent: u8) -> Fault {
    let dice = random.u32(..);
    Fault { kind, at: None, from_s, for_s, percent, at_most: None, target: Target::Any, dice }
}

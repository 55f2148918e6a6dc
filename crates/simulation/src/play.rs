//! Plays a story: the world and the app in virtual time, each check at each step, and in the end
//! what must have come of it.

mod ending;
mod events;
mod mark;
mod panics;
mod people;
mod portal;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use simulator::Glance;

use crate::checks::{CHECKS, Scene, Verdict, people_are_told};
use crate::journals::Journal;
use crate::rig::{Cuts, PLAN, Rig};
use crate::story::{Scenario, Story};
use ending::judged;
use events::Events;

pub use ending::{Ending, Failure};
pub use mark::Mark;

/// Once nothing goes wrong any more, what is begun must end within this: the sum of the deadlines
/// of a failover's longest way.
pub const LIVENESS_S: u32 = 4 * 3600;
/// How long a story is watched after its last event if nothing is to happen.
const QUIET_S: i64 = 300;
/// And after its last run, if it lingers: longer than the plan's cooldown, so that another failover
/// may begin.
const LINGERING_S: i64 = 3600 + QUIET_S;
/// For this long the world goes on after the end, so that users can be asked.
const AFTER_S: i64 = 30;

/// Plays it in a runtime of its own. With `keep_log`, the ending has every I/O.
pub fn play(story: &Story, keep_log: bool) -> Ending {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without I/O needs nothing that could be missing");
    panics::watched(|| runtime.block_on(Play::play(story, keep_log)))
}

struct Play<'a> {
    story: &'a Story,
    rig: Rig,
    began: Timestamp,
    events: Events,
    journals: Vec<Journal>,
    /// How much was written when the journals were last read.
    read_at: Option<usize>,
    /// At the last step.
    seen: Option<Seen>,
    /// The runs that were open when the time was over in which all must end, if it was.
    overdue: Option<Vec<String>>,
    failure: Option<Failure>,
}

/// Whether anything has changed that a check looks at: all of it only grows, but for the glance.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Seen {
    glance: Glance,
    arrived: usize,
    exchanges: usize,
    promotions: usize,
    records: usize,
    broken: usize,
}

impl<'a> Play<'a> {
    async fn play(story: &'a Story, keep_log: bool) -> Ending {
        let cuts = Cuts::at(&story.cuts);
        let mut rig =
            Rig::with_apps(story.seed, cuts, &PLAN, story.apps.into(), story.backend).await;
        rig.watch_on = story.scenario != Scenario::RegionLossAlertsOnly;
        if keep_log {
            rig.log.keep();
        }
        let began = rig.now();
        rig.weather.begin(began, &story.faults);
        rig.latency.begin(story.seed);
        if !story.site_recovery.is_usual() {
            let behaviour = json!({"site_recovery": story.site_recovery});
            rig.control("POST", "/control/options", Some(behaviour)).await;
        }
        let events = Events::of(story);
        let mut play = Self {
            story,
            rig,
            began,
            events,
            journals: Vec::new(),
            read_at: None,
            seen: None,
            overdue: None,
            failure: None,
        };
        play.go_on().await;
        judged(play).await
    }

    async fn go_on(&mut self) {
        let mut done_at = None;
        loop {
            let calm_from = self.calm_from();
            let second = self.rig.now().duration_since(self.began).as_secs();
            let begun = self.has_run(self.story.scenario.run_asked_for());
            self.events.happen(&mut self.rig, second, begun).await;
            self.rig.tick().await;
            self.look().await;
            if self.failure.is_some() {
                return;
            }
            if done_at.is_none() && self.is_done(second).await {
                done_at = Some(second);
            }
            let stays_until = done_at.map(|at| self.stays_until(at));
            match stays_until {
                Some(until) if second >= until && self.may_leave(second).await => return,
                // What begins after a story is done is given its time too.
                _ if second > stays_until.unwrap_or(calm_from) + i64::from(LIVENESS_S) => {
                    self.overdue = Some(self.rig.store.open_runs().await.unwrap_or_default());
                    return;
                }
                _ => {}
            }
        }
    }

    /// How long the story is watched that was done at that second.
    fn stays_until(&self, done_at: i64) -> i64 {
        if self.story.lingers {
            done_at.max(self.story.calm_from_s().into()) + LINGERING_S
        } else {
            done_at + AFTER_S
        }
    }

    /// While a story lingers another failover may have begun.
    async fn may_leave(&self, second: i64) -> bool {
        !self.story.lingers || self.is_done(second).await
    }

    /// The second from which nothing goes wrong any more, as far as is known now.
    fn calm_from(&self) -> i64 {
        let aimed = self.rig.weather.troubled_until().duration_since(self.began).as_secs();
        aimed.max(self.story.calm_from_s().into())
    }

    async fn read_journals(&mut self) {
        let written = self.rig.writes.so_far();
        if self.read_at.replace(written) == Some(written) {
            return;
        }
        for name in self.rig.store.open_runs().await.unwrap_or_default() {
            if !self.journals.iter().any(|journal| journal.name == name) {
                self.journals.push(Journal::new(name));
            }
        }
        for journal in &mut self.journals {
            if journal.ended.is_none() {
                journal.refresh(&self.rig.store).await;
            }
        }
    }

    /// One step of all checks.
    async fn look(&mut self) {
        if let Some(what) = panics::noted() {
            return self.fail(panics::CHECK, what);
        }
        self.read_journals().await;
        let broken = {
            let world = self.rig.azure.lock();
            let seen = Seen {
                glance: world.glance(),
                arrived: world.ledger().mutating().len(),
                exchanges: self.rig.weather.exchanges(),
                promotions: world.ledger().promotions().len(),
                records: self.journals.iter().map(|journal| journal.records.len()).sum(),
                broken: self.journals.iter().filter(|journal| journal.broken.is_some()).count(),
            };
            if self.seen == Some(seen) {
                return;
            }
            self.seen = Some(seen);
            let sent = self.rig.weather.sent();
            let ledger = world.ledger();
            let arrived = self.events.by_hand.others(ledger.mutating());
            let promotions = self.events.by_hand.not_asked_for(ledger.promotions());
            let scene = Scene {
                story: self.story,
                glance: world.glance(),
                arrived: &arrived,
                sent: &sent,
                moves: ledger.promotions(),
                promotions: &promotions,
                forced_in_vain: ledger.forced_in_vain(),
                journals: &self.journals,
                halts: &self.events.halts,
            };
            CHECKS.iter().find_map(|check| Some((check.name, (check.holds)(&scene).err()?)))
        };
        if let Some((check, what)) = broken {
            self.fail(check, what);
        }
    }

    /// Whether all that the story begins has ended, and people know.
    async fn is_done(&self, second: i64) -> bool {
        let is_quiet = second >= i64::from(self.story.calm_from_s()) + QUIET_S;
        if self.story.scenario.is_calm() {
            return is_quiet;
        }
        let ended = |part: &str| {
            let mut of = self.journals.iter().filter(|journal| journal.name.contains(part));
            of.any(|journal| journal.ended.is_some())
        };
        let done = match self.story.scenario {
            _ if self.is_over_by_itself() => is_quiet,
            Scenario::Drill => ended("-drill-"),
            // Where the loss came first, no drill begins any more.
            Scenario::RegionLossInDrill { .. } => {
                ended("-incident-") && (ended("-drill-") || !self.has_run("-drill-"))
            }
            _ => ended("-incident-"),
        };
        done && self.people_are_told().is_ok()
            && self.rig.store.open_runs().await.is_ok_and(|open| open.is_empty())
    }

    /// Whether the lost region is back before any failover has begun, or somebody has moved the
    /// database before.
    fn is_over_by_itself(&self) -> bool {
        let is_over = self.story.has_region_back() || self.events.by_hand.has_promoted();
        is_over && !self.has_run("-incident-")
    }

    fn people_are_told(&self) -> Verdict {
        people_are_told(self.rig.azure.lock().ledger().notifications(), &self.journals)
    }

    fn has_run(&self, part: &str) -> bool {
        // A run is listed before its journal begins, and struck off if it never does.
        let begun = |journal: &Journal| !journal.records.is_empty();
        self.journals.iter().any(|journal| journal.name.contains(part) && begun(journal))
    }

    fn fail(&mut self, check: &'static str, what: String) {
        let at_s = self.rig.now().duration_since(self.began).as_secs();
        self.failure.get_or_insert(Failure { check, at_s, what });
    }

    fn elapsed(&self) -> SignedDuration {
        self.rig.now().duration_since(self.began)
    }
}

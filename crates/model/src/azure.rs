//! An Azure as small as the protocol can tell: the database's place, one machine under one recovery
//! plan, two endpoints. Everything that arrives changes something at once or at a stated moment.

mod arrivals;
mod looks;

use recovery::Place;
use recovery::effect::Manner;

use crate::scenario::{Region, Scenario};

/// How long jobs of Site Recovery take.
pub(crate) const JOB_S: i64 = 20;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Azure {
    pub(crate) preferred_up: bool,
    /// So many promotions are yet refused by a lock.
    pub(crate) locked: u8,
    pub(crate) primary: Place,
    promoting: Option<Promotion>,
    promotion_s: i64,
    /// Promotions that were accepted; the latest is the operation that can be asked about.
    accepted: u8,
    /// Forced promotions of the run's that took effect.
    pub(crate) forced: u8,
    pub(crate) promoted_by_run: bool,
    pub(crate) preferred_enabled: bool,
    machine: Machine,
    drill: Drill,
    job: Option<Job>,
    jobs: u8,
    /// Somebody has moved the database in the portal.
    pub(crate) moved_by_hand: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Promotion {
    to: Place,
    manner: Manner,
    until: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Machine {
    Home,
    Moved,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Drill {
    None,
    Coming,
    Standing,
    Going,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Job {
    what: Work,
    began: i64,
    /// `None` when it has ended.
    until: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Work {
    FailOver,
    TestFailOver,
    CleanUp,
}

impl Azure {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        Self {
            preferred_up: scenario.region == Region::Alive,
            locked: scenario.locked,
            promotion_s: scenario.promotion_s,
            primary: Place::Preferred,
            promoting: None,
            accepted: 0,
            forced: 0,
            promoted_by_run: false,
            preferred_enabled: true,
            machine: Machine::Home,
            drill: Drill::None,
            job: None,
            jobs: 0,
            moved_by_hand: false,
        }
    }

    /// When something changes by itself.
    pub(crate) fn next_change(&self) -> Option<i64> {
        let promotion = self.promoting.map(|promotion| promotion.until);
        let job = self.job.and_then(|job| job.until);
        promotion.into_iter().chain(job).min()
    }

    /// What has come about by now.
    pub(crate) fn settle(&mut self, now: i64) {
        if let Some(promotion) = self.promoting.take_if(|promotion| promotion.until <= now) {
            self.primary = promotion.to;
            self.promoted_by_run = true;
            if promotion.manner == Manner::Forced {
                self.forced += 1;
            }
        }
        if let Some(job) = &mut self.job
            && job.until.is_some_and(|until| until <= now)
        {
            job.until = None;
            match job.what {
                Work::FailOver => self.machine = Machine::Moved,
                Work::TestFailOver => self.drill = Drill::Standing,
                Work::CleanUp => self.drill = Drill::None,
            }
        }
    }

    /// In the portal, and done at once: people wait for the end of what they begin.
    pub(crate) fn can_be_promoted_by_hand(&self) -> bool {
        self.promoting.is_none() && self.primary == Place::Preferred
    }

    pub(crate) fn promote_by_hand(&mut self) {
        self.primary = Place::Standby;
        self.moved_by_hand = true;
    }

    pub(crate) fn can_be_failed_back(&self) -> bool {
        self.promoting.is_none() && self.primary == Place::Standby
    }

    /// The region has come back, and somebody leads the database home.
    pub(crate) fn fail_back(&mut self) {
        self.preferred_up = true;
        self.primary = Place::Preferred;
        self.moved_by_hand = true;
    }

    /// Whether a drill has left something standing or on its way.
    pub(crate) fn is_drilling(&self) -> bool {
        self.drill != Drill::None
    }

    fn is_up(&self, place: Place) -> bool {
        place == Place::Standby || self.preferred_up
    }

    fn is_busy(&self) -> bool {
        self.job.is_some_and(|job| job.until.is_some())
    }
}

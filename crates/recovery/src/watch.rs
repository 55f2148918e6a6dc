//! The standing watch over one workload: what was seen lately, the incident that is open, and what
//! follows. A small document, changed only by compare-and-set; this module says how it changes.

mod incident;
mod probe;
mod telling;

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::incident::{Incident, IncidentEnd, PastIncident};
pub use self::probe::Probe;
use crate::diagnosis::{Diagnosis, Evidence, Response, diagnose, response};
use crate::event::Sight;
use crate::limits::{FRESH_S, seconds};
use crate::look::Look;
use crate::news::News;
use crate::place::Place;
use crate::plan::Plan;
use crate::signal::{Condition, Signal};
use crate::view::{EndpointHealth, FailoverGroup, TrafficProfile, View};

/// How many past incidents, signals and untold news a document keeps.
const KEPT: usize = 50;
/// Healthy for this long since it opened, and without a run, an incident is over by itself.
const CALM_S: i64 = 300;
/// What has been suspected for so long is told to people: the witnesses may never agree.
const SUSPECTED_S: i64 = 300;
/// A suspicion into which nobody has looked for so long is not followed any more: more than what a
/// message may be late, less than the time in which failing must go on to be believed.
const NEGLECTED_S: i64 = 25;
/// How often the traffic profile is looked at while nothing is wrong, to learn names and targets.
const PROFILE_PACE_S: i64 = 300;

/// What is remembered between two ticks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Watch {
    /// Where the workload runs, as far as we know; a closed failover changes it.
    pub active: Place,
    pub probe: Probe,
    pub profile: Option<Remembered<TrafficProfile>>,
    pub standby: Option<Remembered<FailoverGroup>>,
    pub incident: Option<Incident>,
    /// The number that the next incident gets.
    pub next_incident: u64,
    pub past: VecDeque<PastIncident>,
    /// Keys of signals that were taken in, newest last: the same report is one report.
    pub signals: VecDeque<String>,
    /// The scheduled time of the last drill that was started.
    pub last_drill: Option<Timestamp>,
    /// The run of the drill that is under way; its journal may not have been written yet.
    pub drill: Option<String>,
    /// The drill of which people have been told that its journal is broken.
    #[serde(default)]
    pub broken_drill: Option<String>,
    /// What the plan's webhook has not taken yet, oldest first.
    #[serde(default)]
    pub untold: VecDeque<News>,
}

/// Something seen at a time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Remembered<T> {
    pub at: Timestamp,
    pub seen: T,
}

/// What the watch asks for after a tick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Follow {
    Nothing,
    /// Look again soon: something is suspected.
    LookAgain,
    /// People are to be told, once per incident and diagnosis.
    Tell {
        incident: u64,
        what: String,
    },
    /// A failover run is to be started for this incident.
    FailOver {
        incident: u64,
        reason: String,
    },
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            active: Place::Preferred,
            probe: Probe::default(),
            profile: None,
            standby: None,
            incident: None,
            next_incident: 1,
            past: VecDeque::new(),
            signals: VecDeque::new(),
            last_drill: None,
            drill: None,
            broken_drill: None,
            untold: VecDeque::new(),
        }
    }
}

impl Watch {
    /// What to look at now. Calm: only the application (and at times the profile, for its target);
    /// on suspicion also what Traffic Manager and the standby say.
    pub fn looks(&self, plan: &Plan, now: Timestamp, suspicious: bool) -> Vec<Look> {
        let profile = Look::TrafficProfile { profile: plan.traffic_manager_profile.clone() };
        let stale = self
            .profile
            .as_ref()
            .is_none_or(|known| now.duration_since(known.at) > seconds(PROFILE_PACE_S));
        let suspicious =
            suspicious || self.probe.failing_since.is_some() || self.incident.is_some();
        let mut looks = Vec::new();
        looks.extend(self.application(plan));
        if suspicious || stale {
            looks.push(profile);
        }
        if suspicious {
            looks.push(self.standby_look(plan));
        }
        looks
    }

    /// Our probe of the active place, once its address is known.
    fn application(&self, plan: &Plan) -> Option<Look> {
        let endpoint = &plan.site(self.active).traffic_endpoint;
        let target = self.profile.as_ref()?.seen.endpoint(endpoint)?.target.clone();
        Some(Look::Application {
            host: target,
            path: plan.application.path.clone(),
            data_path: None,
            contains: None,
        })
    }

    fn standby_look(&self, plan: &Plan) -> Look {
        Look::failover_group(plan, self.active.other())
    }

    /// Takes in what a look saw. `began` is when it was asked: a failing probe has failed since
    /// then, not since its time ran out.
    pub fn saw(&mut self, plan: &Plan, began: Timestamp, look: &Look, sight: &Sight) {
        match (look, sight) {
            (Look::Application { .. }, sight) => self.probed(plan, began, look, sight),
            (_, Sight::Seen(View::TrafficProfile(profile))) => {
                self.profile = Some(Remembered { at: began, seen: profile.clone() });
            }
            (look, Sight::Seen(View::FailoverGroup(group))) if *look == self.standby_look(plan) => {
                self.standby = Some(Remembered { at: began, seen: group.clone() });
            }
            _ => {}
        }
    }

    fn probed(&mut self, plan: &Plan, began: Timestamp, look: &Look, sight: &Sight) {
        // Otherwise the active place changed while the probe was out.
        if self.application(plan).as_ref() == Some(look) {
            self.probe.took(began, sight);
        }
    }

    /// What is believed now. What was not seen just now counts as not answering.
    pub fn diagnosis(&self, plan: &Plan, now: Timestamp) -> Diagnosis {
        let recent = |at: Timestamp| now.duration_since(at) <= seconds(2 * FRESH_S);
        let endpoint = &plan.site(self.active).traffic_endpoint;
        let endpoint: Option<EndpointHealth> = self
            .profile
            .as_ref()
            .filter(|known| recent(known.at))
            .and_then(|known| known.seen.endpoint(endpoint))
            .map(|endpoint| endpoint.health);
        let standby =
            self.standby.as_ref().filter(|known| recent(known.at)).map(|known| known.seen.clone());
        let evidence = Evidence {
            address_is_known: self.application(plan).is_some(),
            failing_since: self.probe.failing_since,
            endpoint,
            standby,
        };
        diagnose(&evidence, now)
    }

    /// Whether an incident is open into which nobody looks, and that has no run.
    pub fn is_neglected(&self, now: Timestamp) -> bool {
        let looked = [
            self.probe.last_at,
            self.profile.as_ref().map(|known| known.at),
            self.standby.as_ref().map(|known| known.at),
        ];
        self.incident.as_ref().is_some_and(|incident| {
            let last = looked.into_iter().flatten().fold(incident.opened_at, Timestamp::max);
            incident.run.is_none() && now.duration_since(last) > seconds(NEGLECTED_S)
        })
    }

    /// Whether a signal is news. News joins the open incident, or opens one if it is about the
    /// place where the workload runs; about the other place it is only recorded.
    pub fn receive(&mut self, plan: &Plan, signal: &Signal, now: Timestamp) -> bool {
        let key = signal.key();
        if self.signals.contains(&key) {
            return false;
        }
        self.signals.push_back(key);
        while self.signals.len() > KEPT {
            self.signals.pop_front();
        }
        if let Some(incident) = &mut self.incident {
            incident.join(signal);
        } else if signal.condition == Condition::Fired
            && signal.place(plan).is_none_or(|place| place == self.active)
        {
            let mut incident = Incident::open(self.next_incident, now, &signal.summary);
            incident.join(signal);
            self.incident = Some(incident);
            self.next_incident = self.next_incident.saturating_add(1);
        }
        true
    }

    /// What follows from what is known now.
    pub fn conclude(&mut self, plan: &Plan, now: Timestamp) -> Follow {
        let diagnosis = self.diagnosis(plan, now);
        if self.incident.is_none() && diagnosis.is_bad() {
            self.incident = Some(Incident::open(self.next_incident, now, diagnosis.detail()));
            self.next_incident = self.next_incident.saturating_add(1);
        }
        let Probe { good_since, failing_since, .. } = self.probe;
        let cooling = self.cooling(plan, now);
        let active_is_preferred = self.active == Place::Preferred;
        let Some(incident) = &mut self.incident else { return Follow::Nothing };
        incident.diagnosis = Some(diagnosis.clone());
        // Reports come one after another: an incident stays open for all that belong to it.
        let calm = good_since.is_some_and(|since| {
            now.duration_since(since.max(incident.opened_at)) >= seconds(CALM_S)
        });
        if incident.run.is_some() {
            // A run that was begun is seen to its end by its own turns.
            return Follow::Nothing;
        }
        let number = incident.number;
        let suspected_since = failing_since.unwrap_or(incident.opened_at);
        let is_long = now.duration_since(suspected_since) >= seconds(SUSPECTED_S);
        match response(&diagnosis, plan) {
            Response::Nothing if calm => {
                self.close_incident(now, IncidentEnd::NoAction);
                Follow::Nothing
            }
            // Even if all is well as far as is known, an incident is looked into until it is calm.
            Response::Nothing => Follow::LookAgain,
            Response::Watch if !is_long => Follow::LookAgain,
            // Failing back is never automatic.
            Response::FailOver if active_is_preferred && cooling.is_none() => {
                Follow::FailOver { incident: number, reason: diagnosis.detail().to_owned() }
            }
            Response::FailOver | Response::Tell | Response::Watch => {
                let what = match cooling {
                    Some(until) => format!("{}; cooling down until {until}", diagnosis.detail()),
                    None => diagnosis.detail().to_owned(),
                };
                if incident.told.insert(diagnosis.kind().to_owned()) {
                    self.tell(News::of_incident(&plan.workload, number, now, what.clone()));
                    Follow::Tell { incident: number, what }
                } else {
                    Follow::LookAgain
                }
            }
        }
    }

    /// Until when no automatic failover may begin.
    fn cooling(&self, plan: &Plan, now: Timestamp) -> Option<Timestamp> {
        let last = self.last_with_run()?;
        let until = last.closed_at.saturating_add(seconds(plan.cooldown_s.into()));
        let until = until.unwrap_or(Timestamp::MAX);
        (now < until).then_some(until)
    }

    /// The incident gets its run; from now on the run decides when it is over.
    pub fn run_begun(&mut self, plan: &Plan, run: &str, reason: &str, now: Timestamp) {
        let number = self.next_incident;
        let incident = self.incident.get_or_insert_with(|| {
            self.next_incident = self.next_incident.saturating_add(1);
            Incident::open(number, now, reason)
        });
        incident.run = Some(run.to_owned());
        let (number, what) = (incident.number, format!("failover {run} begins: {reason}"));
        self.tell(News::of_incident(&plan.workload, number, now, what));
    }

    /// A drill is to begin. The name of the one that is under way, which may be another.
    pub fn drill_begun(&mut self, run: &str) -> String {
        self.drill.get_or_insert_with(|| run.to_owned()).clone()
    }

    /// The last incident that had a run.
    fn last_with_run(&self) -> Option<&PastIncident> {
        self.past.iter().rev().find(|past| past.run.is_some())
    }

    /// Whether the workload was moved and the run that moved it asked for a person: the same move
    /// can be begun again, and takes what is done as done.
    pub fn is_half_moved(&self) -> bool {
        let last = self.last_with_run();
        self.active == Place::Standby
            && last.is_some_and(|past| past.end == IncidentEnd::NeedsHuman)
    }

    /// The runs that are under way, as far as this watch knows.
    pub fn runs(&self) -> impl Iterator<Item = &str> {
        let incident = self.incident.as_ref().and_then(|incident| incident.run.as_deref());
        incident.into_iter().chain(self.drill.as_deref())
    }

    /// A person says where the workload runs: after failing back by hand. Refused while a run is
    /// under way.
    pub fn moved_by_hand(&mut self, place: Place) -> Result<(), String> {
        if let Some(run) = self.incident.as_ref().and_then(|incident| incident.run.as_deref()) {
            return Err(format!("run {run} is under way"));
        }
        if self.active != place {
            self.active = place;
            self.probe = Probe::default();
            self.standby = None;
        }
        Ok(())
    }

    /// The run of the open incident or of the drill has ended. `moved_to`: the workload runs there
    /// now. Whether that was not known yet.
    pub fn run_ended(
        &mut self,
        run: &str,
        moved_to: Option<Place>,
        end: IncidentEnd,
        now: Timestamp,
    ) -> bool {
        if self.drill.as_deref() == Some(run) {
            self.drill = None;
            return true;
        }
        if self.incident.as_ref().and_then(|incident| incident.run.as_deref()) != Some(run) {
            return false;
        }
        if let Some(place) = moved_to {
            self.active = place;
            self.probe = Probe::default();
            self.standby = None;
        }
        self.close_incident(now, end);
        true
    }

    fn close_incident(&mut self, now: Timestamp, end: IncidentEnd) {
        if let Some(incident) = self.incident.take() {
            self.past.push_back(incident.close(now, end));
            while self.past.len() > KEPT {
                self.past.pop_front();
            }
        }
    }
}

//! The standing watch: looks at a workload, keeps what was seen, and begins what follows.

use bus::Message;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use recovery::Plan;
use recovery::diagnosis::Diagnosis;
use recovery::effect::Manner;
use recovery::event::Sight;
use recovery::look::Look;
use recovery::plan::PolicyMode;
use recovery::run::Run;
use recovery::runbook;
use recovery::signal::Signal;
use recovery::watch::{Follow, Watch};
use recovery::worry::{Worry, worries};
use serde::{Deserialize, Serialize};

use crate::Engine;
use crate::error::Error;
use crate::{adapters, documents};

pub(crate) const SIGNALS: &str = "signals";
/// How soon a suspicion that came by a signal is looked into again.
const LOOK_AGAIN_S: i64 = 10;
/// Among what people have been told of an incident.
const BROKEN_JOURNAL: &str = "broken_journal";
/// For how long a suspicion is followed by messages before only the timer goes on.
const FOLLOW_S: i64 = 1800;

/// What lies on the `signals` queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SignalMessage {
    /// Somebody reported something.
    Report { workload: String, signal: Signal },
    /// Our own reminder to look at a suspicion again.
    LookAgain { workload: String, since: Timestamp },
}

/// What a look at a workload came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    pub workload: String,
    pub diagnosis: Diagnosis,
    pub follow: Follow,
}

impl Engine {
    /// One tick of the watch over all workloads, side by side; what fails for one is logged.
    pub async fn watch(&self) -> Result<Vec<Watched>, Error> {
        let look = |workload: String| async move { self.look_at(&workload, false).await };
        self.in_each_workload("the watch could not look", look).await
    }

    /// Takes up what nobody follows any more. While the watch is off, a suspicion is followed by
    /// messages, and one that the bus did not take would be the last.
    pub(crate) async fn take_up(&self) -> Result<(), Error> {
        let look = |workload: String| async move { self.take_up_in(&workload).await };
        self.in_each_workload("the incident could not be taken up", look).await?;
        Ok(())
    }

    async fn take_up_in(&self, workload: &str) -> Result<(), Error> {
        let store = self.outside.store.as_ref();
        let watch = documents::watch(store, workload).await?.value;
        if watch.is_neglected(self.outside.clock.now()) {
            tracing::warn!(workload, "nobody follows this incident: it is taken up again");
            self.look_at(workload, true).await?;
        } else if watch.incident.is_some() {
            let plan = documents::plan(store, workload).await?.value;
            self.ensure_run(&plan, &watch).await?;
        }
        self.ensure_listed(&watch).await
    }

    /// A run that a sweep has met between its listing and its first record was taken off the list.
    async fn ensure_listed(&self, watch: &Watch) -> Result<(), Error> {
        let store = self.outside.store.as_ref();
        let under_way: Vec<_> = watch.runs().collect();
        if under_way.is_empty() {
            return Ok(());
        }
        let listed = store.open_runs().await?;
        for run in under_way.into_iter().filter(|run| !listed.iter().any(|it| it == run)) {
            if self.has_begun(run).await? {
                tracing::warn!(run, "this run was not on the list of open ones");
                store.open_run(run).await?;
            }
        }
        Ok(())
    }

    /// Takes in a message of the `signals` queue.
    pub async fn receive(&self, message: &SignalMessage) -> Result<(), Error> {
        let now = self.outside.clock.now();
        let (workload, since) = match message {
            SignalMessage::Report { workload, signal } => {
                let store = self.outside.store.as_ref();
                let plan = documents::plan(store, workload).await?.value;
                let news = documents::change_watch(store, workload, |watch| {
                    watch.receive(&plan, signal, now)
                })
                .await?;
                if !news {
                    return Ok(());
                }
                (workload, now)
            }
            SignalMessage::LookAgain { workload, since } => (workload, *since),
        };
        let watched = self.look_at(workload, true).await?;
        let follow_up = watched.follow == Follow::LookAgain
            && now.duration_since(since) < SignedDuration::from_secs(FOLLOW_S);
        if follow_up {
            let at = self.outside.clock.now() + SignedDuration::from_secs(LOOK_AGAIN_S);
            let again = SignalMessage::LookAgain { workload: workload.clone(), since };
            self.signal(workload, &self.outside.ids.next(), &again, Some(at)).await?;
        }
        Ok(())
    }

    /// Puts a message on the `signals` queue, in the workload's session.
    pub async fn signal(
        &self,
        workload: &str,
        id: &str,
        message: &SignalMessage,
        at: Option<Timestamp>,
    ) -> Result<(), Error> {
        let message = Message {
            session: Some(workload.to_owned()),
            id: id.to_owned(),
            body: serde_json::to_vec(message).expect("a signal serialises"),
            at,
            content_type: "application/json".to_owned(),
        };
        Ok(self.outside.bus.send(SIGNALS, &message).await?)
    }

    /// Looks at a workload now and begins what follows.
    pub(crate) async fn look_at(&self, workload: &str, close: bool) -> Result<Watched, Error> {
        let store = self.outside.store.as_ref();
        let plan = documents::plan(store, workload).await?.value;
        let before = documents::watch(store, workload).await?.value;
        self.ensure_run(&plan, &before).await?;
        let mut sights = self.sights(before.looks(&plan, self.outside.clock.now(), close)).await;
        if !close && is_new_suspicion(&plan, &before, &sights) {
            // The application has just stopped answering: ask the other witnesses at once.
            let looks = before.looks(&plan, self.outside.clock.now(), true);
            let rest =
                looks.into_iter().filter(|look| !sights.iter().any(|(_, seen, _)| seen == look));
            sights.extend(self.sights(rest.collect()).await);
        }
        let now = self.outside.clock.now();
        // While the kill switch is on nothing begins: people are told instead.
        let mut policy = plan.clone();
        if documents::kill_switch(store).await?.on {
            policy.mode = PolicyMode::Observe;
        }
        let (diagnosis, follow) = documents::change_watch(store, workload, |watch| {
            for (began, look, sight) in &sights {
                watch.saw(&plan, *began, look, sight);
            }
            let follow = watch.conclude(&policy, now);
            if let Follow::FailOver { incident, reason } = &follow {
                watch.run_begun(&plan, &incident_run(&plan, *incident), reason, now);
            }
            (watch.diagnosis(&plan, now), follow)
        })
        .await?;
        match &follow {
            Follow::FailOver { incident, reason } => {
                let from = before.active;
                let runbook = runbook::failover(Manner::Forced, from);
                self.begin_run(&plan, runbook, *incident, "the watch", reason).await?;
                self.tell(workload).await?;
            }
            Follow::Tell { .. } => self.tell(workload).await?,
            Follow::Nothing | Follow::LookAgain => {}
        }
        Ok(Watched { workload: workload.to_owned(), diagnosis, follow })
    }

    /// Makes looks side by side; each with the time at which it was asked.
    pub(crate) async fn sights(&self, looks: Vec<Look>) -> Vec<(Timestamp, Look, Sight)> {
        let asked = looks.into_iter().map(|look| async move {
            let began = self.outside.clock.now();
            let sight = adapters::look(&self.outside, &look, None).await;
            (began, look, sight)
        });
        join_all(asked).await
    }

    /// The incident names a run that may not have been written: whoever named it may have died.
    async fn ensure_run(&self, plan: &Plan, watch: &Watch) -> Result<(), Error> {
        let Some(incident) = &watch.incident else { return Ok(()) };
        let Some(run) = &incident.run else { return Ok(()) };
        // The watch goes on beside a broken run: its own turns tell that it is broken.
        if self.has_begun(run).await? {
            return Ok(());
        }
        let runbook = match &incident.runbook {
            Some(runbook) => runbook.clone(),
            None => runbook::failover(Manner::Forced, watch.active),
        };
        self.begin_run(plan, runbook, incident.number, "the watch", &incident.because).await
    }

    /// Only a person can help a run whose journal is broken: one is told, once per incident or drill.
    pub(crate) async fn tell_of_a_broken_run(&self, run: &str, problem: &str) -> Result<(), Error> {
        tracing::error!(run, problem, "a run cannot be read: a person must look");
        let tell = |watch: &mut Watch, plan: &Plan, now: Timestamp| {
            watch.tell_of_the_failover(plan, run, now, BROKEN_JOURNAL, problem)
                || watch.tell_of_a_broken_drill(plan, run, now, problem)
        };
        for workload in documents::workloads(self.outside.store.as_ref()).await? {
            if run.starts_with(&format!("{workload}-")) {
                self.tell_if_new(&workload, tell).await?;
            }
        }
        Ok(())
    }

    /// What people should know of a run that goes on. It is not worth a turn's failure.
    pub(crate) async fn tell_of_worries(&self, run: &Run) {
        let workload = run.start.plan.workload.as_str();
        let name = run.start.run.as_str();
        for Worry { key, detail } in worries(run, self.outside.clock.now()) {
            let tell = |watch: &mut Watch, plan: &Plan, now: Timestamp| {
                watch.tell_of_the_failover(plan, name, now, &key, &detail)
            };
            if let Err(error) = self.tell_if_new(workload, tell).await {
                tracing::warn!(run = name, %error, detail, "nobody could be told");
            }
        }
    }

    /// Tells people if the watch says that it is news.
    async fn tell_if_new(
        &self,
        workload: &str,
        tell: impl Fn(&mut Watch, &Plan, Timestamp) -> bool,
    ) -> Result<(), Error> {
        let now = self.outside.clock.now();
        let store = self.outside.store.as_ref();
        let plan = documents::plan(store, workload).await?.value;
        let tell = |watch: &mut Watch| tell(watch, &plan, now);
        let is_news = documents::change_watch(store, workload, tell).await?;
        if is_news { self.tell(workload).await } else { Ok(()) }
    }
}

/// Whether a probe that was good has just failed.
fn is_new_suspicion(plan: &Plan, before: &Watch, sights: &[(Timestamp, Look, Sight)]) -> bool {
    let mut after = before.clone();
    for (began, look, sight) in sights {
        after.saw(plan, *began, look, sight);
    }
    before.probe.failing_since.is_none() && after.probe.failing_since.is_some()
}

/// The name of an incident's run: who starts it twice starts the same.
pub(crate) fn incident_run(plan: &Plan, incident: u64) -> String {
    format!("{}-incident-{incident}", plan.workload)
}

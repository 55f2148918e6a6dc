//! Performs turns: does what a [`Turn`] asks and tells it what came of it. All the thinking is in
//! the core; here is only the doing, concurrently, each thing with its own time limit.

use futures::StreamExt;
use futures::future::{BoxFuture, FutureExt, join};
use futures::stream::FuturesUnordered;
use jiff::{SignedDuration, Timestamp};
use recovery::event::Outcome;
use recovery::limits::LEASE_S;
use recovery::news::News;
use recovery::run::Run;
use recovery::turn::{Action, Finish, Input, Turn};
use recovery::watch::IncidentEnd;
use serde_json::Value;
use store::{Append, Lease};

use crate::Engine;
use crate::error::Error;
use crate::wakes::Chain;
use crate::{adapters, documents, journal, request_id, told};

impl Engine {
    /// One turn of a run, out of turn: no message has asked for it.
    pub async fn advance(&self, run: &str) -> Result<Finish, Error> {
        self.turn(run, Chain::Beside).await
    }

    pub(crate) async fn turn(&self, run: &str, chain: Chain) -> Result<Finish, Error> {
        // Unique to the turn: no other turn's record can be taken for one of ours.
        let holder = format!("{}/{}", self.instance, self.outside.ids.next());
        let (mut turn, mut actions) = Turn::begin(&holder, self.outside.clock.now());
        let mut doing: FuturesUnordered<BoxFuture<'_, Input>> = FuturesUnordered::new();
        loop {
            for action in actions {
                match action {
                    Action::WakeAt(at) => self.wake_at(run, at, chain).await,
                    Action::ReleaseLease => self.release(run, &holder).await,
                    Action::Finish(finish) => {
                        tracing::debug!(run, ?finish, "turn ended");
                        if finish == Finish::Ended
                            && let Some(state) = turn.run()
                        {
                            self.settle(state).await?;
                        }
                        if let Some(state) = turn.run() {
                            self.tell_of_worries(state).await;
                        }
                        if let Finish::Unreadable(why) = &finish {
                            self.tell_of_a_broken_run(run, why).await?;
                        }
                        return Ok(finish);
                    }
                    other => {
                        let subject =
                            turn.run().map(|run| Subject::of(run, self.outside.clock.now()));
                        let subject = subject.unwrap_or_default();
                        doing.push(self.perform(run, &holder, other, subject).boxed());
                    }
                }
            }
            let Some(input) = doing.next().await else {
                return Err(Error::Corrupt(format!("the turn of {run:?} came to nothing")));
            };
            actions = turn.step(self.outside.clock.now(), input);
        }
    }

    pub(crate) async fn perform(
        &self,
        run: &str,
        holder: &str,
        action: Action,
        subject: Subject,
    ) -> Input {
        let outside = &self.outside;
        match action {
            Action::AcquireLease => self.lease(run, holder).await,
            Action::RenewLease => self.renew(run, holder, subject.drill_of.as_deref()).await,
            Action::Load => self.load(run).await.unwrap_or_else(|error| match error {
                Error::Corrupt(why) => Input::Unreadable(why),
                error => Input::StoreFailed(error.to_string()),
            }),
            Action::Append { sequence, record } => {
                let store = outside.store.as_ref();
                match journal::append(store, run, sequence, holder, &record).await {
                    Ok(Append::Written) => Input::Appended,
                    Ok(Append::Taken) => Input::AppendTaken,
                    Err(error) => Input::StoreFailed(error.to_string()),
                }
            }
            Action::Look { look, operations, asked } => {
                let (sight, operations) = join(
                    adapters::look(outside, &look, asked.as_ref()),
                    adapters::poll(outside, &operations),
                )
                .await;
                Input::Looked { look, sight, operations }
            }
            Action::Send { step, attempt, effect, send_before } => {
                let id = request_id::of(run, step, attempt);
                tracing::info!(run, step = step.name(), what = effect.subject(), id, "send");
                let about = &subject.about;
                let outcome = adapters::send(outside, &effect, &id, about, send_before).await;
                Input::Sent { step, attempt, outcome }
            }
            Action::WakeAt(_) | Action::ReleaseLease | Action::Finish(_) => {
                Input::StoreFailed("not an action to wait for".to_owned())
            }
        }
    }

    async fn lease(&self, run: &str, holder: &str) -> Input {
        let Self { outside, .. } = self;
        let ttl = SignedDuration::from_secs(LEASE_S);
        match outside.store.acquire_lease(run, holder, outside.clock.now(), ttl).await {
            Ok(Lease::Held { until }) => Input::Leased { until },
            Ok(Lease::Busy { until }) => Input::LeaseBusy { until },
            Err(error) => Input::StoreFailed(error.to_string()),
        }
    }

    /// The lease, and what the run has been told until now.
    async fn renew(&self, run: &str, holder: &str, drill_of: Option<&str>) -> Input {
        match join(self.lease(run, holder), self.told(run, drill_of)).await {
            (Input::Leased { until }, Ok(told)) => match told.set_aside {
                Some(word) => Input::Unreadable(word.told()),
                None => Input::Renewed { until, requests: told.requests, halted: told.halted },
            },
            (Input::Leased { .. }, Err(error)) => Input::StoreFailed(error.to_string()),
            (lost, _) => lost,
        }
    }

    async fn load(&self, run: &str) -> Result<Input, Error> {
        let records = self.journals.load(self.outside.store.as_ref(), run).await?;
        let told = self.told(run, told::drill_of(&records)).await?;
        if let Some(word) = told.set_aside {
            return Ok(Input::Unreadable(word.told()));
        }
        Ok(Input::Loaded { records, requests: told.requests, halted: told.halted })
    }

    /// A lease that is not given back only delays the next turn.
    async fn release(&self, run: &str, holder: &str) {
        if let Err(error) = self.outside.store.release_lease(run, holder).await {
            tracing::warn!(run, %error, "the lease was not released");
        }
    }

    /// What follows from a run's end. Repeating it changes nothing.
    pub(crate) async fn settle(&self, run: &Run) -> Result<(), Error> {
        let Some((outcome, at, _)) = &run.ended else { return Ok(()) };
        let store = self.outside.store.as_ref();
        let name = &run.start.run;
        // Users follow the database: where it is, the workload is, even if a person must help.
        let moved = run.is_promoted() || (run.is_past_no_return() && is_success(*outcome));
        let place = moved.then_some(run.start.runbook.to);
        let workload = run.start.plan.workload.as_str();
        let end = incident_end(*outcome);
        documents::change_watch(store, workload, |watch| {
            if watch.run_ended(name, place, end, *at) && !run.has_told() {
                watch.tell(News::of_end(run, *at));
            }
        })
        .await?;
        store.close_run(name).await?;
        self.journals.forget(name);
        tracing::info!(run = name, ?outcome, "run ended");
        Ok(())
    }
}

fn is_success(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Recovered | Outcome::Degraded)
}

fn incident_end(outcome: Outcome) -> IncidentEnd {
    match outcome {
        Outcome::Recovered | Outcome::Drilled => IncidentEnd::Recovered,
        Outcome::Degraded => IncidentEnd::Degraded,
        Outcome::Aborted => IncidentEnd::Aborted,
        Outcome::NeedsHuman => IncidentEnd::NeedsHuman,
        Outcome::Failed => IncidentEnd::Failed,
    }
}

/// What is known of the run for which something is done.
#[derive(Debug, Default)]
pub(crate) struct Subject {
    /// What a notification says about it.
    about: Value,
    drill_of: Option<String>,
}

impl Subject {
    fn of(run: &Run, now: Timestamp) -> Self {
        let about = serde_json::to_value(News::of_end(run, now)).expect("news serialise");
        Self { about, drill_of: told::drill(&run.start).map(str::to_owned) }
    }
}

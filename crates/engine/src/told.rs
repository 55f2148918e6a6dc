//! What a run is told while it works: what people ask of it, that everything is stopped, and, if it
//! is a drill, that another run needs its machines.

use futures::future::try_join3;
use recovery::event::{Event, Record, Start};
use recovery::request::Request;

use crate::Engine;
use crate::error::Error;
use crate::set_aside::SetAside;
use crate::{documents, journal};

#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) set_aside: Option<SetAside>,
    pub(crate) requests: Vec<Request>,
    pub(crate) halted: bool,
}

impl Engine {
    /// `drill_of` is the workload whose drill the run is, if it is one.
    pub(crate) async fn told(&self, run: &str, drill_of: Option<&str>) -> Result<Told, Error> {
        let store = self.outside.store.as_ref();
        let inbox = async { Ok(journal::inbox(store, run).await?) };
        let (inbox, switch, mover) =
            try_join3(inbox, documents::kill_switch(store), self.mover(drill_of)).await?;
        let mut requests = inbox.requests;
        requests.extend(mover);
        Ok(Told { set_aside: inbox.set_aside, requests, halted: switch.on })
    }

    /// A drill gives way to the run that moves its workload. It asks for itself, at each look, so
    /// that it does not matter which of the two began first, or who died in between.
    async fn mover(&self, drill_of: Option<&str>) -> Result<Option<Request>, Error> {
        let Some(workload) = drill_of else { return Ok(None) };
        let watch = documents::watch(self.outside.store.as_ref(), workload).await?.value;
        Ok(watch.incident.and_then(|incident| incident.run).map(|run| Request::Abort {
            by: "Farshore".to_owned(),
            reason: format!("run {run} moves the workload"),
        }))
    }
}

/// The workload whose drill the run is, if it is one.
pub(crate) fn drill(start: &Start) -> Option<&str> {
    start.runbook.is_drill().then(|| start.plan.workload.as_str())
}

pub(crate) fn drill_of(records: &[Record]) -> Option<&str> {
    match records.first()?.events.first()? {
        Event::RunStarted(start) => drill(start),
        _ => None,
    }
}

//! The store as the protocol knows it: a journal that takes each number once, a lease, an inbox and
//! the kill switch.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use recovery::event::{Event, Record, Start};
use recovery::limits::LEASE_S;
use recovery::request::Request;
use recovery::run::{IllegalEvent, Run};

use crate::scenario::Broken;
use crate::shared::digest;
use crate::system::stamp;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Store {
    pub(crate) journal: Journal,
    lease: Option<(String, i64)>,
    pub(crate) aborting: bool,
    pub(crate) halted: bool,
}

/// Records, and the run that they add up to.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    records: Vec<Arc<Record>>,
    pub(crate) run: Arc<Run>,
    digest: u64,
}

impl Store {
    pub(crate) fn begin(start: Start) -> Self {
        let events = vec![Event::RunStarted(Box::new(start))];
        let record = Record { at: stamp(0), events };
        let run = Run::replay(std::slice::from_ref(&record)).expect("it starts a run");
        let digest = digest(&record);
        let journal = Journal { records: vec![Arc::new(record)], run: Arc::new(run), digest };
        Self { journal, lease: None, aborting: false, halted: false }
    }

    pub(crate) fn acquire(&mut self, holder: &str, now: i64, broken: Option<Broken>) -> bool {
        let lasts = broken == Some(Broken::LeaseLasts);
        let holds = |until: i64| until > now || lasts;
        let taken = self.lease.as_ref().is_some_and(|(by, until)| by != holder && holds(*until));
        if taken && broken != Some(Broken::LeaseLies) {
            return false;
        }
        self.lease = Some((holder.to_owned(), now + LEASE_S));
        true
    }

    pub(crate) fn leased_until(&self) -> Option<i64> {
        self.lease.as_ref().map(|(_, until)| *until)
    }

    /// What has run out might as well not be there.
    pub(crate) fn forget_old_lease(&mut self, now: i64, broken: Option<Broken>) {
        self.lease.take_if(|(_, until)| *until <= now && broken != Some(Broken::LeaseLasts));
    }

    pub(crate) fn release(&mut self, holder: &str) {
        self.lease.take_if(|(by, _)| by == holder);
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        let abort = || Request::Abort { by: "ann".to_owned(), reason: "enough".to_owned() };
        self.aborting.then(abort).into_iter().collect()
    }
}

impl Journal {
    /// Whether the record is the journal's `sequence`-th now.
    pub(crate) fn append(&mut self, sequence: u64, record: &Record) -> Result<bool, IllegalEvent> {
        if usize::try_from(sequence).ok() != Some(self.records.len()) {
            return Ok(false);
        }
        let run = Arc::make_mut(&mut self.run);
        for event in &record.events {
            run.apply(record.at, event)?;
        }
        self.digest = digest(&(self.digest, record));
        self.records.push(Arc::new(record.clone()));
        Ok(true)
    }

    pub(crate) fn load(&self) -> Vec<Record> {
        self.records.iter().map(|record| (**record).clone()).collect()
    }

    pub(crate) fn last(&self) -> Option<&Record> {
        self.records.last().map(AsRef::as_ref)
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }
}

impl PartialEq for Journal {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest && self.records.len() == other.records.len()
    }
}

impl Eq for Journal {}

impl Hash for Journal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

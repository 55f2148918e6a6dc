//! The store as the core knows it: a journal that takes each number once, and a lease.

use jiff::{SignedDuration, Timestamp};
use recovery::event::Record;
use recovery::limits::LEASE_S;
use recovery::request::Request;
use recovery::run::Run;

#[derive(Default)]
pub(crate) struct Store {
    /// Written records: by whom, and the bytes.
    written: Vec<(String, Vec<u8>)>,
    /// The same, read back from the bytes.
    records: Vec<Record>,
    /// What they add up to.
    replica: Option<Run>,
    pub(crate) inbox: Vec<Request>,
    pub(crate) kill_switch: bool,
    lease: Option<(String, Timestamp)>,
    /// A broken lease: whoever asks holds it.
    pub(crate) lease_lies: bool,
    /// How long leases are, if not as long as they should be.
    pub(crate) lease_s: Option<i64>,
}

impl Store {
    /// Whether the record is the journal's `sequence`-th now.
    pub(crate) fn append(&mut self, sequence: u64, writer: &str, record: &Record) -> bool {
        let bytes = serde_json::to_vec(record).unwrap();
        let back: Record = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(back, *record, "events survive being written down");
        let sequence = usize::try_from(sequence).unwrap();
        if let Some((by, known)) = self.written.get(sequence) {
            return by == writer && *known == bytes;
        }
        assert_eq!(sequence, self.written.len(), "no writer leaves a gap");
        self.written.push((writer.to_owned(), bytes));
        match &mut self.replica {
            None => self.replica = Some(Run::replay(std::slice::from_ref(&back)).unwrap()),
            Some(run) => {
                for event in &back.events {
                    run.apply(back.at, event).unwrap();
                }
            }
        }
        self.records.push(back);
        true
    }

    pub(crate) fn records(&self) -> &[Record] {
        &self.records
    }

    /// What the journal adds up to now, kept up record by record.
    pub(crate) fn run(&self) -> &Run {
        self.replica.as_ref().expect("a run was started")
    }

    /// The journal as lines of JSON.
    pub(crate) fn lines(&self) -> String {
        let lines: Vec<_> =
            self.written.iter().map(|(_, bytes)| str::from_utf8(bytes).unwrap()).collect();
        lines.join("\n") + "\n"
    }

    /// Until when the holder holds the run now, or who does.
    pub(crate) fn acquire(&mut self, holder: &str, now: Timestamp) -> Result<Timestamp, Timestamp> {
        let ttl = SignedDuration::from_secs(self.lease_s.unwrap_or(LEASE_S));
        match &self.lease {
            Some((by, until)) if by != holder && *until > now && !self.lease_lies => Err(*until),
            _ => {
                self.lease = Some((holder.to_owned(), now + ttl));
                Ok(now + ttl)
            }
        }
    }

    pub(crate) fn release(&mut self, holder: &str) {
        if self.lease.as_ref().is_some_and(|(by, _)| by == holder) {
            self.lease = None;
        }
    }

    /// Until when this holder has the run for itself.
    pub(crate) fn held_until(&self, holder: &str) -> Option<Timestamp> {
        self.lease.as_ref().filter(|(by, _)| by == holder).map(|(_, until)| *until)
    }

    /// Takes the lease away, as an operator or a bug would.
    pub(crate) fn give_lease_to(&mut self, holder: &str, until: Timestamp) {
        self.lease = Some((holder.to_owned(), until));
    }
}

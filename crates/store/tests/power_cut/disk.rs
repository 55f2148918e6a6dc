//! A disk that forgets: what was written and not synced may be gone after a power cut, wholly, in
//! part, or out of order.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use sqlite_vfs::wip::{WalIndex, WalIndexLock};
use sqlite_vfs::{DatabaseHandle, LockKind, OpenAccess, OpenOptions, Vfs};

/// A write reaches the disk in these units.
const SECTOR: usize = 512;

type Done<T> = Result<T, Error>;

/// Shared by all files on it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Disk(Arc<Mutex<Platter>>);

#[derive(Debug, Default)]
struct Platter {
    files: BTreeMap<String, Data>,
    /// How many more changes until the power fails.
    changes_left: usize,
    /// A sync is confirmed and not done.
    lies: bool,
    /// No file can grow.
    full: bool,
    /// How many writes power cuts have taken.
    forgotten: usize,
}

#[derive(Debug, Default)]
struct Data {
    synced: Vec<u8>,
    seen: Vec<u8>,
    unsynced: Vec<Change>,
}

#[derive(Debug)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Length(usize),
}

impl Disk {
    pub(crate) fn lying() -> Self {
        let disk = Self::default();
        disk.platter(|platter| platter.lies = true);
        disk
    }

    /// Makes `SQLite` know it under a name.
    pub(crate) fn register(&self, name: &str) {
        sqlite_vfs::register(name, self.clone(), false).unwrap();
    }

    /// The power is on until so many changes are made.
    pub(crate) fn power_on(&self, changes: usize) {
        self.platter(|platter| platter.changes_left = changes);
    }

    pub(crate) fn fill(&self, full: bool) {
        self.platter(|platter| platter.full = full);
    }

    /// The power fails. What was not synced is on the disk or not, sector by sector.
    pub(crate) fn cut(&self, dice: &mut Rng) {
        self.platter(|platter| {
            platter.changes_left = 0;
            for data in platter.files.values_mut() {
                for change in std::mem::take(&mut data.unsynced) {
                    platter.forgotten += change.settle(&mut data.synced, dice);
                }
                data.seen.clone_from(&data.synced);
            }
        });
    }

    pub(crate) fn forgotten(&self) -> usize {
        self.platter(|platter| platter.forgotten)
    }

    fn platter<T>(&self, work: impl FnOnce(&mut Platter) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Platter {
    fn changes(&mut self) -> Done<()> {
        self.changes_left = self.changes_left.checked_sub(1).ok_or_else(power_is_off)?;
        Ok(())
    }
}

fn power_is_off() -> Error {
    Error::other("the power is off")
}

impl Data {
    fn change(&mut self, change: Change) {
        change.apply(&mut self.seen);
        self.unsynced.push(change);
    }
}

impl Change {
    /// How long the file is with it, at least.
    fn length(&self) -> usize {
        match self {
            Self::Length(length) => *length,
            Self::Write { at, bytes } => at + bytes.len(),
        }
    }

    fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Self::Length(length) => to.resize(*length, 0),
            Self::Write { at, bytes } => {
                let end = at + bytes.len();
                if to.len() < end {
                    to.resize(end, 0);
                }
                to[*at..end].copy_from_slice(bytes);
            }
        }
    }

    /// Applies what the dice leave of it; how many writes are gone.
    fn settle(self, to: &mut Vec<u8>, dice: &mut Rng) -> usize {
        let Self::Write { at, bytes } = self else {
            if dice.bool() {
                self.apply(to);
            }
            return 0;
        };
        let mut gone = 0;
        for (number, sector) in bytes.chunks(SECTOR).enumerate() {
            if dice.bool() {
                Self::Write { at: at + number * SECTOR, bytes: sector.to_vec() }.apply(to);
            } else {
                gone += 1;
            }
        }
        gone
    }
}

/// An open file.
pub(crate) struct File {
    disk: Disk,
    name: String,
    lock: LockKind,
}

impl File {
    fn data<T>(&self, work: impl FnOnce(&mut Data) -> T) -> T {
        self.disk.platter(|platter| work(platter.files.entry(self.name.clone()).or_default()))
    }

    fn change(&self, change: Change) -> Done<()> {
        self.disk.platter(Platter::changes)?;
        let is_full = self.disk.platter(|platter| platter.full);
        if is_full && self.data(|data| change.length() > data.seen.len()) {
            return Err(ErrorKind::StorageFull.into());
        }
        self.data(|data| data.change(change));
        Ok(())
    }
}

impl Vfs for Disk {
    type Handle = File;

    fn open(&self, name: &str, options: OpenOptions) -> Done<File> {
        let is_there = self.exists(name)?;
        match options.access {
            OpenAccess::CreateNew if is_there => return Err(ErrorKind::AlreadyExists.into()),
            OpenAccess::Read | OpenAccess::Write if !is_there => {
                return Err(ErrorKind::NotFound.into());
            }
            _ => {}
        }
        let file = File { disk: self.clone(), name: name.to_owned(), lock: LockKind::None };
        file.data(|_| ());
        Ok(file)
    }

    /// That a file is gone is on the disk at once: `SQLite` syncs the folder itself where it matters.
    fn delete(&self, name: &str) -> Done<()> {
        self.platter(|platter| {
            platter.changes()?;
            platter.files.remove(name);
            Ok(())
        })
    }

    fn exists(&self, name: &str) -> Done<bool> {
        Ok(self.platter(|platter| platter.files.contains_key(name)))
    }

    fn temporary_name(&self) -> String {
        "temporary".to_owned()
    }

    fn random(&self, buffer: &mut [i8]) {
        buffer.fill_with(|| fastrand::i8(..));
    }

    fn sleep(&self, duration: Duration) -> Duration {
        duration
    }
}

impl DatabaseHandle for File {
    type WalIndex = Index;

    fn size(&self) -> Done<u64> {
        Ok(self.data(|data| data.seen.len()) as u64)
    }

    fn read_exact_at(&mut self, buffer: &mut [u8], offset: u64) -> Done<()> {
        let from = usize::try_from(offset).unwrap();
        self.data(|data| {
            let there = data.seen.get(from..from + buffer.len());
            buffer.copy_from_slice(there.ok_or(ErrorKind::UnexpectedEof)?);
            Ok(())
        })
    }

    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> Done<()> {
        let at = usize::try_from(offset).unwrap();
        self.change(Change::Write { at, bytes: bytes.to_vec() })
    }

    fn sync(&mut self, _: bool) -> Done<()> {
        let lies = self.disk.platter(|platter| platter.changes().map(|()| platter.lies))?;
        if !lies {
            self.data(|data| {
                data.unsynced.clear();
                data.synced.clone_from(&data.seen);
            });
        }
        Ok(())
    }

    fn set_len(&mut self, size: u64) -> Done<()> {
        self.change(Change::Length(usize::try_from(size).unwrap()))
    }

    fn lock(&mut self, lock: LockKind) -> Done<bool> {
        self.lock = lock;
        Ok(true)
    }

    fn reserved(&mut self) -> Done<bool> {
        Ok(false)
    }

    fn current_lock(&self) -> Done<LockKind> {
        Ok(self.lock)
    }

    fn wal_index(&self, _: bool) -> Done<Index> {
        Ok(Index)
    }
}

/// Memory of one connection; nobody else has the file open.
pub(crate) struct Index;

impl WalIndex for Index {
    #[expect(clippy::large_stack_arrays, reason = "the trait wants it so")]
    fn map(&mut self, _: u32) -> Done<[u8; 32768]> {
        Ok([0; 32768])
    }

    fn lock(&mut self, _: Range<u8>, _: WalIndexLock) -> Done<bool> {
        Ok(true)
    }

    fn delete(self) -> Done<()> {
        Ok(())
    }
}

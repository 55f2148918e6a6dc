//! Whether the files of the store stand still: what shows, without asking the app, that its writes
//! are refused.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use crate::storage::SQLITE_FILE;

/// Three rounds of the watch, each of which writes, and many turns.
const TELLING: SignedDuration = SignedDuration::from_secs(30);

/// The store's files at a moment.
#[derive(Debug, PartialEq, Eq)]
struct Files(BTreeMap<PathBuf, (u64, Option<SystemTime>)>);

/// For how long nothing was written.
#[derive(Debug)]
pub(super) struct Standstill {
    folder: PathBuf,
    files: Files,
    since: Timestamp,
    longest: SignedDuration,
}

impl Standstill {
    pub(super) fn begin(folder: &Path, now: Timestamp) -> Result<Self> {
        let files = Files::read(folder)?;
        Ok(Self { folder: folder.to_owned(), files, since: now, longest: SignedDuration::ZERO })
    }

    /// Looks once more; whether something was written since the last look.
    pub(super) fn look(&mut self, now: Timestamp) -> Result<bool> {
        let files = Files::read(&self.folder)?;
        let is_written = files != self.files;
        if is_written {
            self.since = now;
        }
        self.longest = self.longest.max(now.duration_since(self.since));
        self.files = files;
        Ok(is_written)
    }

    /// The seconds of the longest standstill, or 0 if it may have been chance.
    pub(super) fn seconds(&self) -> u64 {
        let telling = self.longest >= TELLING;
        if telling { self.longest.as_secs().unsigned_abs() } else { 0 }
    }
}

impl Files {
    fn read(folder: &Path) -> Result<Self> {
        let mut files = BTreeMap::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                // What came and went between two calls is no file of the store.
                let Ok(about) = fs::metadata(&path) else { continue };
                if about.is_dir() {
                    folders.push(path);
                } else if about.len() > 0 && !is_passing(&path) {
                    // What Azurite writes is appended, and what it fails to append to is touched.
                    let written = is_overwritten(&path).then(|| about.modified()).transpose()?;
                    files.insert(path, (about.len(), written));
                }
            }
        }
        Ok(Self(files))
    }
}

/// The index of `SQLite`'s log lies in memory, and Azurite empties a file beside its index before it
/// fills it: neither holds anything that was confirmed.
fn is_passing(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.ends_with("-shm") || name.ends_with('~')
}

fn is_overwritten(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(SQLITE_FILE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn only_a_long_standstill_tells_and_a_write_ends_it() {
        let folder = tempfile::tempdir().unwrap();
        let extent = folder.path().join("blobs/1");
        fs::create_dir(folder.path().join("blobs")).unwrap();
        fs::write(&extent, "1").unwrap();
        let mut standstill = Standstill::begin(folder.path(), after(0)).unwrap();

        assert!(!standstill.look(after(29)).unwrap());
        assert_eq!(standstill.seconds(), 0, "it may be chance");
        fs::write(folder.path().join("farshore.db-shm"), "an index").unwrap();
        assert!(!standstill.look(after(40)).unwrap());
        assert_eq!(standstill.seconds(), 40);
        fs::write(&extent, "12").unwrap();
        assert!(standstill.look(after(50)).unwrap());
        assert!(!standstill.look(after(60)).unwrap());
        assert_eq!(standstill.seconds(), 40, "the longest counts");
    }
}

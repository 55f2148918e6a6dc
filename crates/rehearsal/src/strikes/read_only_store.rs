//! The store is read-only for a while. Permissions matter only to who opens a file: so the app dies,
//! and finds its journals read-only when it is back, as after a disk was mounted again.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use anyhow::Result;
use async_trait::async_trait;
use jiff::SignedDuration;

use super::standstill::Standstill;
use super::{Blow, Proof};
use crate::{Options, Rehearsal, StoreKind};

#[derive(Debug)]
pub(super) struct ReadOnlyStore;

const READ_ONLY_S: i64 = 90;

#[async_trait(?Send)]
impl Blow for ReadOnlyStore {
    /// Azurite's files are its own; Azure Storage has no such state.
    fn fits(&self, store: StoreKind) -> bool {
        store == StoreKind::Sqlite
    }

    /// Permissions bind the superuser only without the capability to override them.
    fn prepare(&self, options: &mut Options) {
        if rustix::process::geteuid().is_root() {
            let bound = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"];
            options.launcher.extend(bound.map(str::to_owned));
        }
    }

    async fn strike(&self, rehearsal: &Rehearsal) -> Result<Proof> {
        let read_only = ReadOnly::make(rehearsal.storage.folder().to_owned())?;
        let killed = rehearsal.see(async || Ok(rehearsal.crash_app())).await?;
        let next = rehearsal.next_app(killed).await?;
        let until = rehearsal.clock.now() + SignedDuration::from_secs(READ_ONLY_S);
        let mut standstill = Standstill::begin(rehearsal.storage.folder(), rehearsal.clock.now())?;
        while rehearsal.clock.now() < until {
            rehearsal.pass(SignedDuration::from_secs(1)).await;
            standstill.look(rehearsal.clock.now())?;
        }
        let still = standstill.seconds();
        drop(read_only);
        rehearsal.see(async || Ok(standstill.look(rehearsal.clock.now())?.then_some(()))).await?;
        let seen = format!(
            "the app {next} finds its store read-only after {killed} was killed; the files stand \
             still for {still} s and are written again"
        );
        Ok(Proof { hits: still, seen })
    }
}

/// Files and folder that nobody may write, until this is dropped.
struct ReadOnly(Vec<(PathBuf, Permissions)>);

impl ReadOnly {
    fn make(folder: PathBuf) -> Result<Self> {
        let mut paths = vec![folder.clone()];
        for entry in fs::read_dir(folder)? {
            paths.push(entry?.path());
        }
        let mut before = Self(Vec::new());
        for path in paths {
            let permissions = fs::metadata(&path)?.permissions();
            let bits = permissions.mode() & !0o222;
            before.0.push((path.clone(), permissions));
            fs::set_permissions(&path, Permissions::from_mode(bits))?;
        }
        Ok(before)
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        for (path, permissions) in self.0.drain(..) {
            // What is gone needs no permissions.
            let _ = fs::set_permissions(path, permissions);
        }
    }
}

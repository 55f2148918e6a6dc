//! The disk under the store takes nothing more for a while.
//!
//! Who has no right to fill a disk or to mount a small one can still have the kernel refuse every
//! byte that the process writes into a file: by its limit on the size of files (`RLIMIT_FSIZE`),
//! which `prlimit` of util-linux sets and lifts again. The error is EFBIG where a full disk gives
//! ENOSPC, and what would only be overwritten is refused too.

use anyhow::{Context as _, Result, ensure};
use async_trait::async_trait;
use jiff::SignedDuration;
use tokio::process::Command;

use super::standstill::Standstill;
use super::{Blow, Proof};
use crate::{Options, Rehearsal, StoreKind};

#[derive(Debug)]
pub(super) struct DiskFull;

const FULL_S: i64 = 90;

#[async_trait(?Send)]
impl Blow for DiskFull {
    /// Beyond the limit comes a signal that ends a process, unless it is ignored, which children
    /// inherit. Node ignores it by itself.
    fn prepare(&self, options: &mut Options) {
        let ignoring = ["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"];
        options.launcher.extend(ignoring.map(str::to_owned));
    }

    async fn strike(&self, rehearsal: &Rehearsal) -> Result<Proof> {
        let until = rehearsal.clock.now() + SignedDuration::from_secs(FULL_S);
        let mut standstill = Standstill::begin(rehearsal.storage.folder(), rehearsal.clock.now())?;
        let mut writers = Vec::new();
        while rehearsal.clock.now() < until {
            // A process that comes meanwhile finds the same disk.
            if let Some(writer) = writer(rehearsal)
                && !writers.contains(&writer)
            {
                limit_files(writer, "0").await?;
                writers.push(writer);
            }
            rehearsal.pass(SignedDuration::from_secs(1)).await;
            standstill.look(rehearsal.clock.now())?;
        }
        for writer in &writers {
            // Whoever is gone has no limit to lift.
            let lifted = limit_files(*writer, "unlimited").await;
            ensure!(lifted.is_ok() || !is_alive(*writer), "{lifted:?}");
        }
        let still = standstill.seconds();
        rehearsal.see(async || Ok(standstill.look(rehearsal.clock.now())?.then_some(()))).await?;
        let seen = format!(
            "the process {writers:?} can write into no file for {FULL_S} s; the files of the store \
             stand still for {still} s and are written again"
        );
        Ok(Proof { hits: still, seen })
    }
}

/// The process that writes the store's files.
fn writer(rehearsal: &Rehearsal) -> Option<u32> {
    match rehearsal.store() {
        StoreKind::Sqlite => rehearsal.host()?.handler_pid,
        StoreKind::Azurite => rehearsal.storage.process(),
    }
}

async fn limit_files(process: u32, bytes: &str) -> Result<()> {
    let mut prlimit = Command::new("prlimit");
    prlimit.arg(format!("--pid={process}")).arg(format!("--fsize={bytes}:"));
    let output = prlimit.output().await.context("prlimit of util-linux is needed")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "prlimit ended with {}: {said}", output.status);
    Ok(())
}

fn is_alive(process: u32) -> bool {
    std::path::Path::new("/proc").join(process.to_string()).exists()
}

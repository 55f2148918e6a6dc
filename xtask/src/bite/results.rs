//! What has been found so far: a line of JSON per bug and layer, written at once, so that a run that
//! was interrupted goes on where it was.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::layers::{Finding, Layer};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Line {
    /// Names the sources, the bug, the layer and how it was run: a line of others is never found.
    pub(super) key: String,
    pub(super) bug: String,
    pub(super) layer: Layer,
    pub(super) finding: Finding,
    pub(super) seconds: u64,
}

#[derive(Debug)]
pub(super) struct Results {
    path: PathBuf,
    lines: BTreeMap<String, Line>,
}

impl Results {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let text = if path.exists() { fs::read_to_string(path)? } else { String::new() };
        // The last line may be torn.
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        let lines = lines.map(|line| (line.key.clone(), line)).collect();
        Ok(Self { path: path.to_owned(), lines })
    }

    pub(super) fn find(&self, key: &str) -> Option<&Line> {
        self.lines.get(key)
    }

    pub(super) fn add(&mut self, line: Line) -> Result<()> {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        writeln!(file, "{}", serde_json::to_string(&line)?)?;
        self.lines.insert(line.key.clone(), line);
        Ok(())
    }
}

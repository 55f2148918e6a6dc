//! The files that are checked, with mistakes planted where a test wants them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[derive(Debug, Default)]
pub(super) struct Sources {
    changed: BTreeMap<String, String>,
}

impl Sources {
    pub(super) fn read(&self, path: &str) -> String {
        self.changed.get(path).cloned().unwrap_or_else(|| {
            fs::read_to_string(Path::new(ROOT).join(path))
                .unwrap_or_else(|error| panic!("{path}: {error}"))
        })
    }

    pub(super) fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.read(path)).unwrap()
    }

    /// The same files, but for one mistake.
    pub(super) fn with(path: &str, right: &str, wrong: &str) -> Self {
        let text = Self::default().read(path);
        assert!(text.contains(right), "{path} does not say {right:?} any more");
        let changed = BTreeMap::from([(path.to_owned(), text.replace(right, wrong))]);
        Self { changed }
    }

    /// Files below a folder that end so, relative to the root.
    pub(super) fn below(folder: &str, end: &str) -> Vec<String> {
        let mut all = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(Path::new(ROOT).join(&folder)).unwrap() {
                let entry = entry.unwrap();
                let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
                if entry.file_type().unwrap().is_dir() {
                    folders.push(path);
                } else if path.ends_with(end) {
                    all.push(path);
                }
            }
        }
        all.sort();
        all
    }
}

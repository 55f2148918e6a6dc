//! A staged function app: `host.json` and one `<function>/function.json` for each function.
//!
//! What this host does not reproduce is refused when the app is read, so that nobody comes to rely
//! on half of it.

mod function;
mod host_file;
mod json;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

pub use function::{
    AuthLevel, DataType, Function, HttpTrigger, QueueTrigger, TimerTrigger, Trigger,
};
pub use host_file::HostFile;

/// App settings: the environment of the app.
pub type Settings = BTreeMap<String, String>;

/// An app that can be hosted.
#[derive(Debug, Clone)]
pub struct App {
    pub root: PathBuf,
    pub host: HostFile,
    pub functions: Vec<Function>,
}

/// What is wrong with an app: the file and the problem.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{file}: {problem}")]
pub struct AppError {
    pub file: String,
    pub problem: String,
}

impl App {
    /// Reads a staged app from its directory.
    pub fn read(root: &Path, settings: &Settings) -> Result<Self, AppError> {
        let root = std::path::absolute(root).map_err(|error| refuse(root, &error.to_string()))?;
        let host = read_json(&root.join("host.json"))?;
        let entries =
            std::fs::read_dir(&root).map_err(|error| refuse(&root, &error.to_string()))?;
        let mut functions = Vec::new();
        for entry in entries {
            let folder = entry.map_err(|error| refuse(&root, &error.to_string()))?.path();
            let file = folder.join("function.json");
            if file.is_file() {
                let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
                functions.push((name, read_json(&file)?));
            }
        }
        functions.sort_by(|left, right| left.0.cmp(&right.0));
        Self::from_json(&root, host, functions, settings)
    }

    /// An app from the contents of its files.
    pub fn from_json(
        root: &Path,
        mut host: Value,
        functions: Vec<(String, Value)>,
        settings: &Settings,
    ) -> Result<Self, AppError> {
        host_file::override_by_settings(&mut host, settings);
        let in_host = |problem: String| AppError { file: "host.json".into(), problem };
        let host = HostFile::parse(&host, settings).map_err(in_host)?;
        let mut read = Vec::new();
        for (name, file) in functions {
            let function = Function::parse(&name, &file, &host, settings)
                .map_err(|problem| AppError { file: format!("{name}/function.json"), problem })?;
            read.extend(function);
        }
        Ok(Self { root: root.to_owned(), host, functions: read })
    }
}

/// Replaces each `%NAME%` by the setting; an unknown one stays as it is.
pub(crate) fn expand(text: &str, settings: &Settings) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        expanded.push_str(before);
        let Some((name, tail)) = after.split_once('%') else {
            expanded.push('%');
            rest = after;
            continue;
        };
        if let Some(value) = settings.get(name) {
            expanded.push_str(value);
        } else {
            expanded.push('%');
            expanded.push_str(name);
            expanded.push('%');
        }
        rest = tail;
    }
    expanded.push_str(rest);
    expanded
}

fn read_json(file: &Path) -> Result<Value, AppError> {
    let text = std::fs::read_to_string(file).map_err(|error| refuse(file, &error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| refuse(file, &error.to_string()))
}

fn refuse(file: &Path, problem: &str) -> AppError {
    AppError { file: file.display().to_string(), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests;

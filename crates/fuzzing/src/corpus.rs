//! The corpora: `fuzz/corpus/TARGET/`, where libFuzzer looks too.

use std::fs;
use std::io;
use std::path::PathBuf;

/// One input and the name of its file.
#[derive(Debug, Clone)]
pub struct Sample {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Where the corpora, the fuzzers and the inputs are that failed.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

/// The inputs of a target, in the order of their names.
pub fn read(target: &str) -> io::Result<Vec<Sample>> {
    let mut samples = Vec::new();
    for entry in fs::read_dir(folder().join("corpus").join(target))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        samples.push(Sample { name, bytes: fs::read(path)? });
    }
    samples.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(samples)
}

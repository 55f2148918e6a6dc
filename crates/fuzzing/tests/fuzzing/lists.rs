//! A target that is in one list and not in another would not be played.

use std::collections::BTreeSet;
use std::fs;

use fuzzing::{TARGETS, corpus};

use crate::targets::PLAYED;

fn listed() -> BTreeSet<String> {
    TARGETS.iter().map(|target| target.name.to_owned()).collect()
}

fn files(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(corpus::folder().join(folder)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned()).collect()
}

fn without_spaces(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn each_target_is_played() {
    assert_eq!(PLAYED.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(), listed());
}

#[test]
fn each_target_has_a_corpus_and_each_corpus_a_target() {
    assert_eq!(files("corpus"), listed());
    for name in listed() {
        let samples = corpus::read(&name).unwrap();
        assert!(samples.len() >= 5, "{name} has {} inputs", samples.len());
        for sample in samples {
            assert!(sample.bytes.len() <= 64 << 10, "{name}/{}: too large a file", sample.name);
        }
    }
}

#[test]
fn each_target_has_a_fuzzer_and_each_fuzzer_a_target() {
    let fuzzers = files("fuzz_targets").iter().map(|file| file.replace(".rs", "")).collect();
    assert_eq!(listed(), fuzzers);
    let manifest = fs::read_to_string(corpus::folder().join("Cargo.toml")).unwrap();
    for name in listed() {
        let entry = format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"\n");
        assert!(manifest.contains(&entry), "fuzz/Cargo.toml does not build {name}");
        let source = format!("fuzz_targets/{name}.rs");
        let source = fs::read_to_string(corpus::folder().join(source)).unwrap();
        let line = format!("(fuzzing::target_named(\"{name}\").run)(bytes)");
        let whole = format!("#![no_main] libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {line});");
        assert_eq!(without_spaces(&source), without_spaces(&whole), "{name}");
    }
}

/// Only cargo-fuzz compiles the fuzzers, so what their one line calls is called here as well.
#[test]
fn what_the_fuzzers_call_is_there() {
    let play = |bytes: &[u8]| (fuzzing::target_named("date").run)(bytes);
    play(b"2026-11-22T10:00:00Z");
}

//! The runner notices what it is there for: planted faults are found, kept and shown.

use std::fs;

use fuzzing::Target;
use fuzzing::corpus::Sample;
use fuzzing::runner::{Effort, Failure, play_on};

const EFFORT: Effort = Effort { seed: 7, mutations: 2000 };

fn samples() -> Vec<Sample> {
    let sample = |name: &str, bytes: &[u8]| Sample { name: name.into(), bytes: bytes.to_vec() };
    vec![
        sample("a", br#"{"name":"cafe","count":3,"list":[1,2,3]}"#),
        sample("b", b"200\nretry-after: 3\n\n{\"id\":\"/subscriptions/s\"}"),
    ]
}

fn failure_of(run: fn(&[u8])) -> Failure {
    let folder = tempfile::tempdir().unwrap();
    let target = Target { name: "planted", run, bytes_per_byte: 1000 };
    let failure = play_on(&target, &samples(), EFFORT, folder.path()).unwrap_err();
    let kept = fs::read(failure.kept.as_ref().unwrap()).unwrap();
    assert_eq!(kept, failure.bytes);
    *failure
}

fn json(bytes: &[u8]) -> serde_json::Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}

#[test]
fn a_panic_on_an_input_of_the_corpus_is_found() {
    let failure = failure_of(|bytes| assert!(!bytes.starts_with(b"200"), "planted"));
    assert_eq!((failure.input.as_str(), failure.why.as_str()), ("b", "planted"));
}

#[test]
fn a_panic_on_a_changed_value_is_found_and_told_with_its_seed() {
    let failure = failure_of(|bytes| {
        let json = json(bytes);
        assert!(json["name"] != "cafe" || !json["count"].is_null(), "planted");
    });
    assert!(failure.input == "a mutation" && failure.why.contains("planted"), "{failure}");
    assert_eq!(json(&failure.bytes)["name"], "cafe");
    assert!(failure.to_string().contains("seed 7"), "{failure}");
}

#[test]
fn a_panic_on_changed_bytes_is_found() {
    let failure = failure_of(|bytes| {
        assert!(!bytes.starts_with(b"200") || bytes.windows(2).any(|pair| pair == b"\n\n"), "cut");
        assert!(!bytes.contains(&0xff), "odd");
    });
    assert_eq!(failure.input, "a mutation");
}

#[test]
fn a_panic_on_what_is_too_large_for_a_file_is_found() {
    let failure = failure_of(|bytes| assert!(bytes.len() < 1 << 20, "planted"));
    assert!(failure.input.contains("megabyte"), "{failure}");
    assert!(failure.to_string().len() < 5000, "an input is shown by its beginning");
}

#[test]
fn work_out_of_proportion_is_found_without_a_clock() {
    let failure = failure_of(|bytes| {
        // A copy for each of a few thousand places: nothing is wrong with any of them.
        for _ in 0..2000 {
            std::hint::black_box(Vec::<u8>::with_capacity(bytes.len().max(1)));
        }
    });
    assert!(failure.why.contains("allocate"), "{failure}");
}

#[test]
fn the_same_seed_finds_the_same() {
    let planted: fn(&[u8]) = |bytes| assert!(!bytes.contains(&0xff), "planted");
    assert_eq!(failure_of(planted).bytes, failure_of(planted).bytes);
}

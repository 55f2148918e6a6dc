use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{File, lay_out};

fn file(path: &str, text: &str, mode: u32) -> File {
    File { path: path.into(), bytes: text.into(), mode }
}

fn app() -> Vec<File> {
    vec![
        file("watch/function.json", "{}", 0o644),
        file("host.json", "{\"version\":\"2.0\"}", 0o644),
        file("farshore", "\u{7f}ELF", 0o755),
    ]
}

fn listing(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().display().to_string());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn what_an_earlier_staging_left_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("app");
    let mut earlier = app();
    earlier.push(file("retired/function.json", "{}", 0o644));
    earlier.push(file("watch/notes.txt", "mine", 0o644));
    lay_out(&out, &mut earlier).unwrap();

    lay_out(&out, &mut app()).unwrap();

    assert_eq!(listing(&out), ["farshore", "host.json", "watch/function.json"]);
    assert!(!out.join("retired").exists(), "an empty folder is a function without a trigger");
}

#[test]
fn only_the_executable_is_executable() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("app");

    lay_out(&out, &mut app()).unwrap();

    let mode = |name: &str| fs::metadata(out.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("farshore"), 0o755);
    assert_eq!(mode("host.json"), 0o644);
}

#[test]
fn a_folder_that_holds_something_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("letter.txt"), "dear").unwrap();

    let error = lay_out(folder.path(), &mut app()).unwrap_err();

    assert!(error.to_string().contains("holds something else"), "{error}");
    assert_eq!(listing(folder.path()), ["letter.txt"]);
}

#[test]
fn the_repository_itself_is_never_taken_for_a_staged_app() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("host.json"), "{}").unwrap();
    fs::write(folder.path().join("Cargo.toml"), "").unwrap();

    lay_out(folder.path(), &mut app()).unwrap_err();

    assert_eq!(listing(folder.path()), ["Cargo.toml", "host.json"]);
}

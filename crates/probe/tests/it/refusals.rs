//! What the probe says when it cannot begin.

use std::process::Command;

fn probe() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_probe"));
    command.env_remove("IDENTITY_ENDPOINT").env_remove("IDENTITY_HEADER");
    command
}

#[test]
fn a_bad_command_line_and_a_bad_plan_are_told_together() {
    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("plan.json");
    std::fs::write(&plan, r#"{"version": 2}"#).unwrap();
    let out = folder.path();

    let mut probe = probe();
    probe.arg("--plan").arg(&plan).arg("--out").arg(out).args(["--hide", "ab"]);
    let ended = probe.output().unwrap();

    assert_eq!(ended.status.code(), Some(2));
    let said = String::from_utf8(ended.stderr).unwrap();
    for option in ["--plan: ", "--out: ", "--hide: "] {
        assert!(said.lines().any(|line| line.starts_with(option)), "{option} in {said}");
    }
}

#[test]
fn without_a_login_nothing_is_asked_and_the_way_in_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("recording");

    let ended = probe()
        .args(["--plan", concat!(env!("CARGO_MANIFEST_DIR"), "/../../plans/websphere-cafe.json")])
        .arg("--out")
        .arg(&out)
        .args(["--endpoint", "http://127.0.0.1:9"])
        // Where no `az` is.
        .env("PATH", folder.path())
        .output()
        .unwrap();

    assert_eq!(ended.status.code(), Some(1));
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.contains("no access token") && said.contains("az login"), "{said}");
    assert!(!out.exists());
}

//! The processes of a rehearsal: they come back when they are killed, and they go when it ends.

use std::path::Path;
use std::time::{Duration, Instant};

use rehearsal::{Binaries, Entry, Host, Options, Rehearsal, Scenario, Silence, WORKLOAD};

/// Long enough for a busy machine; a good run needs a few seconds.
const LIMIT: Duration = Duration::from_mins(2);

#[tokio::test]
async fn killed_processes_come_back_on_the_same_store_and_go_with_the_rehearsal() {
    let logs = tempfile::tempdir().unwrap();
    let binaries = Binaries::build().await.unwrap();
    let mut options =
        Options::new(Scenario::Blip, Entry::default(), binaries, logs.path().to_owned());
    options.speed = 20;
    let rehearsal = Rehearsal::start(options, &mut Silence).await.unwrap();
    let first = rehearsal.host().unwrap();

    assert_eq!(rehearsal.crash_app(), first.handler_pid);
    let second = until(&rehearsal, |host| host.handler_pid != first.handler_pid).await;
    assert_eq!(second.host_pid, first.host_pid, "the host has stayed");
    assert!(second.generation > first.generation);

    rehearsal.kill_host();
    let third = until(&rehearsal, |host| host.host_pid != second.host_pid).await;
    assert_eq!(third.url, first.url, "its address has stayed");
    let plan = rehearsal.operator().workload(WORKLOAD).await.unwrap();
    assert_eq!(plan["workload"], WORKLOAD, "the store has stayed");

    rehearsal.still_runs().unwrap();
    rehearsal.end().await.unwrap();
    assert!(!is_alive(third.host_pid), "the host has gone");
    assert!(!is_alive(third.handler_pid.unwrap()), "the app has gone");
    assert!(logs.path().join("farshore.db").is_file());
    let log = std::fs::read_to_string(logs.path().join("app.log")).unwrap();
    assert_eq!(log.matches("farshore listens").count(), 3, "{log}");
}

async fn until(rehearsal: &Rehearsal, wanted: impl Fn(&Host) -> bool) -> Host {
    let started = Instant::now();
    loop {
        let host = rehearsal.host().expect("a host was ready once");
        if wanted(&host) {
            return host;
        }
        assert!(started.elapsed() < LIMIT, "still {host:?}");
        rehearsal.still_runs().expect("simulator and platform run");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A process that has ended and that nobody has asked about is not alive.
fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat"));
    stat.is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or_default().starts_with(" Z"))
}

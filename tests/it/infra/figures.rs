//! The figures of `infra/README.md` are sums of what the templates and the code say.

use recovery::limits;
use serde_json::{Value, json};

use super::sources::Sources;
use super::system;
use super::system::System;

const PAGE: &str = "infra/README.md";
const OPTIONS: &str = "infra/options.json";

/// The cells of the row that begins so.
fn row<'a>(page: &'a str, start: &str) -> Vec<&'a str> {
    let line = page.lines().find(|line| line.starts_with(&format!("| {start}")));
    line.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).unwrap_or_default()
}

/// What a product as `5 × 0.5 GB × 730 h` comes to.
fn product(text: &str) -> Option<f64> {
    let number = |factor: &str| factor.split_whitespace().next()?.parse::<f64>().ok();
    text.split('×').map(number).product()
}

const IDLE: &str = "| idle, a month |";
const AT_WORK: &str = "| more an hour, while a failover or a drill runs |";

/// Rows of a cost table: what each is computed as, and what it comes to.
fn costs(page: &str, heading: &str) -> Vec<(String, String, f64)> {
    let table = page.split(heading).nth(1).unwrap_or_default();
    let lines = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let row = |line: &str| {
        let cells: Vec<String> =
            line.trim_matches('|').split('|').map(|it| it.trim().replace("**", "")).collect();
        let [what, how, sum] = <[String; 3]>::try_from(cells).ok()?;
        Some((what, how, sum.parse().ok()?))
    };
    lines.filter_map(row).collect()
}

/// What does not add up in a table that is rounded so.
fn unsound(rows: &[(String, String, f64)], rounded_to: f64) -> Vec<String> {
    let near = |left: f64, right: f64| (left - right).abs() <= rounded_to;
    let mut problems = Vec::new();
    let mut sum = 0.0;
    for (what, how, money) in rows {
        let is_sum = ["controller", "workload and its protection", "failover or drill"];
        if how.is_empty() && is_sum.contains(&what.as_str()) {
            if !near(*money, sum) {
                problems.push(format!("{what} is {money}, and its parts are {sum}"));
            }
            sum = 0.0;
            continue;
        }
        sum += money;
        if how.contains('×') && product(how).is_none_or(|product| !near(product, *money)) {
            problems.push(format!("{what} is {money}, and {how} is {:?}", product(how)));
        }
    }
    problems
}

/// How often a month a timer runs that has a schedule of seconds.
fn runs(sources: &Sources, function: &str) -> u32 {
    let file = sources.json(&format!("handlers/{function}/function.json"));
    let schedule = file["bindings"][0]["schedule"].as_str().unwrap().to_owned();
    let seconds: u32 =
        schedule.split(' ').next().unwrap().trim_start_matches("*/").parse().unwrap();
    60 / seconds * 60 * 730
}

fn money(sources: &Sources, system: &System) -> Vec<String> {
    let page = sources.read(PAGE);
    let mut rows = costs(&page, IDLE);
    let at_work = costs(&page, AT_WORK);
    let mut problems = unsound(&rows, 1.0);
    problems.extend(unsound(&at_work, 0.01));
    rows.extend(at_work);
    let how = |start: &str| {
        let row = rows.iter().find(|(what, _, _)| what.contains(start));
        row.map(|(_, how, _)| how.clone()).unwrap_or_default()
    };
    let app = &system.all("Microsoft.Web/sites")[0].body["properties"]["functionAppConfig"];
    let scale = &app["scaleAndConcurrency"];
    let groups = scale["alwaysReady"].as_array().map_or(0, Vec::len);
    let gigabytes = scale["instanceMemoryMB"].as_f64().unwrap_or_default() / 1024.0;
    if !how("always-ready").starts_with(&format!("{groups} × {gigabytes} GB × ")) {
        problems.push(format!("{groups} groups of {gigabytes} GB are always ready"));
    }
    let executions = runs(sources, "watch") + runs(sources, "sweep");
    if !how("executions").starts_with(&format!("{executions} s × {gigabytes} GB × ")) {
        problems.push(format!("the timers run {executions} times a month"));
    }
    let machines = system.all("Microsoft.Compute/virtualMachines").len();
    for what in ["machines (D2s_v3)", "Site Recovery", "recovered machines", "their disks"] {
        if !how(what).starts_with(&format!("{machines} × ")) {
            problems.push(format!("there are {machines} machines, and {what} is {}", how(what)));
        }
    }
    if !how("every 4 s").starts_with(&format!("{} s × ", 3600 / limits::LOOK_INTERVAL_S)) {
        problems.push(format!("a run looks every {} s", limits::LOOK_INTERVAL_S));
    }
    problems
}

fn time(sources: &Sources, system: &System) -> Vec<String> {
    let page = sources.read(PAGE);
    let mut problems = Vec::new();
    let mut expect = |start: &str, words: &[String]| {
        let cells = row(&page, start).join(" | ");
        for word in words.iter().filter(|word| !cells.contains(word.as_str())) {
            problems.push(format!("{start:?} does not say {word:?}: {cells}"));
        }
    };
    expect("our probe fails for", &[format!("| {}", limits::PROBE_FAILING_S)]);
    let profile = &system.all("Microsoft.Network/trafficManagerProfiles")[0].body["properties"];
    let monitor = &profile["monitorConfig"];
    let number = |name: &str| monitor[name].as_i64().unwrap();
    let (interval, failures, timeout) = (
        number("intervalInSeconds"),
        number("toleratedNumberOfFailures"),
        number("timeoutInSeconds"),
    );
    let seen = (failures + 1) * interval + timeout;
    let sum = format!("({failures} + 1) × {interval} + {timeout} | {seen}, beside it");
    expect("Traffic Manager says Degraded", &[sum]);
    let schedule = 3600 * 730 / runs(sources, "watch");
    expect("a turn begins", &[format!("the timers: {schedule} s"), format!("up to {schedule}")]);
    let ttl = profile["dnsConfig"]["ttl"].as_i64().unwrap();
    expect("users' resolvers follow", &[format!("TTL {ttl} s"), format!("| {ttl}")]);
    let rto = system.outputs["plan"]["objectives"]["rto_s"].as_i64().unwrap();
    let left = rto - limits::PROBE_FAILING_S - i64::from(schedule) - ttl;
    let sum = format!("{rto} − {} − {schedule} − {ttl} = {left} are left", limits::PROBE_FAILING_S);
    expect("promotion and machines", &[sum]);
    if !page.contains(&format!("an objective of {rto} s (`rto_s` in plan.bicep)")) {
        problems.push(format!("the objective is {rto} s"));
    }
    problems
}

/// Retention, as the table has it.
fn retention(sources: &Sources) -> Vec<String> {
    let page = sources.read(PAGE);
    let options = sources.json(OPTIONS);
    let mut problems = Vec::new();
    for name in ["evidenceDays", "historyDays", "retentionDays"] {
        let days = &options[name];
        let is_said = page.lines().any(|line| {
            line.contains(&format!("(`{name}`)")) && line.contains(&format!("| {days} |"))
        });
        if !is_said {
            problems.push(format!("{name} is {days}"));
        }
    }
    problems
}

fn problems(sources: &Sources) -> Vec<String> {
    let system = system(sources, &json!({})).unwrap();
    let mut problems = money(sources, &system);
    problems.extend(time(sources, &system));
    problems.extend(retention(sources));
    problems
}

#[test]
fn the_figures_are_those_of_templates_and_code() {
    let page = Sources::default().read(PAGE);
    assert_eq!((costs(&page, IDLE).len(), costs(&page, AT_WORK).len()), (11, 4));
    assert_eq!(problems(&Sources::default()), Vec::<String>::new());
}

#[test]
fn a_figure_that_has_drifted_is_found() {
    for (path, right, wrong, says) in [
        (
            PAGE,
            "2628000 s × 0.000004 | 26 |",
            "2628000 s × 0.000004 | 62 |",
            "always-ready groups is 62",
        ),
        (PAGE, "| **47** |", "| **40** |", "controller is 40"),
        (PAGE, "4 × 0.096 | 0.38", "4 × 0.096 | 0.83", "recovered machines is 0.83"),
        (PAGE, "| **0.50** |", "| **0.05** |", "failover or drill is 0.05"),
        ("handlers/sweep/function.json", "*/30", "*/10", "the timers run"),
        (OPTIONS, "\"numberOfNodes\": 4", "\"numberOfNodes\": 5", "5 machines"),
        ("infra/workload/traffic/profile.bicep", "Failures: 3", "Failures: 5", "Degraded"),
        ("infra/workload/traffic/profile.bicep", "ttl: 10", "ttl: 30", "resolvers"),
        ("infra/plan.bicep", "rto_s: 1200", "rto_s: 900", "the objective is 900 s"),
        (PAGE, "= 1120 are left", "= 1200 are left", "promotion and machines"),
        (OPTIONS, "\"historyDays\": 30", "\"historyDays\": 60", "is 60"),
    ] {
        let found = problems(&Sources::with(path, right, wrong));

        assert!(found.iter().any(|it| it.contains(says)), "{path}: {wrong}: {found:?}");
    }
}

/// With IBM HTTP Server there is a machine more and no gateway, as the page says below the table.
#[test]
fn the_other_entry_costs_what_the_page_says() {
    let system = system(&Sources::default(), &json!({"entry": "ibm_http_server"})).unwrap();
    let page = Sources::default().read(PAGE);
    let gateways: Vec<Value> = system
        .all("Microsoft.Network/applicationGateways")
        .iter()
        .map(|it| it.body.clone())
        .collect();

    assert_eq!(system.all("Microsoft.Compute/virtualMachines").len(), 5);
    assert_eq!(gateways, Vec::<Value>::new());
    assert!(page.contains("668 less and 135 more"), "90 for the machine and 45 for its protection");
}

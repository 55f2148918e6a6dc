//! The scenarios whose journals the fixtures are. Today's code plays them to the same end: details
//! may change with the code, a fixture never does.

use recovery::Place;
use recovery::effect::Manner;
use recovery::plan::PolicyMode;
use recovery::run::Run;
use recovery::runbook;
use recovery::view::{EndpointHealth, ItemState, JobState, Power, Replication, ScenarioKind};

use super::{ALL, read};
use crate::drive::{Bench, cafe, cafe_ihs, start_of_time};
use crate::script::Fate;
use crate::world::{World, id_in};

#[test]
fn the_scenarios_behind_the_fixtures_still_end_the_same() {
    for (name, lines) in ALL {
        let then = Run::replay(&read(lines)).unwrap();
        let mut bench = scenario(name);
        if name == "unfinished" {
            bench.run_until(9);
            assert!(bench.ended().is_none() && then.ended.is_none());
        } else {
            let (outcome, _) = bench.run_to_end();
            assert_eq!(Run::replay(&read(&bench.store.lines())).unwrap(), bench.replayed());
            assert_eq!(Some(outcome), then.ended.map(|(outcome, ..)| outcome), "{name}");
        }
    }
}

fn scenario(name: &str) -> Bench {
    match name {
        "region-lost" => Bench::region_lost(),
        "planned" => Bench::planned(),
        "drill" => Bench::drill(),
        "told" | "told-something" => Bench::telling(),
        "troubled" => troubled(),
        "aborted" => aborted(),
        "unfinished" => unfinished(),
        "needs-human" => needs_human(),
        "degraded" => degraded(),
        "drill-failed" => drill_failed(),
        "out-of-standby" => out_of_standby(),
        "portal" => portal(),
        "forced" => forced(),
        "not-seeded" => not_seeded(),
        "not-replicating" => not_replicating(),
        "sparse" => sparse(),
        _ => panic!("no scenario plays {name}"),
    }
}

/// A planned failover whose region dies, and a person who gives it up.
fn forced() -> Bench {
    let mut bench = crate::forced::dying();
    bench.at(200, crate::forced::ask_to_force);
    bench
}

fn troubled() -> Bench {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", [Fate::Refused(Some(5)), Fate::LostAfter]);
    bench.script.send("disable", [Fate::LostBefore, Fate::NotSent, Fate::LostBefore]);
    bench.world.failures.insert("managed2", 2);
    bench.at(60, Bench::ask_to_abort);
    bench
}

fn aborted() -> Bench {
    let mut bench = Bench::planned();
    bench.world.leave_a_drill_standing();
    bench.at(20, Bench::ask_to_abort);
    bench
}

fn unfinished() -> Bench {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", [Fate::CrashAfter]);
    bench
}

fn needs_human() -> Bench {
    let mut bench = Bench::region_lost();
    bench.script.send("promote", [Fate::LostBefore, Fate::LostBefore]);
    bench
}

/// The old place lives on, and one of its machines is gone; of the new cluster one member falls ill,
/// and the gateway in front of it is silent for a while.
fn degraded() -> Bench {
    let mut plan = cafe();
    plan.mode = PolicyMode::Approve;
    let mut world = World::new(plan, start_of_time());
    world.machines.remove(&id_in(Place::Preferred, "dmgr1"));
    set_power(&mut world, "managed1", Power::Unknown);
    world.said_health.insert(Place::Standby, EndpointHealth::Checking);
    let mut bench = Bench::new(world, runbook::failover(Manner::Forced, Place::Preferred));
    bench.at(120, |bench| set_power(&mut bench.world, "managed1", Power::Running));
    bench.at(220, |bench| {
        let ill = bench.world.machines.get_mut(&id_in(Place::Standby, "managed3")).unwrap();
        ill.answers_from = jiff::Timestamp::MAX;
    });
    bench.script.blind("application gateway", 250, 820);
    bench.at(400, |bench| bench.world.said_health.clear());
    bench
}

fn set_power(world: &mut World, old_machine: &str, power: Power) {
    world.machines.get_mut(&id_in(Place::Preferred, old_machine)).unwrap().power = power;
}

/// The first test failover fails, and of the second not all machines come up.
fn drill_failed() -> Bench {
    let mut bench = Bench::drill();
    bench.world.broken_operations.push(("drill", 1));
    bench.world.only_some_test_machines = true;
    bench
}

/// The way back of the form with the web server in front.
fn out_of_standby() -> Bench {
    let mut plan = cafe_ihs();
    plan.mode = PolicyMode::Observe;
    let world = World::in_standby(plan, start_of_time());
    Bench::new(world, runbook::failover(Manner::Planned, Place::Standby))
}

/// Somebody works in the portal beside the run: another job is cancelled, the failover's waits for
/// a manual action, the moved machines are committed, and one is protected only after that.
fn portal() -> Bench {
    let mut bench = Bench::region_lost();
    bench.world.begin_job(ScenarioKind::Other("ReProtect".to_owned()));
    let late = bench.world.items.get_mut("ihs1").unwrap();
    late.state = ItemState::Unprotected("InitialReplicationInProgress".to_owned());
    bench.world.failures.insert("ihs1", 1);
    bench.at(30, |bench| bench.world.end_job(JobState::Cancelled));
    bench.at(60, |bench| bench.world.job.as_mut().unwrap().state = JobState::Suspended);
    bench.at(90, |bench| bench.world.job.as_mut().unwrap().state = JobState::Running);
    bench.at(300, |bench| {
        bench.world.begin_job(ScenarioKind::Commit);
    });
    bench.at(320, |bench| {
        bench.world.end_job(JobState::Succeeded);
        for item in bench.world.items.values_mut() {
            if let ItemState::FailedOver { committed } = &mut item.state {
                *committed = true;
            }
        }
    });
    bench.at(340, |bench| bench.world.items.get_mut("ihs1").unwrap().state = ItemState::Protected);
    bench
}

fn not_seeded() -> Bench {
    let mut bench = Bench::region_lost();
    bench.world.sql.replication = Replication::Seeding;
    bench
}

/// Both regions work, and the databases do not come to replicate.
fn not_replicating() -> Bench {
    let mut bench = Bench::planned();
    bench.world.sql.replication = Replication::Other("PAUSED".to_owned());
    bench.at(30, |bench| bench.world.sql.replication = Replication::Pending);
    bench
}

/// The plan and Azure say no more than they must.
fn sparse() -> Bench {
    let mut plan = cafe();
    plan.drill = None;
    plan.application.data_path = None;
    plan.application.data_contains = None;
    let mut world = World::lost(plan, start_of_time());
    world.says_little = true;
    let mut bench = Bench::new(world, runbook::failover(Manner::Forced, Place::Preferred));
    bench.script.send("promote", [Fate::Refused(None)]);
    bench
}

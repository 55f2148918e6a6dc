//! The region is lost: forced failovers, told as sentences.

use jiff::SignedDuration;
use recovery::Place;
use recovery::effect::{Effect, Manner};
use recovery::event::{Event, Outcome, StepOutcome};
use recovery::runbook::{self, StepKind};
use recovery::view::{DrillState, JobState, Power};
use recovery::worry::worries;

use crate::drive::{Bench, cafe_ihs, start_of_time};
use crate::script::Fate;
use crate::world::{MANAGED, World, id_in};

#[test]
fn a_lost_region_is_left_by_one_forced_promotion_and_one_failover_of_the_plan() {
    let mut bench = Bench::region_lost();
    let (outcome, _) = bench.run_to_end();
    insta::assert_snapshot!(bench.timeline());
    assert_eq!(outcome, Outcome::Recovered);
    assert_eq!(bench.world.taken("(forced)"), 1);
    assert_eq!(bench.world.taken("(planned)"), 0);
    assert_eq!(bench.world.taken("fail over recovery plan"), 1);
    assert_eq!(bench.world.arrivals("").count(), 5, "{:#?}", bench.world.ledger);
    assert_eq!(bench.world.leads_to(), [Place::Standby].into());
}

#[test]
fn nothing_of_a_forced_failover_waits_for_the_lost_region() {
    let mut bench = Bench::region_lost();
    bench.run_to_end();
    assert!(bench.intents(StepKind::PromoteSql)[0] <= 6);
    assert!(bench.intents(StepKind::FailOverMachines)[0] <= 8);
}

#[test]
fn public_addresses_that_site_recovery_attached_are_verified_and_not_attached_again() {
    let mut bench = Bench::region_lost();
    bench.world.attaches_itself = true;
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert_eq!(bench.outcome_of(StepKind::AttachPublicIps), Some(StepOutcome::Succeeded));
    assert_eq!(bench.world.arrivals("attach").count(), 0);
}

#[test]
fn a_public_address_that_another_interface_holds_is_left_to_it_and_people_are_told() {
    let mut bench = Bench::region_lost();
    let other = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/x";
    for wanted in &bench.world.plan.standby.public_ips {
        bench.world.addresses.insert(wanted.public_ip.clone(), other.into());
    }
    bench.run_until(400);
    let report = bench.report();
    let step = report.steps.iter().find(|step| step.name == StepKind::AttachPublicIps).unwrap();
    assert!(step.detail.contains("is held by x"), "while it waits: {}", step.detail);
    assert_eq!(bench.run_to_end().0, Outcome::Degraded);
    assert_eq!(bench.world.arrivals("attach").count(), 0);
    assert!(bench.timeline().contains("is held by x"), "{}", bench.timeline());
}

#[test]
fn users_count_as_moved_when_the_new_endpoint_is_online_and_not_before() {
    let mut bench = Bench::region_lost();
    bench.world.standby_online_from = start_of_time() + SignedDuration::from_mins(10);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert!(bench.ended_at(StepKind::ConfirmTraffic) >= 600, "{}", bench.timeline());
}

#[test]
fn the_web_server_form_is_confirmed_by_the_web_servers_own_address() {
    let world = World::lost(cafe_ihs(), start_of_time());
    let mut bench = Bench::new(world, runbook::failover(Manner::Forced, Place::Preferred));
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert!(!bench.seen_looks().iter().any(|look| look.contains("gateway")));
    assert_eq!(bench.world.taken("attach public IP ihs-public-ip-westus"), 1);
}

#[test]
fn a_lost_withdrawal_of_traffic_is_repeated_beside_the_promotion() {
    let mut bench = Bench::region_lost();
    bench.script.send("disable", [Fate::LostBefore, Fate::LostBefore, Fate::LostBefore]);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    let promoted = bench.intents(StepKind::PromoteSql)[0];
    assert!((20..25).contains(&promoted), "promoted at {promoted}");
    assert!(bench.intents(StepKind::WithdrawTraffic).iter().any(|at| *at > promoted));
    assert_eq!(bench.outcome_of(StepKind::WithdrawTraffic), Some(StepOutcome::Succeeded));
    insta::assert_snapshot!(bench.timeline());
}

#[test]
fn a_withdrawal_of_traffic_that_never_works_only_degrades() {
    let mut bench = Bench::region_lost();
    bench.script.send("disable", vec![Fate::Refused(None); 1000]);
    let (outcome, detail) = bench.run_to_end();
    assert_eq!((outcome, detail.as_str()), (Outcome::Degraded, "with less: withdraw_traffic"));
    assert!(bench.intents(StepKind::WithdrawTraffic).len() > 10, "it is tried to the end");
}

#[test]
fn the_last_enabled_endpoint_is_never_disabled() {
    let mut bench = Bench::region_lost();
    bench.world.endpoints.insert(Place::Standby, false);
    let (outcome, detail) = bench.run_to_end();
    assert_eq!(bench.world.arrivals("disable").count(), 0);
    assert_eq!(bench.world.promoted(Manner::Forced), 1, "the promotion does not wait for it");
    assert_eq!((outcome, detail.as_str()), (Outcome::NeedsHuman, "confirm_traffic timed out"));
}

#[test]
fn an_uncleaned_drill_holds_up_the_machines_but_not_the_database() {
    let mut bench = Bench::region_lost();
    bench.world.leave_a_drill_standing();
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    insta::assert_snapshot!(bench.timeline());
    assert_eq!(bench.world.taken("clean up"), 1);
    assert_eq!(bench.world.taken("fail over recovery plan"), 1);
    assert!(bench.intents(StepKind::PromoteSql)[0] < 10);
    let cleaned = bench.ended_at(StepKind::CleanUpDrill);
    assert!(bench.intents(StepKind::FailOverMachines)[0] >= cleaned);
}

#[test]
fn a_drill_that_is_still_going_up_is_waited_for_and_then_cleaned_up() {
    let mut bench = Bench::region_lost();
    bench.world.begin_a_foreign_drill();
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert_eq!(bench.world.taken("clean up"), 1);
    assert!(bench.world.items.values().all(|item| item.drill == DrillState::None));
}

#[test]
fn a_machine_that_did_not_come_up_is_failed_over_again_by_itself() {
    let mut bench = Bench::region_lost();
    bench.world.failures.insert("managed2", 2);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    insta::assert_snapshot!(bench.timeline());
    assert_eq!(bench.world.taken("fail over recovery plan"), 1);
    assert_eq!(bench.world.taken("fail over protected item"), 2);
    assert!(bench.world.items.values().all(|item| item.moves == 1));
}

#[test]
fn a_machine_that_never_comes_up_degrades_the_failover_and_is_tried_again_meanwhile() {
    let mut bench = Bench::region_lost();
    bench.world.failures.insert("managed3", 1000);
    let (outcome, detail) = bench.run_to_end();
    assert_eq!(outcome, Outcome::Degraded, "{detail}");
    assert!(detail.contains("confirm_entry"), "{detail}");
    assert!(bench.ended_at(StepKind::ConfirmTraffic) < 900, "users do not wait for it");
    assert!(bench.world.taken("fail over protected item") > 5);
    assert_eq!(bench.world.healthy_members(Place::Standby), 2);
}

#[test]
fn too_few_machines_are_not_taken_for_a_recovered_workload() {
    let mut bench = Bench::region_lost();
    bench.world.failures.extend([("managed1", 1000), ("managed3", 1000)]);
    assert_eq!(bench.run_to_end().0, Outcome::NeedsHuman);
    assert_eq!(bench.outcome_of(StepKind::ConfirmEntry), Some(StepOutcome::TimedOut));
}

#[test]
fn an_empty_pool_is_not_a_healthy_one() {
    let mut bench = Bench::region_lost();
    bench.world.pool_is_empty = true;
    assert_eq!(bench.run_to_end().0, Outcome::NeedsHuman);
    assert_eq!(bench.outcome_of(StepKind::ConfirmEntry), Some(StepOutcome::TimedOut));
}

#[test]
fn a_recovery_plan_that_moves_nothing_is_failed_over_again() {
    let mut bench = Bench::region_lost();
    bench.world.failures = crate::world::MACHINES.map(|name| (name, 1)).into();
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert_eq!(bench.world.taken("fail over recovery plan"), 2);
}

#[test]
fn a_recovery_plan_that_is_silent_at_first_holds_up_nothing_but_the_machines() {
    let mut bench = Bench::region_lost();
    bench.script.blind("recovery plan", 0, 120);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert!(bench.intents(StepKind::PromoteSql)[0] < 15);
    assert!(bench.intents(StepKind::FailOverMachines)[0] >= 120);
}

#[test]
fn a_traffic_profile_that_is_silent_holds_up_nothing_for_more_than_20_s() {
    let mut bench = Bench::region_lost();
    bench.script.blind("Traffic Manager", 0, 100);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert!(bench.intents(StepKind::PromoteSql)[0] < 30);
    assert!(bench.intents(StepKind::WithdrawTraffic)[0] >= 100);
}

#[test]
fn the_old_primarys_machines_are_stopped_when_their_region_comes_back() {
    let mut bench = Bench::region_lost();
    bench.at(60, |bench| bench.world.preferred_up = true);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    for name in MANAGED {
        let old = &bench.world.machines[&id_in(Place::Preferred, name)];
        assert_eq!(old.power, Power::Stopped);
    }
    assert_eq!(bench.world.leads_to(), [Place::Standby].into());
}

#[test]
fn a_primary_that_answers_is_asked_for_a_planned_promotion_first() {
    let mut bench = Bench::forced_while_alive();
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert_eq!(bench.world.promoted(Manner::Planned), 1);
    assert_eq!(bench.world.arrivals("(forced)").count(), 0);
}

#[test]
fn a_planned_promotion_that_is_refused_in_a_forced_failover_is_forced_at_once() {
    let mut bench = Bench::forced_while_alive();
    bench.script.send("(planned)", [Fate::Refused(None)]);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert_eq!(bench.world.promoted(Manner::Forced), 1);
    let intents = bench.intents(StepKind::PromoteSql);
    assert!(intents[1] - intents[0] <= 10, "{intents:?}");
}

#[test]
fn a_planned_promotion_whose_operation_fails_in_a_forced_failover_is_forced() {
    let mut bench = Bench::forced_while_alive();
    bench.world.broken_operations.push(("promotion", 1));
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert_eq!(bench.world.promoted(Manner::Planned), 0);
    assert_eq!(bench.world.promoted(Manner::Forced), 1);
}

#[test]
fn a_planned_promotion_without_an_answer_in_a_forced_failover_is_forced_after_its_patience() {
    let mut bench = Bench::forced_while_alive();
    bench.script.send("(planned)", vec![Fate::LostBefore; 9]);
    assert_eq!(bench.run_to_end().0, Outcome::Recovered);
    assert_eq!(bench.world.promoted(Manner::Forced), 1);
    let intents = bench.intents(StepKind::PromoteSql);
    let forced = intents.last().unwrap() - intents[0];
    assert!((90..120).contains(&forced), "forced after {forced} s");
}

#[test]
fn a_withdrawal_that_is_out_when_the_run_closes_is_seen_to_its_end() {
    let after = |pause| {
        let mut bench = Bench::region_lost();
        bench.script.send("disable", [Fate::Refused(Some(pause))]);
        let outcome = bench.run_to_end().0;
        (outcome, bench)
    };
    let (never, bench) = after(600);
    assert_eq!(never, Outcome::Degraded);
    let closes = bench.ended_at(StepKind::Close);
    for before in 2..7 {
        let (outcome, bench) = after(closes - before);
        assert_eq!(outcome, Outcome::Recovered, "{before}\n{}", bench.timeline());
    }
}

#[test]
fn a_database_that_somebody_has_moved_back_meanwhile_is_not_called_recovered() {
    let mut calm = Bench::region_lost();
    calm.run_to_end();
    let confirmed = calm.ended_at(StepKind::ConfirmApplication);
    let mut bench = Bench::telling();
    bench.at(confirmed + 1, |bench| bench.world.sql.primary = Place::Preferred);
    let (outcome, detail) = bench.run_to_end();
    assert_eq!(outcome, Outcome::Degraded, "{}", bench.timeline());
    assert_eq!(detail, "with less: somebody has moved the database back");
    let told = |events: &[(i64, Event)]| {
        events.iter().any(|(_, event)| {
            matches!(event, Event::Intended { effect: Effect::Notify { outcome, .. }, .. }
                if *outcome == Some(Outcome::Degraded))
        })
    };
    assert!(told(&bench.events()), "{}", bench.timeline());
    assert_eq!(bench.world.arrivals("(forced)").count(), 1, "it is not promoted again");
}

#[test]
fn a_last_look_at_the_database_without_an_answer_is_made_again_and_holds_people_up_for_20_s() {
    let mut calm = Bench::telling();
    calm.run_to_end();
    let confirmed = calm.ended_at(StepKind::ConfirmTraffic);
    let closes_after = |silent_s: i64| {
        let mut bench = Bench::telling();
        bench.script.blind("failover group", confirmed - 1, confirmed + silent_s);
        assert_eq!(bench.run_to_end().0, Outcome::Recovered, "{}", bench.timeline());
        bench.ended_at(StepKind::Close) - calm.ended_at(StepKind::Close)
    };
    let (soon, never) = (closes_after(5), closes_after(3600));
    assert!((5..=15).contains(&soon), "{soon}");
    assert!((15..=30).contains(&never), "{never}");
}

#[test]
fn an_old_endpoint_that_somebody_enables_again_is_not_called_recovered() {
    let mut calm = Bench::region_lost();
    calm.run_to_end();
    let withdrawn = calm.ended_at(StepKind::WithdrawTraffic);
    let mut bench = Bench::region_lost();
    bench.at(withdrawn + 60, |bench| {
        bench.world.endpoints.insert(Place::Preferred, true);
    });
    let (outcome, detail) = bench.run_to_end();
    assert_eq!((outcome, detail.as_str()), (Outcome::Degraded, "with less: confirm_traffic"));
    assert!(bench.timeline().contains("somebody has enabled the old place's endpoint again"));
}

#[test]
fn people_hear_of_a_manual_action_that_the_recovery_plan_waits_for() {
    let mut bench = Bench::region_lost();
    bench.at(30, |bench| bench.world.end_job(JobState::Suspended));
    bench.run_until(60);
    let told = worries(&bench.replayed(), bench.now);
    let [worry] = &told[..] else { panic!("{told:?}") };
    assert!(worry.detail.contains("waits for a person: a manual action"), "{worry:?}");
}

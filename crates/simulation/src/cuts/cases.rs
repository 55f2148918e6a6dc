//! The stories that are cut, and how each ends when it is not.

use recovery::event::Outcome;
use recovery::runbook::StepKind;

use crate::fault::{Fault, Kind, Target};
use crate::story::{Scenario, SiteRecovery, Story};

/// A story, but for its seed and its store.
#[derive(Debug, Clone)]
pub struct Case {
    pub name: &'static str,
    pub scenario: Scenario,
    /// What always happens in it beside what its scenario says.
    pub faults: Vec<Fault>,
    pub site_recovery: SiteRecovery,
    /// How its runs end without a cut, in order of their names.
    pub outcomes: &'static [Outcome],
}

impl Case {
    /// What the proof is made for.
    pub fn all() -> Vec<Self> {
        use Outcome::{Aborted, Drilled, NeedsHuman, Recovered};
        let loss_in_planned = Scenario::RegionLossInPlanned { after_s: 100 };
        let loss_in_drill = Scenario::RegionLossInDrill { after_s: 300 };
        vec![
            Self::of(Scenario::RegionLoss, &[Recovered]),
            Self::of(Scenario::RegionLossAlertsOnly, &[Recovered]),
            // Half-way: the machines have stopped, and the database can no longer follow without loss.
            Self::of(loss_in_planned, &[NeedsHuman]),
            Self::of(loss_in_drill, &[Aborted, Recovered]),
            Self::of(Scenario::Planned, &[Recovered]),
            Self::of(Scenario::Drill, &[Drilled]),
            Self::of(Scenario::Blip { s: 43 }, &[]),
            Self::of(Scenario::Nothing, &[]),
            // The traffic has been withdrawn, and is put back. That it is withdrawn is seen late:
            // otherwise a death could leave the failover of the machines intended and unsettled
            // before the abort is read, and it would be refused.
            Self {
                name: "aborted failover",
                faults: vec![
                    // Once the request has left.
                    Fault { from_s: 3, ..at_withdraw_traffic(Kind::Abort) },
                    Fault {
                        for_s: 30,
                        target: Target::Profile,
                        ..at_withdraw_traffic(Kind::Unavailable { retry_after_s: 5 })
                    },
                ],
                ..Self::of(Scenario::Planned, &[Aborted])
            },
            // The region is lost when the machines have stopped, and a person says so.
            Self {
                name: "planned, then forced",
                faults: vec![Fault {
                    at: Some(StepKind::PromoteSql),
                    ..Fault { from_s: 60, ..at_withdraw_traffic(Kind::Force) }
                }],
                ..Self::of(loss_in_planned, &[Recovered])
            },
            // It is failed over again by itself.
            Self {
                name: "a machine fails",
                site_recovery: SiteRecovery {
                    fail_items: ["managed2".to_owned()].into(),
                    ..SiteRecovery::default()
                },
                ..Self::of(Scenario::RegionLoss, &[Recovered])
            },
            Self {
                name: "kill switch in the middle",
                faults: vec![at_withdraw_traffic(Kind::KillSwitch { s: 120 })],
                ..Self::of(Scenario::RegionLoss, &[Recovered])
            },
        ]
    }

    fn of(scenario: Scenario, outcomes: &'static [Outcome]) -> Self {
        let (faults, site_recovery) = (Vec::new(), SiteRecovery::default());
        Self { name: scenario.name(), scenario, faults, site_recovery, outcomes }
    }

    pub(super) fn story(&self, seed: u64) -> Story {
        Story {
            faults: self.faults.clone(),
            site_recovery: self.site_recovery.clone(),
            ..Story::undisturbed(seed, self.scenario)
        }
    }
}

fn at_withdraw_traffic(kind: Kind) -> Fault {
    let (at, at_most, target) = (Some(StepKind::WithdrawTraffic), None, Target::Any);
    Fault { kind, at, from_s: 0, for_s: 0, percent: 100, at_most, target, dice: 1 }
}

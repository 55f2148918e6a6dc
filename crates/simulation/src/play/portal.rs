//! What somebody does in the portal, who does not know of Farshore.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Value, json};
use simulator::Door;
use simulator::ledger::{NotedRequest, Promotion};
use simulator::regions::Region;

use crate::rig::{Rig, request, token};

const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-4000-8000-000000000001";

/// What was asked for there.
#[derive(Debug, Default)]
pub(super) struct ByHand {
    /// Places of the requests in the ledger.
    requests: Vec<usize>,
    /// What Azure took: promotions of these regions from then on.
    promotions: Vec<(Timestamp, Region)>,
}

impl ByHand {
    pub(super) fn has_promoted(&self) -> bool {
        !self.promotions.is_empty()
    }

    /// What arrived from others.
    pub(super) fn others<'a>(&self, arrived: &'a [NotedRequest]) -> Cow<'a, [NotedRequest]> {
        if self.requests.is_empty() {
            return Cow::Borrowed(arrived);
        }
        let numbered = arrived.iter().enumerate();
        let others = numbered.filter(|(number, _)| !self.requests.contains(number));
        Cow::Owned(others.map(|(_, request)| request.clone()).collect())
    }

    /// The promotions that nobody asked for here. One at a time is under way, so a request that was
    /// taken is what the next promotion of its region came of.
    pub(super) fn not_asked_for(&self, promotions: &[Promotion]) -> Vec<Promotion> {
        let mut others = promotions.to_vec();
        for (asked_at, region) in &self.promotions {
            let is_it = |it: &Promotion| it.at >= *asked_at && it.region == *region;
            if let Some(index) = others.iter().position(is_it) {
                others.remove(index);
            }
        }
        others
    }

    /// A forced failover of the failover group.
    pub(super) async fn promote(&mut self, rig: &Rig, region: Region) {
        let (group, server) = match region {
            Region::EastUs => ("sql-eastus", "sqlserverprimary-cafe"),
            Region::WestUs => ("sql-westus", "sqlserversecondary-cafe"),
        };
        let target = format!(
            "{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.Sql/servers/{server}\
             /failoverGroups/failovergroup-cafe/forceFailoverAllowDataLoss?api-version=2021-11-01"
        );
        let at = rig.now();
        if self.post(rig, &target, None).await {
            self.promotions.push((at, region));
        }
    }

    /// A failover of the recovery plan.
    pub(super) async fn fail_over(&mut self, rig: &Rig) {
        let target = format!(
            "{SUBSCRIPTION}/resourceGroups/was-cluster-westus/providers\
             /Microsoft.RecoveryServices/vaults/recovery-service-vault-westus\
             /replicationRecoveryPlans/recovery-plan-cafe/unplannedFailover?api-version=2024-04-01"
        );
        let body = json!({"properties": {
            "failoverDirection": "PrimaryToRecovery",
            "sourceSiteOperations": "NotRequired",
            "providerSpecificDetails": [
                {"instanceType": "A2A", "recoveryPointType": "LatestProcessed"},
            ],
        }});
        self.post(rig, &target, Some(&body)).await;
    }

    /// Whether Azure has taken it.
    async fn post(&mut self, rig: &Rig, target: &str, body: Option<&Value>) -> bool {
        let mut asked = request(Door::Arm, "POST", target, body);
        let token = token(&rig.azure, "https://management.azure.com/").await;
        asked.headers.push(("host".to_owned(), "management.azure.com".to_owned()));
        asked.headers.push(("authorization".to_owned(), format!("Bearer {token}")));
        self.requests.push(rig.azure.lock().ledger().mutating().len());
        rig.azure.call(asked).await.is_ok_and(|answer| answer.status < 300)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn promotion(second: i64, region: Region) -> Promotion {
        let at = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second);
        Promotion { at, region, lossless: false, left_behind: 0 }
    }

    #[test]
    fn what_somebody_asked_for_is_not_held_against_the_app() {
        let asked_at = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(50);
        let by_hand = ByHand { requests: vec![], promotions: vec![(asked_at, Region::EastUs)] };
        let ours = [promotion(10, Region::WestUs), promotion(90, Region::WestUs)];

        let all = [ours[0].clone(), promotion(58, Region::EastUs), ours[1].clone()];
        let others = by_hand.not_asked_for(&all);

        let at = |of: &[Promotion]| of.iter().map(|it| it.at).collect::<Vec<_>>();
        assert_eq!(at(&others), at(&ours), "the second of ours would be found");
    }
}

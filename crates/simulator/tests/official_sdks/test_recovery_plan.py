import unittest

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.recoveryservicessiterecovery import SiteRecoveryManagementClient, models

from local_azure import SUBSCRIPTION, LocalAzure

VAULT = ("was-cluster-westus", "recovery-service-vault-westus")
PLAN = (*VAULT, "recovery-plan-cafe")
MACHINES = {"dmgr1", "ihs1", "managed1", "managed2", "managed3"}
DRILL_NETWORK = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/was-cluster-westus/providers"
    "/Microsoft.Network/virtualNetworks/vnet-drill-westus"
)
POINT = models.RecoveryPlanA2AFailoverInput(recovery_point_type="LatestProcessed")
FAILOVER = models.RecoveryPlanUnplannedFailoverInput(
    properties=models.RecoveryPlanUnplannedFailoverInputProperties(
        failover_direction="PrimaryToRecovery",
        source_site_operations="NotRequired",
        provider_specific_details=[POINT],
    )
)
DRILL = models.RecoveryPlanTestFailoverInput(
    properties=models.RecoveryPlanTestFailoverInputProperties(
        failover_direction="PrimaryToRecovery",
        network_type="VmNetworkAsInput",
        network_id=DRILL_NETWORK,
        provider_specific_details=[POINT],
    )
)
CLEAN_UP = models.RecoveryPlanTestFailoverCleanupInput(
    properties=models.RecoveryPlanTestFailoverCleanupInputProperties(comments="it went well")
)


class RecoveryPlan(LocalAzure):
    def setUp(self):
        super().setUp()
        self.azure = self.client(SiteRecoveryManagementClient)
        self.plans = self.azure.replication_recovery_plans

    def fail_over(self):
        self.world("regions/eastus", {"health": "down"})
        return self.plans.begin_unplanned_failover(*PLAN, FAILOVER).result()

    def items(self):
        items = list(self.azure.replication_protected_items.list(*VAULT))
        self.assertEqual({item.properties.friendly_name for item in items}, MACHINES)
        return [item.properties for item in items]

    def job(self, scenario):
        """The plan's one job of this scenario. A list leaves out what a job's own page tells."""
        jobs = self.azure.replication_jobs
        wanted = (scenario, "RecoveryPlan")
        (job,) = [
            it
            for it in jobs.list(*VAULT)
            if (it.properties.scenario_name, it.properties.target_instance_type) == wanted
        ]
        self.assertIsNone(job.properties.custom_details)
        return jobs.get(*VAULT, job.name).properties

    def machines(self, drill):
        return {it["name"] for it in self.world("state")["machines"] if it["drill"] is drill}

    def test_the_plan_has_its_boot_groups_with_typed_details(self):
        plan = self.plans.get(*PLAN).properties
        self.assertEqual(
            [group.group_type for group in plan.groups][:3], ["Shutdown", "Failover", "Boot"]
        )
        self.assertIn("UnplannedFailover", plan.allowed_operations)
        for item in self.items():
            self.assertIsInstance(
                item.provider_specific_details, models.A2AReplicationDetails, item
            )
            self.assertEqual(item.active_location, "Primary")

    def test_a_failover_moves_each_machine_and_is_then_committed(self):
        plan = self.fail_over()

        self.assertEqual(plan.name, "recovery-plan-cafe")
        self.assertIn("Commit", plan.properties.allowed_operations)
        for item in self.items():
            self.assertEqual(item.active_location, "Recovery")
            self.assertEqual(item.protection_state, "UnplannedFailoverCommitPendingStatesBegin")
        job = self.job("UnplannedFailover")
        self.assertEqual(job.state, "Succeeded")
        self.assertIsInstance(job.custom_details, models.FailoverJobDetails)
        self.assertEqual(
            {it.friendly_name for it in job.custom_details.protected_item_details}, MACHINES
        )
        self.assertTrue(job.tasks)

        plan = self.plans.begin_failover_commit(*PLAN).result()

        self.assertEqual(self.job("CommitFailover").state, "Succeeded")
        self.assertNotIn("Commit", plan.properties.allowed_operations)
        self.assertEqual(self.world("ledger")["effects"]["recovery_plan_failovers"], 1)

    def test_a_drill_puts_up_test_machines_and_its_clean_up_takes_them_down(self):
        before = self.machines(drill=False)

        plan = self.plans.begin_test_failover(*PLAN, DRILL).result()

        self.assertEqual(plan.properties.allowed_operations, ["TestFailoverCleanup"])
        self.assertEqual(self.machines(drill=True), {f"{it}-test" for it in MACHINES})
        self.assertEqual(
            {item.test_failover_state for item in self.items()}, {"WaitingForCompletion"}
        )
        job = self.job("TestFailover")
        self.assertIsInstance(job.custom_details, models.TestFailoverJobDetails)
        self.assertEqual(job.custom_details.network_name, "vnet-drill-westus")

        plan = self.plans.begin_test_failover_cleanup(*PLAN, CLEAN_UP).result()

        self.assertIn("TestFailover", plan.properties.allowed_operations)
        self.assertEqual(self.machines(drill=True), set())
        self.assertEqual(self.machines(drill=False), before)
        self.assertEqual({item.active_location for item in self.items()}, {"Primary"})
        self.assertEqual(self.job("TestFailoverCleanup").state, "Succeeded")
        self.assertTrue(self.world("ledger")["production"]["unchanged"])

    def test_what_the_state_does_not_allow_is_refused(self):
        for begin in (
            lambda: self.plans.begin_failover_commit(*PLAN),
            lambda: self.plans.begin_test_failover_cleanup(*PLAN, CLEAN_UP),
        ):
            with self.assertRaises(HttpResponseError) as refused:
                begin()
            self.assertEqual(refused.exception.status_code, 400)
            self.assertEqual(
                refused.exception.error.details[0].code, "OperationNotAllowedInCurrentState"
            )
        self.fail_over()
        with self.assertRaises(HttpResponseError) as refused:
            self.plans.begin_unplanned_failover(*PLAN, FAILOVER)
        self.assertEqual(refused.exception.status_code, 400)

    def test_an_unknown_plan_is_not_found(self):
        with self.assertRaises(ResourceNotFoundError) as missing:
            self.plans.get(*VAULT, "nobody")
        self.assert_refused(missing.exception, 404, "NotFound")
        self.assertEqual(missing.exception.error.details[0].code, "ArmResourceDoesNotExist")


if __name__ == "__main__":
    unittest.main()

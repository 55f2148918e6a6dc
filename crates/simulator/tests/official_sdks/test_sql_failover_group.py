import unittest

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.sql import SqlManagementClient

from local_azure import LocalAzure

EAST = ("sql-eastus", "sqlserverprimary-cafe", "failovergroup-cafe")
WEST = ("sql-westus", "sqlserversecondary-cafe", "failovergroup-cafe")


class SqlFailoverGroup(LocalAzure):
    def setUp(self):
        super().setUp()
        self.groups = self.client(SqlManagementClient).failover_groups

    def roles(self):
        """Each server's own role and what it says of its partner, which must be a mirror."""
        both = []
        for server in (EAST, WEST):
            properties = self.groups.get(*server).properties
            (partner,) = properties.partner_servers
            both.append((properties.replication_role, partner.replication_role))
        return both

    def failovers(self):
        effects = self.world("ledger")["effects"]
        return {sort: effects[f"sql_{sort}"] for sort in ("planned", "forced")}

    def test_a_planned_failover_swaps_the_roles_and_loses_nothing(self):
        self.assertEqual(self.roles(), [("Primary", "Secondary"), ("Secondary", "Primary")])

        ended = self.groups.begin_failover(*WEST)
        group = ended.result()

        self.assertEqual(ended.status(), "Succeeded")
        self.assertEqual(group.name, "failovergroup-cafe")
        self.assertEqual(group.properties.replication_role, "Primary")
        self.assertEqual(group.properties.partner_servers[0].location.lower(), "east us")
        self.assertEqual(self.groups.get(*WEST).properties.replication_role, "Primary")
        self.assertEqual(self.failovers(), {"planned": 1, "forced": 0})

    def test_a_forced_failover_works_while_the_primary_is_gone(self):
        self.world("regions/eastus", {"health": "down"})

        group = self.groups.begin_force_failover_allow_data_loss(*WEST).result()

        self.assertEqual(group.properties.replication_role, "Primary")
        self.assertEqual(self.failovers(), {"planned": 0, "forced": 1})

    def test_a_planned_failover_without_the_primary_fails_with_its_reason(self):
        self.world("regions/eastus", {"health": "down"})

        with self.assertRaises(HttpResponseError) as refused:
            self.groups.begin_failover(*WEST).result()

        self.assertEqual(refused.exception.error.code, "PlannedFailoverTimedOut")
        self.assertEqual(self.groups.get(*WEST).properties.replication_role, "Secondary")

    def test_the_primary_refuses_to_be_failed_over_to(self):
        for begin in (self.groups.begin_failover, self.groups.begin_force_failover_allow_data_loss):
            with self.assertRaises(HttpResponseError) as refused:
                begin(*EAST)
            self.assert_refused(refused.exception, 400, "FailoverGroupFailoverRequestOnPrimary")
        self.assertEqual(self.roles(), [("Primary", "Secondary"), ("Secondary", "Primary")])

    def test_an_unknown_group_and_an_unknown_server_are_not_found(self):
        with self.assertRaises(ResourceNotFoundError) as missing:
            self.groups.get(*EAST[:2], "nobody")
        self.assert_refused(missing.exception, 404, "ResourceNotFound")
        with self.assertRaises(ResourceNotFoundError) as missing:
            self.groups.get("sql-eastus", "nobody", "failovergroup-cafe")
        self.assert_refused(missing.exception, 404, "ResourceNotFound")


if __name__ == "__main__":
    unittest.main()

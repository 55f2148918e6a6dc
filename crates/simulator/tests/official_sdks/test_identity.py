import unittest

from azure.core.credentials import AccessToken
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
)
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.sql import SqlManagementClient

from local_azure import HTTPS, SCOPE, LocalAzure


class Forged:
    def get_token(self, *_scopes, **_options):
        return AccessToken("e30.e30.forged", 4_102_444_800)


class Identity(LocalAzure):
    def machines(self, credential):
        client = self.client(ComputeManagementClient, credential)
        return list(client.virtual_machines.list_all())

    def test_a_token_lets_in_and_a_forged_one_does_not(self):
        self.assertEqual(len(self.machines(self.credential())), 5)
        with self.assertRaises(ClientAuthenticationError) as refused:
            self.machines(Forged())
        self.assert_refused(refused.exception, 401, "InvalidAuthenticationToken")

    def test_a_version_that_nobody_registered_is_refused(self):
        client = self.client(SqlManagementClient, api_version="1999-01-01")
        with self.assertRaises(HttpResponseError) as refused:
            client.failover_groups.get("sql-eastus", "sqlserverprimary-cafe", "failovergroup-cafe")
        self.assert_refused(refused.exception, 400, "NoRegisteredProviderFound")

    @unittest.skipUnless(HTTPS, "there is nothing to trust over http")
    def test_who_does_not_trust_the_authority_does_not_get_in(self):
        self.trust = True
        with self.assertRaises((ClientAuthenticationError, ServiceRequestError)):
            self.secret().get_token(SCOPE)


if __name__ == "__main__":
    unittest.main()

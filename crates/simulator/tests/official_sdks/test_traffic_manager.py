import unittest

from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.trafficmanager import TrafficManagerManagementClient, models

from local_azure import LocalAzure

PROFILE = ("traffic-westus", "tmprofile-cafe")
PRIMARY = (*PROFILE, "AzureEndpoints", "myPrimaryEndpoint")


class TrafficManager(LocalAzure):
    def setUp(self):
        super().setUp()
        self.azure = self.client(TrafficManagerManagementClient)
        self.endpoints_of_profile = self.azure.endpoints

    def test_disabling_an_endpoint_keeps_the_rest_of_it(self):
        before = self.endpoints_of_profile.get(*PRIMARY).properties
        self.assertEqual(before.endpoint_status, "Enabled")

        change = models.Endpoint(
            properties=models.EndpointProperties(endpoint_status="Disabled")
        )
        answered = self.endpoints_of_profile.update(*PRIMARY, change).properties

        found = self.endpoints_of_profile.get(*PRIMARY).properties
        for after in (answered, found):
            self.assertEqual(after.endpoint_status, "Disabled")
            self.assertEqual(after.endpoint_monitor_status, "Disabled")
            self.assertEqual(after.target_resource_id, before.target_resource_id)
            self.assertEqual(after.priority, before.priority)
        seen = self.world("state")["traffic"]["endpoints"]["myPrimaryEndpoint"]
        self.assertEqual(seen["status"], "Disabled")

    def test_a_profile_that_was_read_can_be_written_back(self):
        profile = self.azure.profiles.get(*PROFILE)
        (failover,) = [
            it for it in profile.properties.endpoints if it.name == "myFailoverEndpoint"
        ]
        failover.properties.endpoint_status = "Disabled"

        written = self.azure.profiles.create_or_update(*PROFILE, profile)

        status = {it.name: it.properties.endpoint_status for it in written.properties.endpoints}
        self.assertEqual(
            status, {"myPrimaryEndpoint": "Enabled", "myFailoverEndpoint": "Disabled"}
        )

    def test_an_unknown_endpoint_and_an_unknown_profile_are_not_found(self):
        with self.assertRaises(ResourceNotFoundError) as missing:
            self.endpoints_of_profile.get(*PRIMARY[:3], "nobody")
        self.assertEqual(missing.exception.status_code, 404)
        with self.assertRaises(ResourceNotFoundError) as missing:
            self.azure.profiles.get("traffic-westus", "nobody")
        self.assert_refused(missing.exception, 404, "ResourceNotFound")


if __name__ == "__main__":
    unittest.main()

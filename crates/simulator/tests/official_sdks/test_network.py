import unittest

from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.network import NetworkManagementClient, models

from local_azure import LocalAzure

EAST = "was-cluster-eastus"


class Network(LocalAzure):
    def setUp(self):
        super().setUp()
        self.azure = self.client(NetworkManagementClient)

    def test_a_gateway_tells_the_health_of_each_server(self):
        gateways = self.azure.application_gateways

        health = gateways.begin_backend_health(EAST, "agw-eastus").result()

        (pool,) = health.backend_address_pools
        (settings,) = pool.backend_http_settings_collection
        self.assertEqual(
            {it.address: it.health for it in settings.servers},
            {"10.0.0.5": "Healthy", "10.0.0.6": "Healthy", "10.0.0.7": "Healthy"},
        )

    def test_an_address_moves_from_one_interface_to_another(self):
        interfaces = self.azure.network_interfaces
        source, target = "dmgr1-nic", "managed1-nic"
        interface = interfaces.get(EAST, source)
        address = interface.ip_configurations[0].public_ip_address
        self.assertTrue(address.id)

        interface.ip_configurations[0].public_ip_address = None
        freed = interfaces.begin_create_or_update(EAST, source, interface).result()
        self.assertIsNone(freed.ip_configurations[0].public_ip_address)
        interface = interfaces.get(EAST, target)
        before = interface.ip_configurations[0].private_ip_address
        interface.ip_configurations[0].public_ip_address = models.PublicIPAddress(id=address.id)
        ended = interfaces.begin_create_or_update(EAST, target, interface)
        after = ended.result()

        self.assertEqual(ended.status(), "Succeeded")
        (configuration,) = after.ip_configurations
        self.assertEqual(after.provisioning_state, "Succeeded")
        self.assertEqual(configuration.public_ip_address.id.lower(), address.id.lower())
        self.assertEqual(configuration.private_ip_address, before)
        name = address.id.rsplit("/", 1)[-1]
        owner = self.azure.public_ip_addresses.get(EAST, name).ip_configuration
        self.assertIn(f"/networkinterfaces/{target}/", owner.id.lower())

    def test_what_is_unknown_is_not_found(self):
        for get in (
            self.azure.application_gateways.get,
            self.azure.network_interfaces.get,
            self.azure.public_ip_addresses.get,
        ):
            with self.assertRaises(ResourceNotFoundError) as missing:
                get(EAST, "nobody")
            self.assert_refused(missing.exception, 404, "ResourceNotFound")


if __name__ == "__main__":
    unittest.main()

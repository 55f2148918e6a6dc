import unittest

from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.compute import ComputeManagementClient

from local_azure import LocalAzure

EAST = "was-cluster-eastus"


class VirtualMachine(LocalAzure):
    def setUp(self):
        super().setUp()
        self.machines = self.client(ComputeManagementClient).virtual_machines

    def power(self, view):
        return [it.code for it in view.statuses if it.code.startswith("PowerState/")]

    def test_a_machine_is_stopped_and_started_and_both_views_say_so(self):
        self.assertEqual(
            self.power(self.machines.instance_view(EAST, "managed1")), ["PowerState/running"]
        )

        ended = self.machines.begin_deallocate(EAST, "managed1")
        ended.result()

        self.assertEqual(ended.status(), "Succeeded")
        for view in (
            self.machines.instance_view(EAST, "managed1"),
            self.machines.get(EAST, "managed1", expand="instanceView").instance_view,
        ):
            self.assertEqual(self.power(view), ["PowerState/deallocated"])
        self.assertFalse(self.is_running("managed1"))
        self.assertTrue(self.is_running("managed2"))

        self.machines.begin_start(EAST, "managed1").result()

        self.assertEqual(
            self.power(self.machines.instance_view(EAST, "managed1")), ["PowerState/running"]
        )

    def test_an_unknown_machine_is_not_found(self):
        for call in (self.machines.instance_view, self.machines.begin_deallocate):
            with self.assertRaises(ResourceNotFoundError) as missing:
                call(EAST, "nobody")
            self.assert_refused(missing.exception, 404, "ResourceNotFound")

    def is_running(self, name):
        (power,) = [it["power"] for it in self.world("state")["machines"] if it["name"] == name]
        return power == "Running"


if __name__ == "__main__":
    unittest.main()

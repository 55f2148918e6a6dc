"""The local Azure as a process, and the official clients that believe it is Azure."""

import json
import os
import subprocess
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import ClientSecretCredential, ManagedIdentityCredential

SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
TENANT = "00000000-0000-4000-8000-00000000000a"
SCOPE = "https://management.azure.com/.default"
SPEED = 500

SIMULATOR = os.environ["FARSHORE_SIMULATOR"]
HTTPS = {"http": False, "https": True}[os.environ["FARSHORE_SDK_SCHEME"]]


class LocalAzure(unittest.TestCase):
    """Each test has a world of its own, healthy, with East US as the primary."""

    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.trust = str(Path(folder, "ca.pem")) if HTTPS else True
        arguments = [SIMULATOR, "--speed", str(SPEED)]
        if HTTPS:
            arguments += ["--https", self.trust]
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE)
        self.addCleanup(process.wait)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.terminate)
        self.endpoints = json.loads(process.stdout.readline())

    def client(self, kind, credential=None, **settings):
        """An official client of this world, as its documentation makes one for another cloud."""
        credential = credential or self.credential()
        if not HTTPS:
            # The SDK's own policy refuses to send a token over plain http.
            settings["authentication_policy"] = TokenOverHttp(credential)
        client = kind(
            credential,
            SUBSCRIPTION,
            self.endpoints["arm"],
            credential_scopes=[SCOPE],
            transport=self.transport(),
            **settings,
        )
        self.addCleanup(client.close)
        return client

    def credential(self):
        """A managed identity over http, where it is offered; a secret, for which https is a must."""
        if HTTPS:
            return self.secret()
        os.environ["IDENTITY_ENDPOINT"] = self.endpoints["identity"]
        os.environ["IDENTITY_HEADER"] = "any"
        return ManagedIdentityCredential(transport=self.transport())

    def secret(self):
        return ClientSecretCredential(
            TENANT,
            "00000000-0000-4000-8000-00000000000c",
            "any",
            authority=self.endpoints["entra"],
            disable_instance_discovery=True,
            transport=self.transport(),
        )

    def transport(self):
        return SimulatedTime(connection_verify=self.trust, use_env_settings=False)

    def world(self, path, body=None):
        """What the control API says of the world, behind the clients' backs."""
        url = f"{self.endpoints['control']}/control/{path}"
        data = None if body is None else json.dumps(body).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(urllib.request.Request(url, data), timeout=30) as answer:
            return json.load(answer)

    def assert_refused(self, error, status, code):
        """Both what the service said and what the SDK understood of it."""
        self.assertEqual((error.status_code, error.error.code), (status, code), error.message)
        self.assertTrue(error.error.message)


class SimulatedTime(RequestsTransport):
    """A poller asks its transport to sleep: it waits as long as the service says, in its time."""

    def sleep(self, duration):
        time.sleep(duration / SPEED)


class TokenOverHttp(SansIOHTTPPolicy):
    def __init__(self, credential):
        self.credential = credential

    def on_request(self, request):
        token = self.credential.get_token(SCOPE).token
        request.http_request.headers["Authorization"] = f"Bearer {token}"

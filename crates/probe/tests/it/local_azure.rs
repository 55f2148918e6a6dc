//! The simulator as a process, and what a test asks it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::{Value, json};

/// A running simulator; it ends with the test.
pub(crate) struct LocalAzure {
    process: Child,
    endpoints: Value,
    client: reqwest::Client,
}

impl LocalAzure {
    pub(crate) fn start() -> Self {
        let mut process = Command::new(program())
            .args(["--speed", "100"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let endpoints = serde_json::from_str(&line).unwrap();
        let client =
            reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        Self { process, endpoints, client }
    }

    /// The address of a door.
    pub(crate) fn door(&self, name: &str) -> &str {
        self.endpoints[name].as_str().unwrap()
    }

    pub(crate) async fn control(&self, path: &str, body: Value) -> Value {
        let url = format!("{}/control/{path}", self.door("control"));
        let request =
            if body.is_null() { self.client.get(url) } else { self.client.post(url).json(&body) };
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    /// How many requests it got that could change something.
    pub(crate) async fn changes(&self) -> u64 {
        let calls = self.control("ledger", Value::Null).await["azure_calls"].clone();
        calls["total"].as_u64().unwrap() - calls["reads"].as_u64().unwrap()
    }

    /// A request to Azure Resource Manager by somebody else, for there to be something to see.
    async fn ask(&self, path: &str, body: Option<&Value>) -> reqwest::Response {
        let token = self
            .client
            .get(format!(
                "{}?api-version=2019-08-01&resource=https%3A%2F%2Fmanagement.azure.com",
                self.door("identity")
            ))
            .header("x-identity-header", "any");
        let token: Value = token.send().await.unwrap().json().await.unwrap();
        let url = format!("{}{path}", self.door("arm"));
        let request = match body {
            Some(body) => self.client.post(url).json(body),
            None => self.client.get(url),
        };
        request.bearer_auth(token["access_token"].as_str().unwrap()).send().await.unwrap()
    }

    /// A drill that somebody has started, so that there are jobs; and lists of several pages.
    pub(crate) async fn with_a_drill(self) -> Self {
        self.control("options", json!({"site_recovery": {"page_size": 1}})).await;
        let group =
            "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/was-cluster-westus";
        let vault = format!(
            "{group}/providers/Microsoft.RecoveryServices/vaults/recovery-service-vault-westus"
        );
        let network =
            format!("{group}/providers/Microsoft.Network/virtualNetworks/vnet-drill-westus");
        let body = json!({"properties": {
            "failoverDirection": "PrimaryToRecovery",
            "networkType": "VmNetworkAsInput",
            "networkId": network,
            "providerSpecificDetails": [
                {"instanceType": "A2A", "recoveryPointType": "LatestProcessed"},
            ],
        }});
        let drill = "replicationRecoveryPlans/recovery-plan-cafe/testFailover";
        let begun = self.ask(&format!("{vault}/{drill}?api-version=2024-04-01"), Some(&body)).await;
        assert_eq!(begun.status(), 202);
        // The jobs of its machines come after its own, and then the list has a second page.
        let jobs = format!("{vault}/replicationJobs?api-version=2024-04-01");
        loop {
            let page: Value = self.ask(&jobs, None).await.json().await.unwrap();
            if page["nextLink"].is_string() {
                return self;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for LocalAzure {
    fn drop(&mut self) {
        // It may be gone already; there is nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The simulator's program, built if it is not up to date: it is another package's, so cargo does
/// not build it for this test.
fn program() -> &'static PathBuf {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(build);
    &PROGRAM
}

/// With the features that the whole workspace asks for, so that nothing is built twice.
fn build() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--message-format=json-render-diagnostics"]);
    build.args(["--workspace", "--bin", "simulator"]);
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    // Build scripts that watch these, set for us by `cargo test`, would run again.
    for (name, _) in std::env::vars_os() {
        let shown = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"].iter().any(|it| shown.starts_with(it)) {
            build.env_remove(&name);
        }
    }
    let outcome = build.stderr(Stdio::inherit()).output().unwrap();
    assert!(outcome.status.success(), "the simulator cannot be built");
    let messages = String::from_utf8(outcome.stdout).unwrap();
    let program = messages.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_it = message["target"]["name"] == "simulator";
        message["executable"].as_str().filter(|_| is_it).map(PathBuf::from)
    });
    program.unwrap()
}

//! The real program on real sockets.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use serde_json::{Value, json};
use tokio::net::{TcpStream, UdpSocket};

/// A running simulator; it ends with the test.
struct Simulator {
    process: Child,
    endpoints: Value,
}

impl Simulator {
    fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_simulator"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the simulator starts");
        let mut line = String::new();
        let output = process.stdout.take().expect("it is piped");
        BufReader::new(output).read_line(&mut line).expect("it says where it is");
        let endpoints = serde_json::from_str(&line).expect("one line of JSON");
        Self { process, endpoints }
    }

    fn url(&self, door: &str, path: &str) -> String {
        format!("{}{path}", self.endpoints[door].as_str().expect("a URL"))
    }

    /// The loopback address behind an address of the workload.
    fn behind(&self, address: &str) -> SocketAddr {
        let map = self.endpoints["connect_to"].as_str().expect("a map");
        let found = map.split(',').find_map(|pair| pair.strip_prefix(&format!("{address}=")));
        found.expect("the address is in the map").parse().expect("an address")
    }

    async fn lookup(&self, name: &str) -> Message {
        let server: SocketAddr =
            self.endpoints["dns"].as_str().expect("dns").parse().expect("an address");
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        let mut query = Message::new();
        let name = Name::from_ascii(name).expect("a name");
        query.set_id(4711).add_query(Query::query(name, RecordType::A));
        let query = query.to_vec().expect("it encodes");
        socket.send_to(&query, server).await.expect("it is sent");
        let mut buffer = [0; 1500];
        let received = tokio::time::timeout(Duration::from_secs(5), socket.recv(&mut buffer));
        let length = received.await.expect("an answer").expect("it arrives");
        let answer = Message::from_vec(&buffer[..length]).expect("it decodes");
        assert_eq!(answer.id(), 4711);
        answer
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // It may be gone already; there is nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

async fn control(simulator: &Simulator, path: &str, body: Value) -> Value {
    let url = simulator.url("control", &format!("/control/{path}"));
    let request = if body.is_null() { client().get(url) } else { client().post(url).json(&body) };
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    answer.json().await.expect("JSON")
}

#[tokio::test]
async fn the_program_answers_on_all_its_doors() {
    let simulator = Simulator::start(&["--speed", "10", "--seed", "7"]);
    let token: Value =
        client()
            .get(simulator.url(
                "identity",
                "?api-version=2019-08-01&resource=https%3A%2F%2Fmanagement.azure.com",
            ))
            .header("X-IDENTITY-HEADER", "secret")
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON");
    let group = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/sql-westus/providers/Microsoft.Sql/servers/sqlserversecondary-cafe/failoverGroups/failovergroup-cafe?api-version=2021-11-01";
    let group: Value = client()
        .get(simulator.url("arm", group))
        .bearer_auth(token["access_token"].as_str().expect("a token"))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(group["properties"]["replicationRole"], "Secondary");

    let cafe =
        format!("http://{}/websphere-cafe/rest/coffees", simulator.behind("203.0.113.10:80"));
    let coffee = json!({"name": "over a socket", "price": 1.5});
    let created = client().post(&cafe).json(&coffee).send().await.expect("an answer");
    assert_eq!(created.status(), 201);
    assert_eq!(created.headers()["x-served-by"], "eastus");
    let list: Value =
        client().get(&cafe).send().await.expect("an answer").json().await.expect("JSON");
    assert!(list.as_array().expect("a list").iter().any(|row| row["name"] == "over a socket"));

    let notified = client().post(simulator.url("webhook", "/")).json(&json!({"text": "hello"}));
    assert_eq!(notified.send().await.expect("an answer").status(), 200);
    let ledger = control(&simulator, "ledger", Value::Null).await;
    assert_eq!(ledger["notifications"][0]["body"]["text"], "hello");
    assert_eq!(ledger["azure_calls"]["total"], 1);
}

#[tokio::test]
async fn names_lead_where_traffic_manager_says() {
    let simulator = Simulator::start(&["--speed", "100"]);
    let answer = simulator.lookup("tmprofile-cafe.trafficmanager.net.").await;
    let data: Vec<&RData> = answer.answers().iter().map(Record::data).collect();
    let [RData::CNAME(alias), RData::A(address)] = data.as_slice() else {
        panic!("{data:?}");
    };
    assert_eq!(alias.0.to_ascii(), "agw-cafe.eastus.cloudapp.azure.com.");
    assert_eq!(address.0.to_string(), "203.0.113.10");
    assert_eq!(answer.answers()[0].ttl(), 10);

    let listener = simulator.lookup("failovergroup-cafe.database.windows.net.").await;
    assert_eq!(listener.answers()[0].data().to_string(), "203.0.113.50");
    let nobody = simulator.lookup("nobody.example.").await;
    assert_eq!(nobody.response_code(), ResponseCode::NXDomain);
}

/// A dead region's ports are silent: a connection attempt gets no answer, a request none either;
/// and they work again when it is back.
#[tokio::test]
async fn a_dead_regions_ports_do_not_answer() {
    let simulator = Simulator::start(&["--speed", "1"]);
    let sql = simulator.behind("203.0.113.50:1433");
    let connects = async |limit: u64| {
        let limit = Duration::from_millis(limit);
        tokio::time::timeout(limit, TcpStream::connect(sql)).await.map(|tried| tried.is_ok())
    };
    // The port follows the world with a little delay, here and below.
    let until = async |wanted: Option<bool>| {
        for _ in 0..200 {
            if connects(500).await.ok() == wanted {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        false
    };
    assert!(until(Some(true)).await);
    control(&simulator, "regions/eastus", json!({"health": "down"})).await;
    assert!(until(None).await, "the SYN stays without an answer");
    let page = format!("http://{}/websphere-cafe/", simulator.behind("203.0.113.10:80"));
    let hung = client().get(&page).timeout(Duration::from_millis(500)).send().await;
    assert!(hung.expect_err("no answer").is_timeout());
    control(&simulator, "regions/eastus", json!({"health": "up"})).await;
    assert!(until(Some(true)).await);
}

#[tokio::test]
async fn a_lost_answer_closes_the_connection() {
    let simulator = Simulator::start(&["--speed", "1"]);
    let fault = json!({"door": "public", "method": "POST", "kind": "lost_answer"});
    control(&simulator, "faults", fault).await;
    let cafe =
        format!("http://{}/websphere-cafe/rest/coffees", simulator.behind("203.0.113.10:80"));
    let coffee = json!({"name": "lost on its way back", "price": 1.5});
    let failure = client().post(&cafe).json(&coffee).send().await.expect_err("no answer");
    assert!(failure.is_request() && !failure.is_timeout(), "{failure:?}");
    let list: Value =
        client().get(&cafe).send().await.expect("an answer").json().await.expect("JSON");
    let there = list.as_array().expect("a list");
    assert!(there.iter().any(|row| row["name"] == "lost on its way back"));
}

#[tokio::test]
async fn over_https_only_who_trusts_the_authority_gets_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    let simulator = Simulator::start(&["--https", file.to_str().expect("UTF-8")]);
    let page = "/common/v2.0/.well-known/openid-configuration";
    let stranger = client().get(simulator.url("entra", page)).send().await;
    assert!(stranger.expect_err("no trust").is_connect());

    let authority = std::fs::read(&file).expect("the authority's certificate");
    let authority = reqwest::Certificate::from_pem(&authority).expect("a certificate");
    let friend = reqwest::Client::builder().no_proxy().tls_certs_only([authority]).build();
    let friend = friend.expect("a client");
    for door in ["arm", "entra", "service_bus"] {
        let url = simulator.url(door, page);
        assert!(url.starts_with("https://127.0.0.1:"), "{url}");
        friend.get(url).send().await.expect("an answer");
    }
    // What the world tells of itself can be followed.
    let told: Value = friend
        .get(simulator.url("entra", page).replace("127.0.0.1", "localhost"))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let base = simulator.url("entra", "/common").replace("127.0.0.1", "localhost");
    assert!(told["token_endpoint"].as_str().expect("a URL").starts_with(&base), "{told}");
}

#[tokio::test]
async fn a_recording_has_every_request_to_azure_answered_or_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("traffic.jsonl");
    let simulator = Simulator::start(&["--record", file.to_str().expect("UTF-8")]);
    let target = "/subscriptions?api-version=2022-12-01";
    let ask = async || client().put(simulator.url("arm", target)).body("{\"a\":1}").send().await;
    assert_eq!(ask().await.expect("an answer").status(), 401);
    control(&simulator, "faults", json!({"door": "arm", "kind": "lost_answer"})).await;
    ask().await.expect_err("no answer");
    client().get(simulator.url("webhook", "/not-of-azure")).send().await.expect("an answer");

    let text = std::fs::read_to_string(&file).expect("a recording");
    let [answered, lost] = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .collect::<Vec<_>>()
        .try_into()
        .expect("two exchanges");
    for exchange in [&answered, &lost] {
        assert_eq!(exchange["door"], "arm");
        assert_eq!(exchange["request"]["method"], "PUT");
        assert_eq!(exchange["request"]["target"], target);
        assert_eq!(exchange["request"]["body"], json!({"a": 1}));
    }
    assert_eq!(answered["response"]["status"], 401);
    assert_eq!(answered["response"]["body"]["error"]["code"], "AuthenticationFailed");
    assert_eq!(lost["response"], Value::Null);
}

#[test]
fn a_bad_clock_is_refused() {
    let output = Command::new(env!("CARGO_BIN_EXE_simulator"))
        .args(["--clock", "speed=0"])
        .output()
        .expect("the simulator runs");
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("1 to 1000"), "{said}");
    assert!(output.stdout.is_empty());
}

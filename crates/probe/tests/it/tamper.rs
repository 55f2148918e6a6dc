//! Stands between probe and simulator: puts into Azure's answers what people have in theirs, and
//! keeps both what was asked and what was answered.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, header};
use serde_json::{Map, Value, json};

/// What the probe's recordings must not contain, in any spelling.
pub(crate) const PLANTED: &[&str] = &[
    "contoso",
    "payroll",
    "alice",
    "hunter2",
    "hr-team@",
    "AAAAB3NzaC1yc2EAAAADAQABAAABgQ",
    "c2VjcmV0IGNsb3VkLWluaXQ",
    "8f1b9c22-6a7e-4d0c-9d53-b1f5a3f0c0de",
    "10.20.30.40",
    "fd12:3456:789a:1::7",
    "00-0D-3A-1B-C7-21",
    "sv=2024-11-04",
    "Zm9vYmFyYmF6cXV4",
    "quarterly close",
];

/// One exchange as it passed.
#[derive(Debug, Clone)]
pub(crate) struct Passed {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) status: u16,
    /// As the probe got it.
    pub(crate) body: Value,
}

#[derive(Clone)]
pub(crate) struct Tamper {
    pub(crate) url: String,
    inner: Inner,
}

#[derive(Clone)]
struct Inner {
    behind: String,
    client: reqwest::Client,
    passed: Arc<Mutex<Vec<Passed>>>,
}

impl Tamper {
    pub(crate) async fn before(arm: &str) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let inner = Inner { behind: arm.to_owned(), client, passed: Arc::default() };
        let app = Router::new().fallback(pass).with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, inner }
    }

    pub(crate) fn passed(&self) -> Vec<Passed> {
        self.inner.passed.lock().unwrap().clone()
    }
}

async fn pass(State(inner): State<Inner>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().unwrap().to_string();
    let host = parts.headers[header::HOST].to_str().unwrap().to_owned();
    let behind = target.replace(NEXT, "");
    let mut forwarded = inner
        .client
        .request(parts.method.clone(), format!("{}{behind}", inner.behind))
        .body(to_bytes(body, usize::MAX).await.unwrap());
    // With the host that the probe knows, so that addresses in answers lead here again.
    for name in [header::HOST, header::AUTHORIZATION, header::CONTENT_TYPE] {
        if let Some(value) = parts.headers.get(&name) {
            forwarded = forwarded.header(name, value);
        }
    }
    let answer = forwarded.send().await.unwrap();
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if name != header::CONTENT_LENGTH && name != header::TRANSFER_ENCODING {
            response = response.header(name, value);
        }
    }
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await.unwrap();
    let mut body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    plant(&mut body);
    let is_list_of_machines = target.contains("/Microsoft.Compute/virtualMachines?");
    if is_list_of_machines && !target.contains(NEXT) {
        body["nextLink"] = json!(format!("http://{host}{target}{NEXT}"));
    }
    let method = parts.method.to_string();
    inner.passed.lock().unwrap().push(Passed { method, target, status, body: body.clone() });
    response.body(Body::from(body.to_string())).unwrap()
}

/// The simulator's machines all fit on a page; Azure's may not.
const NEXT: &str = "&$skiptoken=Zm9vYmFyYmF6cXV4";

/// Into every resource, whatever its kind: fields that some kind of resource has.
fn plant(body: &mut Value) {
    match body {
        Value::Array(list) => list.iter_mut().for_each(plant),
        Value::Object(fields) => {
            fields.values_mut().for_each(plant);
            if let Some(Value::Object(properties)) = fields.get_mut("properties") {
                furnish(properties);
                fields.insert("tags".into(), json!({"owner": "alice", "project": "payroll"}));
                fields.insert("systemData".into(), json!({"createdBy": "alice@contoso.com"}));
            }
        }
        _ => {}
    }
}

fn furnish(properties: &mut Map<String, Value>) {
    let more = json!({
        "osProfile": {
            "computerName": "payroll01",
            "adminUsername": "alice",
            "customData": "c2VjcmV0IGNsb3VkLWluaXQ=",
            "linuxConfiguration": {"ssh": {"publicKeys": [
                {"keyData": "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ alice"},
            ]}},
        },
        "description": "for the quarterly close",
        "storageConnectionString": "AccountName=payroll;AccountKey=hunter2",
        "dnsSettings": {
            "fqdn": "payroll-prod.eastus.cloudapp.azure.com",
            "reverseFqdn": "www.contoso.com",
            "appliedDnsServers": ["10.20.30.40", "fd12:3456:789a:1::7"],
        },
        "macAddress": "00-0D-3A-1B-C7-21",
        "lastError": {
            "code": "OperationFailed",
            "message": "The resource 'payroll-db' of hr-team@contoso.com at 10.20.30.40 (8F1B9C22-6A7E-4D0C-9D53-B1F5A3F0C0DE) was not found: see https://contosologs.blob.core.windows.net/payroll/1.log?sv=2024-11-04&sig=hunter2 and password=hunter2.",
        },
        "managedBy": "/subscriptions/8f1b9c22-6a7e-4d0c-9d53-b1f5a3f0c0de/resourceGroups/Payroll-RG/providers/Microsoft.Sql/servers/contoso-sql",
        "userAssigned": {
            "/subscriptions/8f1b9c22-6a7e-4d0c-9d53-b1f5a3f0c0de/resourcegroups/payroll-rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/alice": {},
        },
    });
    let Value::Object(more) = more else { unreachable!("it is written so above") };
    for (key, value) in more {
        properties.entry(key).or_insert(value);
    }
}

//! The engine's doors, opening on the simulated world, each with a place where it can be cut and
//! where the weather comes in.

mod arm;
mod blob;
mod bus;
mod probes;
mod store;

use std::time::Duration;

use serde_json::Value;
use simulator::shell::InProcess;
use simulator::{Door, Request};

pub(super) use arm::VirtualArm;
pub(crate) use blob::Account;
pub(super) use bus::VirtualBus;
pub(super) use probes::VirtualProbes;
pub(super) use store::VirtualStore;

/// A request to one of the world's doors.
pub fn request(door: Door, method: &str, target: &str, body: Option<&Value>) -> Request {
    Request {
        door,
        method: method.to_owned(),
        target: target.to_owned(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.map(|body| body.to_string().into_bytes()).unwrap_or_default(),
    }
}

/// Calls a door and reads JSON.
pub async fn call(
    azure: &InProcess,
    door: Door,
    method: &str,
    target: &str,
    body: Option<&Value>,
) -> Value {
    let answer = azure.call(request(door, method, target, body)).await.unwrap();
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(answer.status < 400, "{method} {target}: {} {text}", answer.status);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// A token of the managed identity.
pub async fn token(azure: &InProcess, resource: &str) -> String {
    let target = format!("/msi/token?api-version=2019-08-01&resource={resource}");
    let mut asked = request(Door::Identity, "GET", &target, None);
    asked.headers.push(("x-identity-header".to_owned(), "secret".to_owned()));
    let answer = azure.call(asked).await.unwrap();
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

/// Sends a request that is on its way for so long. It is not the process's any more: it arrives
/// whoever lives.
fn send_late<T>(after: Duration, request: impl Future<Output = T> + Send + 'static) {
    tokio::spawn(async move {
        tokio::time::sleep(after).await;
        drop(request.await);
    });
}

//! What people do in the middle of a run. They speak to an instance that nothing befalls: what they
//! say is in the store at once, and the apps of the story must come upon it.

use recovery::request::Request;
use serde_json::json;

use crate::rig::Rig;

/// Every open run.
pub(super) async fn ask_to_abort(rig: &Rig) {
    let request = Request::Abort { by: "ann".to_owned(), reason: "a false alarm".to_owned() };
    ask_all(rig, "abort", &request).await;
}

/// Every open run; only a planned failover hears it.
pub(super) async fn ask_to_force(rig: &Rig) {
    let request = Request::Force { by: "ann".to_owned(), reason: "it is lost".to_owned() };
    ask_all(rig, "force", &request).await;
}

async fn ask_all(rig: &Rig, key: &str, request: &Request) {
    let bytes = serde_json::to_vec(request).unwrap();
    for run in rig.store.open_runs().await.unwrap() {
        rig.store.post_request(&run, key, &bytes).await.unwrap();
    }
}

pub(super) async fn turn_the_kill_switch(rig: &Rig, on: bool) {
    let switch = json!({"on": on, "by": "ann", "reason": "to be sure"});
    let now = rig.store.get_document("kill-switch").await.unwrap();
    let version = now.as_ref().map(|document| document.version.as_str());
    let bytes = switch.to_string().into_bytes();
    rig.store.put_document("kill-switch", version, &bytes).await.unwrap();
}

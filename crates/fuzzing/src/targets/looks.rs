//! Answers of Azure Resource Manager on their way through the engine: what a look makes of them, what
//! a run does then, and what is written down about it.

use axum::http::StatusCode;
use serde_json::json;
use store::MAX_BYTES;

use crate::app::{Farshore, RUN, WORKLOAD, play};
use crate::http_text;
use crate::judge::{beginning, problem};

/// Turns that a run gets.
const TURNS: usize = 3;

/// Whatever Azure answers, a preview is an answer, and a run writes nothing that it cannot read.
pub(crate) fn looks(bytes: &[u8]) {
    play(async {
        let farshore = Farshore::with(Some(http_text::response(bytes))).await;
        let manner = json!({"manner": "forced"});
        let preview = format!("/api/workloads/{WORKLOAD}/preview");
        let preview = farshore.post(&preview, &manner).await;
        assert_eq!(preview.status, StatusCode::OK, "{}", beginning(&preview.body.to_string()));
        farshore.begin_a_run().await;
        let wake = json!({"Data": {"message": {"run": RUN}}, "Metadata": {}}).to_string();
        for _ in 0..TURNS {
            farshore.invoke("advance_run", wake.as_bytes()).await;
            let report = farshore.get(&format!("/api/runs/{RUN}")).await;
            if report.status != StatusCode::OK {
                problem(&report.body, bytes.len());
                panic!("the run cannot be read any more: {}", beginning(&report.body.to_string()));
            }
            assert!(farshore.sent().iter().all(|(queue, _)| queue == "wakes"));
        }
        farshore.invoke("watch", b"{}").await;
        for record in farshore.store.read(RUN, 0).await.unwrap() {
            assert!(record.len() <= MAX_BYTES / 2, "a record of {} bytes", record.len());
        }
    });
}

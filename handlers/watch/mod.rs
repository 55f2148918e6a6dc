//! Keeps an eye on all workloads.

use axum::Json;
use axum::extract::{Request, State};
use recovery::watch::Follow;

use crate::App;
use crate::invocation::Done;
use crate::timer;

pub(crate) async fn invoke(State(app): State<App>, request: Request) -> Json<Done> {
    let work = async {
        if !app.options().watch {
            return Ok(Vec::new());
        }
        let watched = app.engine().await?.watch().await?;
        let of_note = watched.iter().filter(|one| one.follow != Follow::Nothing);
        Ok(of_note.map(|one| format!("{}: {}", one.workload, one.diagnosis.detail())).collect())
    };
    timer::tick("watch", request, work).await
}

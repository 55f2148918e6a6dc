//! Starts the drills whose time has come.

use axum::Json;
use axum::extract::{Request, State};

use crate::App;
use crate::invocation::Done;
use crate::timer;

pub(crate) async fn invoke(State(app): State<App>, request: Request) -> Json<Done> {
    let work = async {
        let started = app.engine().await?.start_drills().await?;
        Ok(started.iter().map(|run| format!("{run} begins")).collect())
    };
    timer::tick("start_drills", request, work).await
}

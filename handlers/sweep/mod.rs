//! Gives every open run a turn, whatever became of its messages.

use axum::Json;
use axum::extract::{Request, State};

use crate::App;
use crate::invocation::Done;
use crate::timer;

pub(crate) async fn invoke(State(app): State<App>, request: Request) -> Json<Done> {
    let work = async {
        let swept = app.engine().await?.sweep().await?;
        Ok(swept.iter().map(|(run, finish)| format!("{run}: {finish:?}")).collect())
    };
    timer::tick("sweep", request, work).await
}

//! Shows and sets the kill switch: while it is on, nothing in Azure is changed.

use axum::Json;
use axum::extract::{Request, State};
use engine::KillSwitch;
use serde::Deserialize;

use crate::App;
use crate::caller::Caller;
use crate::error::Problem;
use crate::request;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    on: bool,
    reason: String,
}

pub(crate) async fn show(State(app): State<App>) -> Result<Json<KillSwitch>, Problem> {
    Ok(Json(app.engine().await?.kill_switch().await?))
}

pub(crate) async fn set(
    State(app): State<App>,
    Caller(by): Caller,
    request: Request,
) -> Result<Json<KillSwitch>, Problem> {
    let Wanted { on, reason } = request::json(request).await?;
    request::check_reason(&reason)?;
    let switch = KillSwitch { on, by, reason };
    app.engine().await?.set_kill_switch(&switch).await?;
    Ok(Json(switch))
}

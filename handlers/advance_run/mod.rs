//! Gives a run a turn.

use axum::extract::{Request, State};
use axum::response::Response;
use engine::{Error, Wake, Woken};
use recovery::turn::Finish;

use crate::App;
use crate::queue::{self, Letter, Taken};
use crate::request::is_run_name;

pub(crate) async fn invoke(State(app): State<App>, request: Request) -> Response {
    queue::take(&app, queue::WAKES, request, async |wake: &Wake, _| {
        let run = &wake.run;
        let woken = async { app.engine().await?.woken(wake).await };
        match woken.await {
            Ok(Woken::Turn(Finish::Unreadable(why))) => {
                Taken::Bad(format!("run {run:?} cannot be read: {why}"))
            }
            Ok(Woken::Turn(finish)) => Taken::Done(vec![format!("{run}: {finish:?}")]),
            Ok(Woken::Stale) => Taken::Done(vec![format!("{run}: another wake is awaited")]),
            Err(error @ (Error::Unavailable(_) | Error::Invalid(_))) => {
                Taken::Later(error.to_string())
            }
            Err(error) => Taken::Bad(error.to_string()),
        }
    })
    .await
}

impl Letter for Wake {
    fn check(&self) -> Result<(), String> {
        if is_run_name(&self.run) {
            return Ok(());
        }
        let shown: String = self.run.chars().take(100).collect();
        Err(format!("{shown:?} cannot be the name of a run"))
    }

    fn session(&self) -> &str {
        &self.run
    }
}

//! Takes the signals of a workload, in order.

use axum::extract::{Request, State};
use axum::response::Response;
use engine::{Error, SignalMessage};
use recovery::plan::WorkloadName;

use crate::App;
use crate::queue::{self, Letter, Taken};

pub(crate) async fn invoke(State(app): State<App>, request: Request) -> Response {
    queue::take(&app, queue::SIGNALS, request, async |message: &SignalMessage| {
        let received = async { app.engine().await?.receive(message).await };
        match received.await {
            Ok(()) => Taken::Done(Vec::new()),
            Err(error @ (Error::Unavailable(_) | Error::Invalid(_))) => {
                // The message was checked before, so `Invalid` is a store that refuses us until
                // somebody gives it the right to.
                Taken::Later(error.to_string())
            }
            Err(error) => Taken::Bad(error.to_string()),
        }
    })
    .await
}

impl Letter for SignalMessage {
    fn check(&self) -> Result<(), String> {
        let name: Result<WorkloadName, _> = self.session().parse();
        name.map(drop).map_err(|error| error.to_string())
    }

    fn session(&self) -> &str {
        match self {
            Self::Report { workload, .. } | Self::LookAgain { workload, .. } => workload,
        }
    }
}

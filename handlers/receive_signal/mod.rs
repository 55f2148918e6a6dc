//! Takes the signals of a workload, in order.

use axum::extract::{Request, State};
use axum::response::Response;
use engine::{Error, SignalMessage};
use recovery::plan::WorkloadName;

use crate::App;
use crate::queue::{self, Letter, Taken};

pub(crate) async fn invoke(State(app): State<App>, request: Request) -> Response {
    queue::take(&app, queue::SIGNALS, request, async |message, is_repeated| {
        match receive(&app, message, is_repeated).await {
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

async fn receive(app: &App, message: &SignalMessage, is_repeated: bool) -> Result<(), Error> {
    let engine = app.engine().await?;
    engine.receive(message).await?;
    match message {
        // Whoever had this report before may have noted it and died before it looked, and a report
        // that is noted starts nothing any more.
        SignalMessage::Report { workload, .. } if is_repeated => {
            let since = app.clock().now();
            let look = SignalMessage::LookAgain { workload: workload.clone(), since };
            engine.receive(&look).await
        }
        SignalMessage::Report { .. } | SignalMessage::LookAgain { .. } => Ok(()),
    }
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

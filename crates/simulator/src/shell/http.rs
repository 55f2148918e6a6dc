//! HTTP in front of a door of the world.

use std::convert::Infallible;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use super::{InProcess, Lost};
use crate::door::{Door, Request, Response};

/// Azure takes no larger body on any door that is played here.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// Serves a door on a listener, for ever.
pub(super) async fn serve(listener: TcpListener, door: Door, world: InProcess) -> Infallible {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(converse(stream, door, world.clone()));
            }
            Err(error) => {
                // Out of descriptors, most likely: others must close theirs first.
                tracing::warn!(%error, ?door, "cannot accept a connection");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }
}

/// One connection. A lost answer ends it without one; so does a client that goes away while it
/// waits, which is what becomes of a request to a dead region.
async fn converse(stream: TcpStream, door: Door, world: InProcess) {
    let service = service_fn(|request| answer(&world, door, request));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, ?door, "a connection ended early");
    }
}

async fn answer(
    world: &InProcess,
    door: Door,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Body>, Lost> {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(Body::new(body), LARGEST_BODY).await else {
        return Ok(outward(Response::empty(413)));
    };
    let mut headers: Vec<(String, String)> = head
        .headers
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    if matches!(door, Door::Identity | Door::Entra) {
        // Tokens live in wall time, which the world does not know.
        headers.push(("x-farshore-wall-time".to_owned(), jiff::Timestamp::now().to_string()));
    }
    let request = Request {
        door,
        method: head.method.as_str().to_owned(),
        target: head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
        headers,
        body: body.to_vec(),
    };
    world.call(request).await.map(outward)
}

fn outward(response: Response) -> hyper::Response<Body> {
    let mut builder = hyper::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    builder.body(Body::from(response.body)).unwrap_or_else(|error| {
        // A header of the world's own making is wrong: that is a fault of the simulator.
        tracing::error!(%error, "an answer cannot be sent");
        let mut broken = hyper::Response::new(Body::empty());
        *broken.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
        broken
    })
}

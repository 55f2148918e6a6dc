//! HTTP, plain or over TLS, in front of a door of the world.

use std::convert::Infallible;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::recorder::Recorder;
use super::{InProcess, Lost};
use crate::door::{Door, Request, Response};

/// Azure takes no larger body on any door that is played here.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// A door, and how it is served.
#[derive(Clone)]
pub(super) struct Front {
    pub(super) door: Door,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) recorder: Option<Recorder>,
}

impl Front {
    pub(super) fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }
}

/// Serves a door on a listener, for ever.
pub(super) async fn serve(listener: TcpListener, front: Front, world: InProcess) -> Infallible {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(greet(stream, front.clone(), world.clone()));
            }
            Err(error) => {
                // Out of descriptors, most likely: others must close theirs first.
                tracing::warn!(%error, door = ?front.door, "cannot accept a connection");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }
}

async fn greet(stream: TcpStream, front: Front, world: InProcess) {
    let Some(tls) = &front.tls else { return converse(stream, &front, &world).await };
    match tls.accept(stream).await {
        Ok(stream) => converse(stream, &front, &world).await,
        Err(error) => tracing::debug!(%error, door = ?front.door, "no TLS came about"),
    }
}

/// One connection. A lost answer ends it without one; so does a client that goes away while it
/// waits, which is what becomes of a request to a dead region.
async fn converse(stream: impl AsyncRead + AsyncWrite + Unpin, front: &Front, world: &InProcess) {
    let service = service_fn(|request| answer(world, front, request));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, door = ?front.door, "a connection ended early");
    }
}

async fn answer(
    world: &InProcess,
    front: &Front,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Body>, Lost> {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(Body::new(body), LARGEST_BODY).await else {
        return Ok(outward(Response::empty(413)));
    };
    let headers = head.headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let mut request = Request {
        door: front.door,
        method: head.method.as_str().to_owned(),
        target: head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
        headers: headers.collect(),
        body: body.to_vec(),
    };
    let exchange = front.recorder.as_ref().map(|recorder| recorder.begin(&request, world));
    // What the world tells of itself leads back to where it was asked.
    request.headers.push(("x-forwarded-proto".to_owned(), front.scheme().to_owned()));
    if matches!(front.door, Door::Identity | Door::Entra) {
        // Tokens live in wall time, which the world does not know.
        let now = jiff::Timestamp::now().to_string();
        request.headers.push(("x-farshore-wall-time".to_owned(), now));
    }
    let answered = world.call(request).await;
    if let Some(exchange) = exchange {
        exchange.end(answered.as_ref().ok());
    }
    answered.map(outward)
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

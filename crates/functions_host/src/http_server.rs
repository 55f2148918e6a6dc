//! The host's own port.

use std::future::Future;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use tokio::net::TcpListener;

use crate::driver::Client;
use crate::wire::{HttpRequest, HttpResponse};

/// The real host's limit on a request body (`FUNCTIONS_REQUEST_BODY_SIZE_LIMIT`).
const LARGEST_BODY: usize = 100 * 1024 * 1024;

/// Serves clients until `stop` completes.
pub async fn serve(
    listener: TcpListener,
    client: Client,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let router = Router::new().fallback(answer).with_state(client);
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}

async fn answer(State(client): State<Client>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return response(HttpResponse::empty(413));
    };
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let request = HttpRequest {
        method: parts.method.to_string(),
        target,
        headers,
        body: body.to_vec(),
        chunked: false,
    };
    response(client.request(request).await)
}

fn response(from: HttpResponse) -> Response {
    /// Lengths and framing are the server's own.
    const FRAMING: [&str; 3] = ["connection", "content-length", "transfer-encoding"];
    let mut builder = Response::builder().status(from.status);
    for (name, value) in &from.headers {
        if !FRAMING.contains(&name.to_ascii_lowercase().as_str()) {
            builder = builder.header(name, value);
        }
    }
    builder.body(Body::from(from.body)).unwrap_or_else(|_| {
        // A header that HTTP does not allow: what the function made cannot be sent.
        let mut failed = Response::new(Body::empty());
        *failed.status_mut() = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
        failed
    })
}

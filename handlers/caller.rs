//! Who asks, for journals and reports. The host has checked the function key before; a name comes
//! from App Service's authentication.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::App;

/// The name under which a request is remembered.
pub(crate) struct Caller(pub(crate) String);

const NAME: &str = "x-ms-client-principal-name";
const NAME_MAX: usize = 120;

impl FromRequestParts<App> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let header = parts.headers.get(NAME).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let name: String = header
            .unwrap_or_default()
            .chars()
            .filter(|letter| !letter.is_control())
            .take(NAME_MAX)
            .collect();
        Ok(Self(match name.trim() {
            "" => "function key".to_owned(),
            name if app.options().principals_are_verified => name.to_owned(),
            // Without the platform's authentication anybody with a key can write this header.
            name => format!("function key (says {name:?})"),
        }))
    }
}

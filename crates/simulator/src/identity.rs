//! Entra ID and the managed identity endpoints.
//!
//! Tokens are JWTs without a real signature. Their times are wall time, as the official clients
//! compare them with the machine's clock; the world has none, so a shell passes it in the header
//! [`WALL_TIME_HEADER`], and without it a token ends in the year 2100. Nothing here checks a
//! token's end: whoever has a token of ours for the right audience is let in.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::door::{Request, Response};
use crate::fidelity::Fidelity;
use crate::operations::ArmRequest;
use crate::tutorial::TENANT;
use crate::world::World;

/// RFC 3339; set by the shell.
const WALL_TIME_HEADER: &str = "x-farshore-wall-time";
/// 2100-01-01.
const FAR_FUTURE: i64 = 4_102_444_800;
/// How long a managed identity's token lives (doc: about 24 h).
const LIFE_S: i64 = 86_400;
const CLIENT: &str = "00000000-0000-4000-8000-00000000000c";
const PRINCIPAL: &str = "00000000-0000-4000-8000-00000000000d";
const ARM_AUDIENCES: &[&str] =
    &["https://management.azure.com", "https://management.core.windows.net"];

/// What is known of identities.
pub(crate) const FIDELITY: &[Fidelity] = &[
    Fidelity::documented(
        "Managed identity as App Service and as a virtual machine offer it",
        "measured with azure-identity 1.27 and az 2.91",
    ),
    Fidelity::documented(
        "Entra: openid-configuration, instance discovery and the client credentials grant",
        "measured with azure-identity 1.27 and az 2.91",
    ),
    Fidelity::guess(
        "Tokens are not signed and never refused for their age",
        "token times are wall time and the world has only its own",
    ),
];

/// App Service's `IDENTITY_ENDPOINT` and the instance metadata service.
pub(crate) fn managed_identity(_world: &mut World, request: &Request) -> Response {
    if request.method != "GET" {
        return Response::empty(405);
    }
    let is_machine = request.path().eq_ignore_ascii_case("/metadata/identity/oauth2/token");
    if is_machine && request.header("metadata").is_none_or(|it| !it.eq_ignore_ascii_case("true")) {
        return refuse(400, "invalid_request", "Required metadata header not specified");
    }
    if !is_machine && request.header("x-identity-header").is_none_or(str::is_empty) {
        return refuse(401, "invalid_request", "The X-IDENTITY-HEADER header is missing");
    }
    let Some(resource) = request.query("resource").filter(|it| !it.is_empty()) else {
        return refuse(400, "invalid_request", "Required query variable 'resource' is missing");
    };
    let times = Times::of(request);
    let mut body = json!({
        "access_token": token(&resource, &times),
        "client_id": CLIENT,
        "expires_on": times.expires_at.to_string(),
        "resource": resource,
        "token_type": "Bearer",
    });
    if is_machine {
        body["expires_in"] = json!(times.lives().to_string());
        body["ext_expires_in"] = json!(times.lives().to_string());
        body["not_before"] = json!(times.issued_at.to_string());
    }
    Response::json(200, &body)
}

/// `login.microsoftonline.com`.
pub(crate) fn entra(_world: &mut World, request: &Request) -> Response {
    let base_url = ArmRequest::new(request).base_url;
    let segments: Vec<&str> = request.path().split('/').filter(|part| !part.is_empty()).collect();
    match (request.method.as_str(), segments.as_slice()) {
        ("GET", [tenant, .., ".well-known", "openid-configuration"]) => {
            Response::json(200, &openid_configuration(&base_url, tenant))
        }
        ("GET", ["common", "discovery", "instance"]) => Response::json(
            200,
            &json!({
                "tenant_discovery_endpoint": format!("{base_url}/{TENANT}/v2.0/.well-known/openid-configuration"),
                "api-version": "1.1",
                "metadata": [],
            }),
        ),
        ("GET", [_, "discovery", ..]) => Response::json(200, &json!({"keys": []})),
        ("POST", [_, "oauth2", "v2.0", "token"] | [_, "oauth2", "token"]) => grant(request),
        _ => Response::empty(404),
    }
}

/// Lets an ARM request in, or says why not.
pub(crate) fn check_arm_token(request: &ArmRequest<'_>) -> Result<(), Response> {
    let refuse = |code: &str, error: &str, message: &str| {
        Err(Response::error(401, code, message).with_header(
            "WWW-Authenticate",
            format!(
                "Bearer authorization_uri=\"https://login.microsoftonline.com/{TENANT}\", error=\"{error}\", error_description=\"{message}\""
            ),
        ))
    };
    let Some(token) = bearer(request.request) else {
        return refuse(
            "AuthenticationFailed",
            "invalid_token",
            "Authentication failed. The 'Authorization' header is missing.",
        );
    };
    let Some(audience) = audience(token) else {
        return refuse(
            "InvalidAuthenticationToken",
            "invalid_token",
            "The access token is invalid.",
        );
    };
    let audience = audience.trim_end_matches('/');
    if ARM_AUDIENCES.contains(&audience) || audience == request.base_url {
        return Ok(());
    }
    refuse(
        "InvalidAuthenticationTokenAudience",
        "invalid_token",
        "The access token has been obtained for wrong audience or resource. It should exactly match one of the allowed audiences 'https://management.core.windows.net/','https://management.azure.com/'.",
    )
}

/// The bearer token of a request.
pub(crate) fn bearer(request: &Request) -> Option<&str> {
    let (scheme, token) = request.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// What a token of ours is good for; `None` when we did not make it.
pub(crate) fn audience(token: &str) -> Option<String> {
    let (signed, signature) = token.rsplit_once('.')?;
    if signature != seal(signed) {
        return None;
    }
    let (_, payload) = signed.split_once('.')?;
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?;
    let payload: Value = serde_json::from_slice(&payload).ok()?;
    payload["aud"].as_str().map(str::to_owned)
}

/// When a token was made and when it ends, in seconds of the epoch.
struct Times {
    issued_at: i64,
    expires_at: i64,
}

impl Times {
    fn of(request: &Request) -> Self {
        let wall = request
            .header(WALL_TIME_HEADER)
            .and_then(|time| time.parse::<Timestamp>().ok())
            .map(Timestamp::as_second);
        match wall {
            Some(now) => Self { issued_at: now, expires_at: now + LIFE_S },
            None => Self { issued_at: FAR_FUTURE - LIFE_S, expires_at: FAR_FUTURE },
        }
    }

    fn lives(&self) -> i64 {
        self.expires_at - self.issued_at
    }
}

fn grant(request: &Request) -> Response {
    let form: Vec<(String, String)> =
        url::form_urlencoded::parse(&request.body).into_owned().collect();
    let field = |name: &str| {
        form.iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or_default()
    };
    if field("grant_type") != "client_credentials" {
        return refuse(
            400,
            "unsupported_grant_type",
            "AADSTS70003: The app requested an unsupported grant type.",
        );
    }
    if field("client_secret").is_empty() && field("client_assertion").is_empty() {
        return refuse(
            401,
            "invalid_client",
            "AADSTS7000216: 'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
        );
    }
    let scope = field("scope").split(' ').find(|scope| scope.ends_with("/.default"));
    let resource = match scope {
        Some(scope) => scope.trim_end_matches("/.default"),
        None => field("resource"),
    };
    if resource.is_empty() {
        return refuse(
            400,
            "invalid_scope",
            "AADSTS1002012: The provided value for scope is not valid.",
        );
    }
    let times = Times::of(request);
    let lives = times.lives() - 1;
    Response::json(
        200,
        &json!({
            "token_type": "Bearer",
            "expires_in": lives,
            "ext_expires_in": lives,
            "access_token": token(resource, &times),
        }),
    )
}

fn openid_configuration(base_url: &str, tenant: &str) -> Value {
    json!({
        "issuer": format!("{base_url}/{tenant}/v2.0"),
        "authorization_endpoint": format!("{base_url}/{tenant}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{base_url}/{tenant}/oauth2/v2.0/token"),
        "jwks_uri": format!("{base_url}/{tenant}/discovery/v2.0/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "response_types_supported": ["code", "id_token"],
        "subject_types_supported": ["pairwise"],
    })
}

fn token(resource: &str, times: &Times) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(&json!({"typ": "JWT", "alg": "none"}));
    let payload = part(&json!({
        "aud": resource,
        "iss": format!("https://sts.windows.net/{TENANT}/"),
        "iat": times.issued_at,
        "nbf": times.issued_at,
        "exp": times.expires_at,
        "appid": CLIENT,
        "oid": PRINCIPAL,
        "sub": PRINCIPAL,
        "tid": TENANT,
        "idtyp": "app",
    }));
    let signed = format!("{header}.{payload}");
    let seal = seal(&signed);
    format!("{signed}.{seal}")
}

/// Tells our tokens from others; it protects nothing.
fn seal(signed: &str) -> String {
    let hash = signed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    BASE64_URL_SAFE_NO_PAD.encode(hash.to_be_bytes())
}

fn refuse(status: u16, error: &str, description: &str) -> Response {
    Response::json(status, &json!({"error": error, "error_description": description}))
}

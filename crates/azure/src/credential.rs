//! Who we are to Entra: the credentials of `azure_identity`, over our own HTTP client.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::{Secret, TokenCredential};
use azure_core::error::{Error, ErrorKind};
use azure_core::http::headers::Headers;
use azure_core::http::{
    AsyncRawResponse, Body, ClientOptions, HttpClient, Method as CoreMethod, RetryOptions,
    StatusCode, Transport,
};
use azure_identity::{
    AzureCliCredential, ClientSecretCredential, ClientSecretCredentialOptions,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
};
use clock::Clock;
use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::Method;
use crate::http::{Call, Connections, Http, Roots, SettingsError, parse_endpoint};
use crate::token::{Source, Token};

/// Which credential, and what it needs.
#[derive(Clone)]
pub enum Credential {
    /// The identity of the app. App Service gives the process its endpoint by the environment
    /// (`IDENTITY_ENDPOINT`, `IDENTITY_HEADER`).
    ManagedIdentity {
        client_id: Option<String>,
    },
    /// Whoever is logged in to the Azure CLI.
    AzureCli,
    ClientSecret {
        tenant_id: String,
        client_id: String,
        secret: String,
    },
}

/// Fetches tokens with a credential.
#[derive(Debug)]
pub struct Identity {
    credential: Credential,
    authority: Option<Url>,
    wire: Arc<Wire>,
}

impl Credential {
    /// Reads the setting `name`; `variable` reads the environment.
    pub fn parse(
        name: &str,
        client_id: Option<String>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingsError> {
        let need = |key: &str| {
            variable(key)
                .filter(|value| !value.is_empty())
                .ok_or_else(|| SettingsError::Credential(format!("{name} needs {key}")))
        };
        match name {
            "managed_identity" => Ok(Self::ManagedIdentity { client_id }),
            "azure_cli" => Ok(Self::AzureCli),
            "client_secret" => Ok(Self::ClientSecret {
                tenant_id: need("AZURE_TENANT_ID")?,
                client_id: match client_id {
                    Some(id) => id,
                    None => need("AZURE_CLIENT_ID")?,
                },
                secret: need("AZURE_CLIENT_SECRET")?,
            }),
            other => Err(SettingsError::Credential(format!(
                "{other:?} is none of managed_identity, azure_cli, client_secret"
            ))),
        }
    }
}

impl Identity {
    /// `authority` replaces `https://login.microsoftonline.com`.
    pub fn new(
        credential: Credential,
        authority: Option<&str>,
        roots: Roots,
        clock: Clock,
    ) -> Result<Self, SettingsError> {
        let authority = authority.map(parse_endpoint).transpose()?;
        let plain = authority.clone().filter(|url| url.scheme() == "http");
        // A connection that is used every half hour is not worth keeping.
        let http = Http::new(roots, Connections::Fresh, clock);
        Ok(Self { credential, authority, wire: Arc::new(Wire { http, plain }) })
    }

    /// A credential of its own for every token: one that lives longer keeps its last token until
    /// five minutes before its end, and we want a new one at half-life.
    fn build(&self) -> azure_core::Result<Arc<dyn TokenCredential>> {
        let mut options = ClientOptions {
            transport: Some(Transport::new(Arc::clone(&self.wire) as Arc<dyn HttpClient>)),
            retry: RetryOptions::none(),
            ..ClientOptions::default()
        };
        if let Some(authority) = &self.authority {
            let mut https = authority.clone();
            if https.set_scheme("https").is_err() {
                return Err(Error::with_message(ErrorKind::Other, "unusable authority host"));
            }
            let mut custom = CustomConfiguration::default();
            custom.authority_host = https.to_string();
            options.cloud = Some(Arc::new(CloudConfiguration::Custom(custom)));
        }
        Ok(match &self.credential {
            Credential::ManagedIdentity { client_id } => {
                ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
                    user_assigned_id: client_id.clone().map(UserAssignedId::ClientId),
                    client_options: options,
                }))?
            }
            Credential::AzureCli => AzureCliCredential::new(None)?,
            Credential::ClientSecret { tenant_id, client_id, secret } => {
                ClientSecretCredential::new(
                    tenant_id,
                    client_id.clone(),
                    Secret::new(secret.clone()),
                    Some(ClientSecretCredentialOptions { client_options: options }),
                )?
            }
        })
    }
}

#[async_trait]
impl Source for Identity {
    async fn fetch(&self, scope: &str) -> Result<Token, String> {
        let fetched = async { self.build()?.get_token(&[scope], None).await }.await;
        let token = fetched.map_err(|error| explain(&error))?;
        let expires = Timestamp::from_second(token.expires_on.unix_timestamp())
            .map_err(|error| format!("the token's end is no date: {error}"))?;
        Ok(Token::new(token.token.secret(), expires))
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::ManagedIdentity { .. } => "ManagedIdentity",
            Self::AzureCli => "AzureCli",
            Self::ClientSecret { .. } => "ClientSecret",
        })
    }
}

/// Our HTTP client, as `azure_core` wants one.
#[derive(Debug)]
struct Wire {
    http: Http,
    /// `azure_identity` demands an authority with https; a local one is reached by http after all.
    plain: Option<Url>,
}

/// How long Entra or the identity endpoint may take for one answer.
const ANSWER_LIMIT: SignedDuration = SignedDuration::from_secs(15);

#[async_trait]
impl HttpClient for Wire {
    async fn execute_request(
        &self,
        request: &azure_core::http::Request,
    ) -> azure_core::Result<AsyncRawResponse> {
        let broken = |error: String| Error::with_message(ErrorKind::Io, error);
        let mut url = request.url().clone();
        if let Some(plain) = &self.plain
            && url.host() == plain.host()
            && url.port() == plain.port()
        {
            url.set_scheme("http").map_err(|()| broken("unusable authority host".into()))?;
        }
        let method = match request.method() {
            CoreMethod::Get => Method::Get,
            CoreMethod::Post => Method::Post,
            other => return Err(broken(format!("a credential does not send {other:?}"))),
        };
        let Body::Bytes(body) = request.body() else {
            return Err(broken("a credential does not stream".into()));
        };
        // Of the headers, those that the identity endpoints read.
        let headers = ["content-type", "metadata", "x-identity-header", "accept"]
            .into_iter()
            .filter_map(|name| {
                let (_, value) =
                    request.headers().iter().find(|(header, _)| header.as_str() == name)?;
                Some((name, value.as_str().to_owned()))
            })
            .collect();
        let call = Call { method, url, headers, body: body.to_vec() };
        let deadline = self.http.deadline(ANSWER_LIMIT);
        let answer =
            self.http.exchange(call, deadline).await.map_err(|error| broken(error.to_string()))?;
        let mut headers = Headers::new();
        for (name, value) in answer.headers {
            headers.insert(name, value);
        }
        Ok(AsyncRawResponse::from_bytes(StatusCode::from(answer.status), headers, answer.body))
    }
}

/// The error with its causes, on one line and not too long.
fn explain(error: &azure_core::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(400).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_says_what_it_lacks() {
        let none = |_: &str| None;
        let error = Credential::parse("client_secret", None, none).unwrap_err().to_string();
        assert!(error.contains("AZURE_TENANT_ID"), "{error}");
        let error = Credential::parse("password", None, none).unwrap_err().to_string();
        assert!(error.contains("managed_identity"), "{error}");
        assert!(Credential::parse("managed_identity", None, none).is_ok());
    }

    #[test]
    fn a_secret_is_never_shown() {
        let all = |key: &str| Some(format!("value of {key}"));
        let credential = Credential::parse("client_secret", None, all).unwrap();
        assert!(!format!("{credential:?}").contains("value"), "{credential:?}");
    }
}

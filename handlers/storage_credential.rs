//! The tokens of the app, as the client of Azure Storage wants them.

use async_trait::async_trait;
use azure::token::Tokens;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::{Error, ErrorKind};
use azure_core::time::{Duration, OffsetDateTime};

/// The scope for Azure Storage.
pub(crate) const STORAGE_SCOPE: &str = "https://storage.azure.com/.default";

/// Gives out one token for everything: this app asks Azure Storage for nothing else.
#[derive(Debug)]
pub(crate) struct StorageCredential {
    tokens: Tokens,
}

impl StorageCredential {
    pub(crate) fn new(tokens: Tokens) -> Self {
        Self { tokens }
    }
}

#[async_trait]
impl TokenCredential for StorageCredential {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let refuse = |problem: String| Error::with_message(ErrorKind::Credential, problem);
        if scopes != [STORAGE_SCOPE] {
            return Err(refuse(format!("no token for {scopes:?}")));
        }
        let token = self.tokens.get().await.map_err(|error| refuse(error.to_string()))?;
        let bearer = token.bearer();
        let secret = bearer.strip_prefix("Bearer ").unwrap_or_default().to_owned();
        // `Tokens` keeps and renews them. The client must not do so a second time, and asks again
        // for every call when a token is about to end.
        let soon = OffsetDateTime::now_utc() + Duration::minutes(1);
        Ok(AccessToken::new(secret, soon))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use azure::token::{Source, Token};
    use jiff::{SignedDuration, Timestamp};

    use super::*;

    #[derive(Debug)]
    struct Entra;

    #[async_trait]
    impl Source for Entra {
        async fn fetch(&self, scope: &str) -> Result<Token, String> {
            let end = Timestamp::now() + SignedDuration::from_hours(1);
            Ok(Token::new(&format!("for {scope}"), end))
        }
    }

    #[tokio::test]
    async fn the_storage_client_gets_our_token_and_for_storage_alone() {
        let credential = StorageCredential::new(Tokens::new(Arc::new(Entra), STORAGE_SCOPE));

        let token = credential.get_token(&[STORAGE_SCOPE], None).await.unwrap();
        let refused = credential.get_token(&["https://vault.azure.net/.default"], None).await;

        assert_eq!(token.token.secret(), "for https://storage.azure.com/.default");
        assert!(refused.is_err());
    }
}

//! The shared access signature for Azurite's built-in account.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;

/// Azurite's built-in account. Its key is public and the same everywhere
/// (doc: learn.microsoft.com/azure/storage/common/storage-connect-azurite).
pub(crate) const ACCOUNT: &str = "devstoreaccount1";
const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

const VERSION: &str = "2025-11-05";
const PERMISSIONS: &str = "rwdlacup";
const EXPIRY: &str = "2099-12-31T00:00:00Z";

/// An account token for the blob service: service, container and object, all permissions.
pub(crate) fn account_token() -> String {
    // doc: learn.microsoft.com/rest/api/storageservices/create-account-sas. The empty lines are
    // the start, the address range and the encryption scope, which are not used.
    let to_sign =
        format!("{ACCOUNT}\n{PERMISSIONS}\nb\nsco\n\n{EXPIRY}\n\nhttps,http\n{VERSION}\n\n");
    let key = STANDARD.decode(KEY).expect("the constant above is base64");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes keys of any length");
    mac.update(to_sign.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    format!(
        "sv={VERSION}&ss=b&srt=sco&sp={PERMISSIONS}&se={}&spr=https,http&sig={}",
        utf8_percent_encode(EXPIRY, NON_ALPHANUMERIC),
        utf8_percent_encode(&signature, NON_ALPHANUMERIC),
    )
}

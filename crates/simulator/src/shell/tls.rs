//! A certification authority that lives as long as the process, and the one certificate it gives.

use std::fmt;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// What a client may call the doors.
const NAMES: [&str; 2] = ["127.0.0.1", "localhost"];

/// Made anew at each start; its key never leaves the process, so nobody else's trust is at risk.
pub struct Authority {
    certificate: String,
    acceptor: TlsAcceptor,
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("cannot speak TLS with the certificate just made: {0}")]
    Protocol(#[from] tokio_rustls::rustls::Error),
}

impl Authority {
    pub fn new() -> Result<Self, TlsError> {
        let mut of_authority = CertificateParams::default();
        of_authority.distinguished_name = name("Farshore's local Azure");
        of_authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        of_authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let authority = CertifiedIssuer::self_signed(of_authority, KeyPair::generate()?)?;

        let mut of_doors = CertificateParams::new(NAMES.map(str::to_owned))?;
        of_doors.distinguished_name = name("a door of Farshore's local Azure");
        of_doors.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        of_doors.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // OpenSSL's strict checks, the default of newer Pythons, ask for it.
        of_doors.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let doors = of_doors.signed_by(&key, &authority)?;

        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()?
                .with_no_client_auth()
                .with_single_cert(vec![doors.der().clone()], key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { certificate: authority.pem(), acceptor: Arc::new(config).into() })
    }

    /// The certificate that clients must trust, as PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Authority").finish_non_exhaustive()
    }
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name
}

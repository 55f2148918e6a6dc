//! Simulated time is for a simulated world. Against the real one a clock that runs ten times too
//! fast would give up, repeat and fail over ten times too early.

use azure::credential::Credential;
use azure::http::{is_loopback, parse_endpoint};

use super::reader::Reader;
use super::{Config, StorePlace, setting};

/// Refuses simulated time unless everything that the app reaches is on this machine.
pub(super) fn check(config: &Config, reader: &mut Reader<'_>) {
    let mut outside = Vec::new();
    let mut expect = |name: &'static str, is_local: bool| {
        if !is_local {
            outside.push(name);
        }
    };
    expect(setting::ARM_ENDPOINT, is_loopback(&config.arm_endpoint));
    expect(setting::SERVICE_BUS_ENDPOINT, is_loopback(&config.service_bus_endpoint));
    if let StorePlace::Blob { main, leases } = &config.store {
        expect(setting::STORE, is_loopback(main.url()));
        expect(setting::LEASE_STORE, is_loopback(leases.url()));
    }
    // Without it the system's resolver would be asked, and that leads everywhere.
    expect(setting::DNS, config.probes.dns.is_some_and(|server| server.ip().is_loopback()));
    let targets = &config.probes.connect_to;
    expect(setting::CONNECT_TO, targets.values().all(|target| target.ip().is_loopback()));
    let local = |text: Option<&str>| {
        text.is_some_and(|text| parse_endpoint(text).is_ok_and(|url| is_loopback(&url)))
    };
    let authority = config.authority_host.as_deref();
    match config.credential {
        Credential::ManagedIdentity { .. } => {
            expect(
                setting::IDENTITY_ENDPOINT,
                local(reader.text(setting::IDENTITY_ENDPOINT).as_deref()),
            );
            expect(setting::AUTHORITY_HOST, authority.is_none() || local(authority));
        }
        Credential::ClientSecret { .. } => expect(setting::AUTHORITY_HOST, local(authority)),
        Credential::AzureCli => expect(setting::CREDENTIAL, false),
    }
    if outside.is_empty() {
        return;
    }
    let problem = format!(
        "simulated time is only for a local Azure, and these lead elsewhere or nowhere: {}",
        outside.join(", ")
    );
    reader.refuse(setting::CLOCK, &problem, "unset it, or set them to loopback addresses");
}

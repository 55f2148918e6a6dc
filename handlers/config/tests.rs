//! Settings, good and bad.

use std::collections::BTreeMap;

use super::*;

const CLOCK: &str = "speed=10;wall=2026-11-22T10:00:00Z;simulated=2026-11-22T10:00:00Z";

fn read(settings: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    let settings: BTreeMap<_, _> = settings.iter().copied().collect();
    Config::read(|name| settings.get(name).map(|value| (*value).to_owned()))
}

/// What the installation sets.
fn production<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut settings = vec![
        (setting::PORT, "40123"),
        (setting::STORE, "https://cafe.blob.core.windows.net/farshore"),
        (setting::LEASE_STORE, "https://cafe.blob.core.windows.net/leases"),
        (setting::SERVICE_BUS_NAMESPACE, "cafe.servicebus.windows.net"),
        (setting::WEBSITE_INSTANCE_ID, "4ee0f5"),
    ];
    settings.extend(changes);
    settings
}

/// What a rehearsal sets; the store's folder is the one that the tests run in.
fn rehearsal<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut settings = vec![
        (setting::PORT, "40123"),
        (setting::STORE, "sqlite:farshore.db"),
        (setting::ARM_ENDPOINT, "http://127.0.0.1:4100"),
        (setting::SERVICE_BUS_ENDPOINT, "http://127.0.0.1:4101"),
        (setting::IDENTITY_ENDPOINT, "http://127.0.0.1:4102/msi/token"),
        (setting::DNS, "127.0.0.1:4153"),
        (setting::CONNECT_TO, "203.0.113.10:80=127.0.0.1:4181"),
        (setting::CLOCK, CLOCK),
    ];
    settings.extend(changes);
    settings
}

fn errors(settings: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let errors = read(settings).unwrap_err().0;
    errors.into_iter().map(|error| (error.setting, error.to_string())).collect()
}

#[test]
fn an_installation_needs_only_store_and_namespace() {
    let config = read(&production(&[])).unwrap();

    assert_eq!(config.arm_endpoint.as_str(), "https://management.azure.com/");
    assert_eq!(config.service_bus_endpoint.as_str(), "https://cafe.servicebus.windows.net/");
    assert!(matches!(config.clock, Clock::System));
    assert!(matches!(config.credential, Credential::ManagedIdentity { client_id: None }));
    assert_eq!(config.options, Options::default());
}

#[test]
fn a_rehearsal_may_simulate_time_on_a_file() {
    let config = read(&rehearsal(&[])).unwrap();

    assert_eq!(config.clock.speed(), 10);
    assert!(matches!(config.store, StorePlace::Sqlite(_)));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let found = errors(&[
        (setting::ARM_ENDPOINT, "http://management.azure.com"),
        (setting::CREDENTIAL, "password"),
        (setting::DNS, "nowhere"),
        (setting::CONNECT_TO, "203.0.113.10"),
        (setting::CLOCK, "fast"),
        (setting::WATCH, "sometimes"),
        (setting::LOG, "info,=="),
        (setting::CA_FILE, "no/such/file.pem"),
        (setting::AUTHORITY_HOST, "login"),
    ]);

    let names: Vec<_> = found.iter().map(|(setting, _)| *setting).collect();
    assert_eq!(
        names,
        [
            setting::PORT,
            setting::ARM_ENDPOINT,
            setting::SERVICE_BUS_ENDPOINT,
            setting::AUTHORITY_HOST,
            setting::STORE,
            setting::CREDENTIAL,
            setting::CA_FILE,
            setting::DNS,
            setting::CONNECT_TO,
            setting::CLOCK,
            setting::LOG,
            setting::WATCH,
        ]
    );
    for (setting, text) in &found {
        assert!(text.starts_with(&format!("{setting}: ")) && text.contains("; "), "{text}");
    }
}

#[test]
fn an_empty_setting_counts_as_not_set() {
    let config = read(&production(&[(setting::ARM_ENDPOINT, ""), (setting::CLOCK, " ")])).unwrap();

    assert_eq!(config.arm_endpoint.as_str(), "https://management.azure.com/");
}

#[test]
fn simulated_time_is_refused_while_anything_leads_to_the_real_world() {
    for (change, culprit) in [
        (
            (setting::SERVICE_BUS_ENDPOINT, "https://cafe.servicebus.windows.net"),
            setting::SERVICE_BUS_ENDPOINT,
        ),
        ((setting::IDENTITY_ENDPOINT, ""), setting::IDENTITY_ENDPOINT),
        ((setting::IDENTITY_ENDPOINT, "http://169.254.129.2:8081/msi"), setting::IDENTITY_ENDPOINT),
        ((setting::AUTHORITY_HOST, "https://login.microsoftonline.com"), setting::AUTHORITY_HOST),
        ((setting::DNS, ""), setting::DNS),
        ((setting::DNS, "10.0.0.10:53"), setting::DNS),
        ((setting::CONNECT_TO, "203.0.113.10:80=198.51.100.7:80"), setting::CONNECT_TO),
        ((setting::CREDENTIAL, "azure_cli"), setting::CREDENTIAL),
    ] {
        let found = errors(&rehearsal(&[change]));

        let [(name, text)] = found.as_slice() else { panic!("{change:?}: {found:?}") };
        assert_eq!(*name, setting::CLOCK);
        let list = text.rsplit_once("nowhere: ").map(|(_, list)| list.to_owned()).unwrap();
        assert!(list.starts_with(&format!("{culprit};")), "{change:?}: {text}");
    }
    let found = errors(&production(&[(setting::CLOCK, CLOCK)]));
    let everything = [setting::ARM_ENDPOINT, setting::STORE, setting::LEASE_STORE, setting::DNS];
    assert!(everything.iter().all(|name| found[0].1.contains(name)), "{found:?}");
}

#[test]
fn sqlite_is_refused_where_it_would_be_split_brain() {
    let on_functions = errors(&rehearsal(&[(setting::WEBSITE_INSTANCE_ID, "4ee0f5")]));
    assert!(on_functions[0].1.contains("split brain"), "{on_functions:?}");

    let real_arm = errors(&rehearsal(&[
        (setting::ARM_ENDPOINT, "https://management.azure.com"),
        (setting::CLOCK, ""),
    ]));
    assert!(real_arm[0].1.contains("only for a local Azure"), "{real_arm:?}");
}

#[test]
fn a_store_that_cannot_be_is_refused() {
    for (store, leases, name, word) in [
        ("sqlite:", "", setting::STORE, "names no file"),
        ("sqlite:no/such/folder/farshore.db", "", setting::STORE, "does not exist"),
        ("sqlite:farshore.db", "http://127.0.0.1:1/a/b", setting::LEASE_STORE, "unset it"),
        ("http://127.0.0.1:1/a/b?sig=x", "", setting::LEASE_STORE, "second container"),
        (
            "http://127.0.0.1:1/a/b?sig=x",
            "http://127.0.0.1:1/a/b?sig=x",
            setting::LEASE_STORE,
            "same",
        ),
        ("http://127.0.0.1:1/", "http://127.0.0.1:1/a/c?sig=x", setting::STORE, "no container"),
        ("http://cafe.example/a", "http://127.0.0.1:1/a/c?sig=x", setting::STORE, "https"),
        ("a container", "http://127.0.0.1:1/a/c?sig=x", setting::STORE, "not the URL"),
    ] {
        let found = errors(&rehearsal(&[
            (setting::STORE, store),
            (setting::LEASE_STORE, leases),
            (setting::CLOCK, ""),
        ]));
        assert_eq!(found[0].0, name, "{found:?}");
        assert!(found[0].1.contains(word), "{found:?}");
    }
}

#[test]
fn no_secret_is_shown() {
    let secret = "c2VjcmV0";
    let signed = format!("http://127.0.0.1:1/devstoreaccount1/farshore?sig={secret}");
    let leases = format!("http://127.0.0.1:1/devstoreaccount1/leases?sig={secret}");
    let good = read(&rehearsal(&[(setting::STORE, &signed), (setting::LEASE_STORE, &leases)]));
    assert!(!format!("{:?}", good.unwrap()).contains(secret));

    let bad_store = format!("//account/box?sig={secret}");
    let bad_arm = format!("https://user:{secret}@management.azure.com");
    let bad = read(&production(&[(setting::STORE, &bad_store), (setting::ARM_ENDPOINT, &bad_arm)]));
    let bad = bad.unwrap_err().to_string();
    assert!(!bad.contains(secret) && bad.starts_with("2 settings are wrong"), "{bad}");
}

#[test]
fn the_documentation_names_every_setting() {
    let text = include_str!("../../docs/configuration.md");
    for name in setting::ALL {
        assert!(text.contains(&format!("`{name}`")), "{name} is missing");
    }
}

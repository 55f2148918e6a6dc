//! Rules about values that only make sense together.
//!
//! They look only at values that are right by themselves; the others have been noted already.

use jsonc_parser::ast::Value;

use super::check::Report;
use super::errors::{Complaint, quoted};
use super::fields::MAX_PUBLIC_IPS;

pub(super) fn check(report: &mut Report<'_, '_>) {
    automatic_needs_acceptance(report);
    sites_differ(report);
    endpoints_are_in_the_profile(report);
    data_is_looked_for_somewhere(report);
    public_ips_are_unambiguous(report);
}

/// Until the loss is measured before each failover, somebody must have accepted it.
fn automatic_needs_acceptance(report: &mut Report<'_, '_>) {
    const ACCEPT: &str = "/accept_unmeasured_data_loss";
    let accepted = report.source.find(ACCEPT).and_then(Value::as_boolean_lit);
    // A malformed value has its own error, and means something.
    let said = report.source.find(ACCEPT).is_some() && accepted.is_none();
    if report.source.text("/mode") == Some("automatic")
        && !said
        && !accepted.is_some_and(|accepted| accepted.value)
    {
        report.note(
            "/mode",
            Complaint::new(
                "is \"automatic\", but how much data a forced failover would lose is not measured \
                 beforehand",
                "add \"accept_unmeasured_data_loss\": true if that is acceptable, or use \
                 \"observe\" or \"approve\"",
            ),
        );
    }
}

fn sites_differ(report: &mut Report<'_, '_>) {
    for (field, mend) in [
        ("region", "name the other region; a site cannot stand in for its own region"),
        ("sql_server", "write the server of the standby region"),
        ("traffic_endpoint", "write the endpoint that leads to the standby region"),
        ("entry/gateway", "write the gateway of the standby region"),
    ] {
        let pointer = format!("/standby/{field}");
        let same = report
            .sound_text(&format!("/preferred/{field}"))
            .zip(report.sound_text(&pointer))
            .is_some_and(|(preferred, standby)| preferred.eq_ignore_ascii_case(standby));
        if same {
            let problem = format!("is the same as /preferred/{field}");
            report.note(&pointer, Complaint::new(problem, mend));
        }
    }
}

fn endpoints_are_in_the_profile(report: &mut Report<'_, '_>) {
    let Some(profile) = report.sound_text("/traffic_manager_profile") else { return };
    let profile = format!("{profile}/");
    for pointer in ["/preferred/traffic_endpoint", "/standby/traffic_endpoint"] {
        let outside = report.sound_text(pointer).is_some_and(|endpoint| {
            !endpoint
                .get(..profile.len())
                .is_some_and(|beginning| beginning.eq_ignore_ascii_case(&profile))
        });
        if outside {
            report.note(
                pointer,
                Complaint::new(
                    "is not an endpoint of /traffic_manager_profile",
                    "write the id of an endpoint in that profile: it begins with the profile's id",
                ),
            );
        }
    }
}

fn data_is_looked_for_somewhere(report: &mut Report<'_, '_>) {
    let given = |name: &str| report.source.find(&format!("/application/{name}")).is_some();
    if given("data_contains") && !given("data_path") {
        report.note(
            "/application/data_contains",
            Complaint::new(
                "says what to look for, but not where",
                "add \"data_path\", the path whose answer shows the data",
            ),
        );
    }
}

/// One machine must not be given two addresses, nor one address to two entries.
fn public_ips_are_unambiguous(report: &mut Report<'_, '_>) {
    struct Address<'s> {
        site: &'static str,
        pointer: String,
        machine: Option<&'s str>,
        public_ip: Option<&'s str>,
    }
    let mut addresses: Vec<Address<'_>> = Vec::new();
    for site in ["preferred", "standby"] {
        let list = report.source.find(&format!("/{site}/public_ips")).and_then(Value::as_array);
        for position in 0..list.map_or(0, |list| list.elements.len().min(MAX_PUBLIC_IPS)) {
            let pointer = format!("/{site}/public_ips/{position}");
            let machine = report.sound_text(&format!("{pointer}/machine"));
            let public_ip = report.sound_text(&format!("{pointer}/public_ip"));
            addresses.push(Address { site, pointer, machine, public_ip });
        }
    }
    for (position, later) in addresses.iter().enumerate() {
        for earlier in &addresses[..position] {
            if earlier
                .public_ip
                .zip(later.public_ip)
                .is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
            {
                report.note(
                    &format!("{}/public_ip", later.pointer),
                    Complaint::new(
                        format!("is the same as {}/public_ip", earlier.pointer),
                        "give each entry an address of its own",
                    ),
                );
            }
            if earlier.site == later.site
                && let Some((first, second)) = earlier.machine.zip(later.machine)
                && overlap(first, second)
            {
                let first = quoted(first);
                report.note(
                    &format!("{}/machine", later.pointer),
                    Complaint::new(
                        format!(
                            "fits machines that {first} at {}/machine fits too",
                            earlier.pointer
                        ),
                        "write names of which none fits the same machine as another",
                    ),
                );
            }
        }
    }
}

/// Is there a machine that both names fit?
fn overlap(first: &str, second: &str) -> bool {
    let (first, second) = (first.to_ascii_lowercase(), second.to_ascii_lowercase());
    match (first.strip_suffix('*'), second.strip_suffix('*')) {
        (None, None) => first == second,
        (Some(start), None) => second.starts_with(start),
        (None, Some(start)) => first.starts_with(start),
        (Some(one), Some(other)) => one.starts_with(other) || other.starts_with(one),
    }
}

#[cfg(test)]
mod tests {
    use super::overlap;

    #[test]
    fn two_names_overlap_if_a_machine_could_fit_both() {
        for (first, second, expected) in [
            ("ihs1", "IHS1", true),
            ("ihs1", "ihs2", false),
            ("ihs*", "ihs1", true),
            ("ihs1", "ihs*", true),
            ("ihs*", "ih*", true),
            ("ihs*", "dmgr*", false),
            ("ihs1*", "ihs", false),
        ] {
            assert_eq!(overlap(first, second), expected, "{first} {second}");
        }
    }
}

//! Names, ids and times as Site Recovery writes them.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;

use crate::regions::Region;
use crate::tutorial::SUBSCRIPTION;

pub(super) const VAULT_GROUP: &str = "was-cluster-westus";
pub(super) const VAULT_NAME: &str = "recovery-service-vault-westus";
pub(super) const PLAN_NAME: &str = "recovery-plan-cafe";
pub(super) const POLICY_NAME: &str = "24-hour-retention-policy";

/// A time that is not yet: without `Z`, which no RFC 3339 parser accepts (recorded).
pub(super) const UNSET_TIME: &str = "0001-01-01T00:00:00";
/// The start of the scenario `None` on an idle item (recorded).
pub(super) const IDLE_TIME: &str = "1753-01-01T01:01:01Z";

/// The vault's id: answers write `/Subscriptions/` with a capital (recorded).
pub(super) fn vault_id() -> String {
    format!(
        "/Subscriptions/{SUBSCRIPTION}/resourceGroups/{VAULT_GROUP}/providers/\
         Microsoft.RecoveryServices/vaults/{VAULT_NAME}"
    )
}

pub(super) fn plan_id() -> String {
    format!("{}/replicationRecoveryPlans/{PLAN_NAME}", vault_id())
}

pub(super) fn job_id(name: &str) -> String {
    format!("{}/replicationJobs/{name}", vault_id())
}

pub(super) fn policy_id() -> String {
    format!("{}/replicationPolicies/{POLICY_NAME}", vault_id())
}

pub(super) fn fabric_name(region: Region) -> String {
    format!("asr-a2a-default-{}", region.name())
}

pub(super) fn container_name(region: Region) -> String {
    format!("{}-container", fabric_name(region))
}

pub(super) fn fabric_id(region: Region) -> String {
    format!("{}/replicationFabrics/{}", vault_id(), fabric_name(region))
}

pub(super) fn container_id(region: Region) -> String {
    format!("{}/replicationProtectionContainers/{}", fabric_id(region), container_name(region))
}

/// An ARM id of another provider in a region's resource group.
pub(super) fn resource(region: Region, provider_type: &str, name: &str) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/was-cluster-{}/providers/{provider_type}/{name}",
        region.name()
    )
}

/// The opaque name of 43 characters that the portal gives a protected item (recorded shape).
pub(super) fn opaque(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes_of::<32>(text))
}

/// A GUID that depends on the text only: Site Recovery's ids of machines, fabrics and interfaces
/// are hashes.
pub(super) fn guid_of(text: &str) -> String {
    let hex = format!("{:032x}", u128::from_be_bytes(bytes_of::<16>(text)));
    format!("{}-{}-5{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

/// A time with up to seven digits of a second, trailing zeros dropped (recorded).
pub(super) fn time(at: Timestamp) -> String {
    let fixed = time_fixed(at);
    let trimmed = fixed.trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.');
    format!("{trimmed}Z")
}

/// A time with exactly seven digits of a second, as in operation statuses (recorded).
pub(super) fn time_fixed(at: Timestamp) -> String {
    let ticks = at.subsec_nanosecond() / 100;
    format!("{}.{ticks:07}Z", at.strftime("%Y-%m-%dT%H:%M:%S"))
}

/// A job's end: whole seconds (recorded).
pub(super) fn time_in_seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// FNV-1a seeds the generator, so that names need neither a hash library nor the world's own
/// generator.
fn bytes_of<const N: usize>(text: &str) -> [u8; N] {
    let seed = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mut random = fastrand::Rng::with_seed(seed);
    std::array::from_fn(|_| random.u8(..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_look_as_recorded() {
        let at: Timestamp = "2022-10-11T18:11:42.71187Z".parse().expect("a timestamp");
        assert_eq!(time(at), "2022-10-11T18:11:42.71187Z");
        assert_eq!(time_fixed(at), "2022-10-11T18:11:42.7118700Z");
        assert_eq!(time_in_seconds(at), "2022-10-11T18:11:42Z");
        let round: Timestamp = "2022-10-11T18:10:00Z".parse().expect("a timestamp");
        assert_eq!(time(round), "2022-10-11T18:10:00Z");
    }

    #[test]
    fn opaque_names_have_the_recorded_length_and_differ() {
        assert_eq!(opaque("dmgr1").len(), "YtSLUmr1siwOhCNihjyTaOjo3bXTQoCCN96TnEVq5fM".len());
        assert_ne!(opaque("managed1"), opaque("managed2"));
        assert_eq!(guid_of("dmgr1").len(), 36);
    }
}

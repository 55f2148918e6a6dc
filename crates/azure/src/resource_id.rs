//! An Azure resource id.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize};

/// An ARM resource id. It keeps the spelling it came in and compares without regard to case,
/// because the service answers with `/Subscriptions/` and lower-cased names at will
/// (recorded: Azure/azure-powershell A2ARecoveryPlanReplication.json).
#[derive(Clone)]
pub struct ResourceId(String);

/// Why a text is not a resource id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a resource id: {problem}")]
pub struct BadResourceId {
    text: String,
    problem: &'static str,
}

impl ResourceId {
    pub fn parse(text: &str) -> Result<Self, BadResourceId> {
        let refuse = |problem| Err(BadResourceId { text: text.to_owned(), problem });
        let Some(path) = text.strip_prefix('/') else { return refuse("it does not start with /") };
        let segments: Vec<&str> = path.split('/').collect();
        if segments.len() < 2 || !segments[0].eq_ignore_ascii_case("subscriptions") {
            return refuse("it does not start with /subscriptions/");
        }
        for segment in segments {
            if segment.is_empty() {
                return refuse("it has an empty segment");
            }
            if segment == "." || segment == ".." {
                return refuse("it has a relative segment");
            }
            if segment.chars().any(|c| c.is_control() || matches!(c, '?' | '#' | '\\' | '%')) {
                return refuse("it has a character that no name can have");
            }
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last segment.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The subscription's id.
    pub fn subscription(&self) -> &str {
        self.segment("subscriptions").unwrap_or_default()
    }

    pub fn resource_group(&self) -> Option<&str> {
        self.segment("resourceGroups")
    }

    /// The name that follows the segment `kind`: `segment("servers")` of a failover group is its
    /// server's name.
    pub fn segment(&self, kind: &str) -> Option<&str> {
        let mut segments = self.0.split('/').skip(1);
        while let (Some(key), Some(value)) = (segments.next(), segments.next()) {
            if key.eq_ignore_ascii_case(kind) {
                return Some(value);
            }
        }
        None
    }

    /// The id up to and with the name that follows the segment `kind`: `upto("vaults")` of a job
    /// is its vault.
    pub fn upto(&self, kind: &str) -> Option<Self> {
        let mut end = 0;
        let mut segments = self.0.split('/').skip(1);
        while let (Some(key), Some(value)) = (segments.next(), segments.next()) {
            end += key.len() + value.len() + 2;
            if key.eq_ignore_ascii_case(kind) {
                return Some(Self(self.0[..end].to_owned()));
            }
        }
        None
    }

    /// The resource that holds this one; a top-level resource's is its resource group.
    pub fn parent(&self) -> Option<Self> {
        let mut parent = strip_pair(&self.0)?;
        // `/providers/Microsoft.Sql` alone names nothing.
        if let Some((before, last)) = pair(parent)
            && last.eq_ignore_ascii_case("providers")
        {
            parent = before;
        }
        (!parent.is_empty()).then(|| Self(parent.to_owned()))
    }

    /// A resource below this one.
    #[must_use]
    pub fn child(&self, kind: &str, name: &str) -> Self {
        Self(format!("{}/{kind}/{name}", self.0))
    }
}

/// The text without its last two segments.
fn strip_pair(text: &str) -> Option<&str> {
    pair(text).map(|(before, _)| before)
}

/// What stands before the last two segments, and the first of the two.
fn pair(text: &str) -> Option<(&str, &str)> {
    let (before, _) = text.rsplit_once('/')?;
    before.rsplit_once('/')
}

impl PartialEq for ResourceId {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for ResourceId {}

impl Hash for ResourceId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.0.bytes() {
            state.write_u8(byte.to_ascii_lowercase());
        }
    }
}

impl PartialOrd for ResourceId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ResourceId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let lower = |id: &'_ Self| id.0.to_ascii_lowercase();
        lower(self).cmp(&lower(other))
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for ResourceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.0)
    }
}

impl std::str::FromStr for ResourceId {
    type Err = BadResourceId;
    fn from_str(text: &str) -> Result<Self, BadResourceId> {
        Self::parse(text)
    }
}

impl Serialize for ResourceId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ResourceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP: &str =
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Sql/servers/west/failoverGroups/fog";

    fn id(text: &str) -> ResourceId {
        ResourceId::parse(text).unwrap()
    }

    #[test]
    fn its_parts_are_found_whatever_their_case() {
        let group = id(&GROUP.replace("resourceGroups", "resourcegroups"));
        assert_eq!(group.subscription(), "s");
        assert_eq!(group.resource_group(), Some("g"));
        assert_eq!(group.segment("SERVERS"), Some("west"));
        assert_eq!(group.segment("vaults"), None);
        assert_eq!(group.name(), "fog");
        assert_eq!(group.upto("servers").unwrap(), group.parent().unwrap());
    }

    #[test]
    fn two_spellings_of_an_id_are_one_id() {
        let twins = [id(GROUP), id(&GROUP.to_uppercase())];
        assert_eq!(twins[0], twins[1]);
        assert_eq!(std::collections::HashSet::from(twins.clone()).len(), 1);
        assert_eq!(std::collections::BTreeSet::from(twins).len(), 1);
    }

    #[test]
    fn a_parent_is_a_resource_and_then_the_resource_group() {
        let server = id(GROUP).parent().unwrap();
        assert_eq!(server.name(), "west");
        let group = server.parent().unwrap();
        assert_eq!(group.as_str(), "/subscriptions/s/resourceGroups/g");
        let subscription = group.parent().unwrap();
        assert_eq!(subscription.as_str(), "/subscriptions/s");
        assert_eq!(subscription.parent(), None);
        assert_eq!(server.child("failoverGroups", "fog"), id(GROUP));
    }

    #[test]
    fn what_could_lead_elsewhere_is_refused() {
        for text in [
            "",
            "/",
            "subscriptions/s",
            "https://evil.example/subscriptions/s",
            "/subscriptions/",
            "/subscriptions/s//x",
            "/subscriptions/s/resourceGroups/..",
            "/subscriptions/s/resourceGroups/%2e%2e",
            "/subscriptions/s/resourceGroups/g?x=1",
            "/tenants/t",
        ] {
            assert!(ResourceId::parse(text).is_err(), "{text}");
        }
    }
}

//! The name that the cloud gives to a resource.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

/// An opaque resource id. Services answer the same id in changing case, so two ids that differ
/// only in the case of letters are equal; an id is shown as it was written.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResourceId(String);

impl ResourceId {
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last segment: what people call the resource.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    fn folded(&self) -> impl Iterator<Item = u8> {
        self.0.bytes().map(|byte| byte.to_ascii_lowercase())
    }
}

impl PartialEq for ResourceId {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for ResourceId {}

impl Ord for ResourceId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded().cmp(other.folded())
    }
}

impl PartialOrd for ResourceId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for ResourceId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.folded() {
            state.write_u8(byte);
        }
        // The end marker keeps neighbouring ids in one hashed value apart, as `str` does.
        state.write_u8(0xff);
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for ResourceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

impl From<&str> for ResourceId {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

impl From<String> for ResourceId {
    fn from(id: String) -> Self {
        Self(id)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

    use super::*;

    const WRITTEN: &str =
        "/subscriptions/s/resourceGroups/sql-eastus/providers/Microsoft.Sql/servers/Cafe";
    const ANSWERED: &str =
        "/subscriptions/S/resourcegroups/SQL-EASTUS/providers/microsoft.sql/servers/cafe";

    #[test]
    fn case_does_not_tell_ids_apart() {
        let (written, answered) = (ResourceId::from(WRITTEN), ResourceId::from(ANSWERED));
        assert_eq!(written, answered);
        assert_eq!(written.cmp(&answered), Ordering::Equal);
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        assert_eq!(hasher.hash_one(&written), hasher.hash_one(&answered));
        assert_eq!(BTreeSet::from([written, answered]).len(), 1);
    }

    #[test]
    fn different_ids_stay_different() {
        let (short, long) = (ResourceId::from("/a"), ResourceId::from("/a/b"));
        assert_ne!(short, long);
        assert!(short < long);
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        let pair = |left: &str, right: &str| {
            hasher.hash_one((ResourceId::from(left), ResourceId::from(right)))
        };
        assert_ne!(pair("/a", "b/c"), pair("/ab", "/c"));
        assert_ne!(pair("ab", "c"), pair("a", "bc"));
    }

    #[test]
    fn an_id_is_shown_as_it_was_written() {
        let id = ResourceId::from(WRITTEN);
        assert_eq!(id.to_string(), WRITTEN);
        assert_eq!(id.name(), "Cafe");
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("{WRITTEN:?}"));
        let back: ResourceId = serde_json::from_str(&format!("{WRITTEN:?}")).unwrap();
        assert_eq!(back.as_str(), WRITTEN);
    }
}

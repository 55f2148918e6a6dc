//! Which kind of resource an id in a plan must name.
//!
//! Everywhere else an id is opaque. Here its segments are read once, because the commonest mistake
//! in a plan is a pasted id of the neighbouring resource.

use super::errors::{Complaint, quoted};

/// A type of resource: provider, then its levels of types, each with what is allowed there.
#[derive(Debug)]
pub(super) struct ResourceType {
    pub(super) what: &'static str,
    provider: &'static str,
    levels: &'static [&'static [&'static str]],
}

pub(super) const SQL_SERVER: ResourceType = ResourceType {
    what: "a logical SQL server",
    provider: "Microsoft.Sql",
    levels: &[&["servers"]],
};
pub(super) const TRAFFIC_MANAGER_PROFILE: ResourceType = ResourceType {
    what: "a Traffic Manager profile",
    provider: "Microsoft.Network",
    levels: &[&["trafficManagerProfiles"]],
};
/// A nested profile has rules of its own that a failover would have to know.
pub(super) const TRAFFIC_ENDPOINT: ResourceType = ResourceType {
    what: "an Azure or external endpoint of a Traffic Manager profile",
    provider: "Microsoft.Network",
    levels: &[&["trafficManagerProfiles"], &["azureEndpoints", "externalEndpoints"]],
};
pub(super) const APPLICATION_GATEWAY: ResourceType = ResourceType {
    what: "an application gateway",
    provider: "Microsoft.Network",
    levels: &[&["applicationGateways"]],
};
pub(super) const PUBLIC_IP: ResourceType = ResourceType {
    what: "a public IP address",
    provider: "Microsoft.Network",
    levels: &[&["publicIPAddresses"]],
};
pub(super) const VIRTUAL_NETWORK: ResourceType = ResourceType {
    what: "a virtual network",
    provider: "Microsoft.Network",
    levels: &[&["virtualNetworks"]],
};
pub(super) const VAULT: ResourceType = ResourceType {
    what: "a Recovery Services vault",
    provider: "Microsoft.RecoveryServices",
    levels: &[&["vaults"]],
};

/// Longer ids do not exist.
pub(super) const MAX_ID: usize = 1000;

impl ResourceType {
    /// Is this the id of such a resource?
    pub(super) fn check(&self, id: &str) -> Result<(), Complaint> {
        let mend = format!("write {}", self.form());
        let starts = id.get(..15).is_some_and(|head| head.eq_ignore_ascii_case("/subscriptions/"));
        if !starts {
            let lowered = id.to_ascii_lowercase();
            let mend = match lowered.find("/subscriptions/") {
                Some(at) => format!("remove {} before it", quoted(&id[..at])),
                None => mend,
            };
            return Err(Complaint::new("does not start with /subscriptions/", mend));
        }
        if id.chars().count() > MAX_ID {
            return Err(Complaint::new("is too long for a resource id", mend));
        }
        let segments: Vec<&str> = id.split('/').skip(1).collect();
        let expected = self.expected();
        if segments.len() != expected.len()
            || !segments.iter().zip(&expected).all(|(segment, slot)| slot.takes(segment))
        {
            return Err(Complaint::new(format!("is not the id of {}", self.what), mend));
        }
        if !is_uuid(segments[1]) {
            let problem =
                format!("has {} where the subscription's id belongs", quoted(segments[1]));
            return Err(Complaint::new(problem, "write the subscription's id (a UUID)"));
        }
        for (segment, slot) in segments.iter().zip(&expected).skip(2) {
            if slot.is_name() && !is_name(segment) {
                let problem = format!("has {}, which is no resource's name", quoted(segment));
                return Err(Complaint::new(problem, mend));
            }
        }
        Ok(())
    }

    fn expected(&self) -> Vec<Slot> {
        let mut slots = vec![
            Slot::Word(&["subscriptions"]),
            Slot::Name("subscription"),
            Slot::Word(&["resourceGroups"]),
            Slot::Name("resource group"),
            Slot::Word(&["providers"]),
            Slot::Provider(self.provider),
        ];
        for level in self.levels {
            slots.extend([Slot::Word(level), Slot::Name("name")]);
        }
        slots
    }

    /// The id as people would write it.
    fn form(&self) -> String {
        let segments = self.expected().into_iter().map(|slot| match slot {
            Slot::Word(words) => words.join("|"),
            Slot::Provider(word) => word.to_owned(),
            Slot::Name(what) => format!("<{what}>"),
        });
        format!("/{}", segments.collect::<Vec<_>>().join("/"))
    }

    /// The same rule as a regular expression, for the published schema. Schemas know no flag for
    /// "without case", so each letter of a fixed word is spelt twice.
    #[cfg(test)]
    pub(super) fn pattern(&self) -> String {
        let segments = self.expected().into_iter().enumerate().map(|(position, slot)| match slot {
            Slot::Word([word]) => any_case(word),
            Slot::Word(words) => {
                let words: Vec<String> = words.iter().map(|word| any_case(word)).collect();
                format!("({})", words.join("|"))
            }
            Slot::Provider(word) => any_case(word),
            Slot::Name(_) if position == 1 => {
                "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}".to_owned()
            }
            Slot::Name(_) => r"[\p{Alphabetic}\p{N}_()-][\p{Alphabetic}\p{N}._()-]*".to_owned(),
        });
        format!("^/{}$", segments.collect::<Vec<_>>().join("/"))
    }
}

/// One segment of an id.
enum Slot {
    Word(&'static [&'static str]),
    Provider(&'static str),
    Name(&'static str),
}

impl Slot {
    fn takes(&self, segment: &str) -> bool {
        match self {
            Self::Word(words) => words.iter().any(|word| word.eq_ignore_ascii_case(segment)),
            Self::Provider(word) => word.eq_ignore_ascii_case(segment),
            Self::Name(_) => !segment.is_empty(),
        }
    }

    fn is_name(&self) -> bool {
        matches!(self, Self::Name(_))
    }
}

/// Resource groups may hold letters of any script; no name may steer the path of a request.
fn is_name(segment: &str) -> bool {
    !segment.starts_with('.')
        && segment
            .chars()
            .all(|character| character.is_alphanumeric() || "-._()".contains(character))
}

fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12])
        && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[cfg(test)]
fn any_case(word: &str) -> String {
    word.chars()
        .map(|letter| match letter {
            '.' => r"\.".to_owned(),
            letter => format!("[{}{}]", letter.to_ascii_lowercase(), letter.to_ascii_uppercase()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: &str = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/\
                          sql-eastus/providers/Microsoft.Sql/servers/cafe";

    #[test]
    fn an_id_of_the_right_type_is_taken_in_any_case() {
        for id in [
            SERVER.to_owned(),
            SERVER.to_uppercase(),
            SERVER.to_lowercase(),
            SERVER.replace("sql-eastus", "Bücher_(1).x"),
        ] {
            assert_eq!(SQL_SERVER.check(&id), Ok(()), "{id}");
        }
    }

    #[test]
    fn a_wrong_id_is_refused_with_what_is_wrong_about_it() {
        for (id, problem) in [
            (String::new(), "does not start"),
            ("cafe".into(), "does not start"),
            (format!("https://management.azure.com{SERVER}"), "does not start"),
            (format!("{SERVER}/"), "is not the id of a logical SQL server"),
            (format!("{SERVER}/databases/db"), "is not the id of"),
            (SERVER.replace("/servers/cafe", "/servers"), "is not the id of"),
            (SERVER.replace("/servers/", "/managedInstances/"), "is not the id of"),
            (SERVER.replace("Microsoft.Sql", "Microsoft.Network"), "is not the id of"),
            (SERVER.replace("00000000-0000", "my-subscription"), "subscription's id"),
            (SERVER.replace("sql-eastus", ".."), "no resource's name"),
            (SERVER.replace("cafe", "ca fe"), "no resource's name"),
            (SERVER.replace("cafe", "cafe?x=1"), "no resource's name"),
            (SERVER.replace("cafe", "%2e%2e"), "no resource's name"),
            (SERVER.replace("cafe", &"x".repeat(2000)), "too long"),
        ] {
            let complaint = SQL_SERVER.check(&id).unwrap_err();
            assert!(complaint.problem.contains(problem), "{id}: {complaint:?}");
        }
    }

    #[test]
    fn a_pasted_address_is_mended_by_removing_its_host() {
        let complaint =
            SQL_SERVER.check(&format!("https://management.azure.com{SERVER}")).unwrap_err();
        assert_eq!(complaint.mend, r#"remove "https://management.azure.com" before it"#);
    }

    #[test]
    fn the_mend_shows_the_form_of_the_id() {
        assert_eq!(
            TRAFFIC_ENDPOINT.form(),
            "/subscriptions/<subscription>/resourceGroups/<resource group>/providers/\
             Microsoft.Network/trafficManagerProfiles/<name>/azureEndpoints|externalEndpoints/<name>"
        );
    }
}

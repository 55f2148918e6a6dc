//! What the name of a field says about its value.

use serde_json::{Map, Value};

/// How a field's text is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Nobody's business, and no reader of ours wants it.
    Removed,
    /// A word of Azure's: a state, a type, a code.
    Word,
    /// A number of a version may look like an address.
    Version,
    /// What somebody called something.
    Name,
    /// A path of the owner's application.
    Path,
    /// Everything else: a sentence, an id, an address, or a word that we do not know.
    Text,
}

/// Removed whatever it holds, wherever it stands.
const REMOVED: &[&str] = &[
    "additionalunattendcontent",
    "claims",
    "comment",
    "comments",
    "createdby",
    "customdata",
    "data",
    "description",
    "fileuris",
    "instructions",
    "keydata",
    "lastmodifiedby",
    "linuxconfiguration",
    "notes",
    "osprofile",
    "protectedsettings",
    "script",
    "secrets",
    "settings",
    "substatuses",
    "systemdata",
    "tags",
    "userdata",
    "windowsconfiguration",
];

/// Removed if the field's name has this in it.
const REMOVED_PARTS: &[&str] = &[
    "accesskey",
    "accountkey",
    "apikey",
    "certdata",
    "certificate",
    "commandto",
    "connectionstring",
    "credential",
    "password",
    "primarykey",
    "privatekey",
    "secondarykey",
    "secret",
    "sharedkey",
    "signature",
    "token",
];

/// Words of Azure's by the whole name of their field.
const WORDS: &[&str] = &[
    "activelocation",
    "allocationmethod",
    "allowedactions",
    "allowedoperations",
    "caching",
    "category",
    "code",
    "createoption",
    "family",
    "instancetype",
    "jobfriendlyname",
    "kind",
    "level",
    "location",
    "offer",
    "origin",
    "protocol",
    "publisher",
    "reasonchronicity",
    "region",
    "replicationproviders",
    "replicationhealth",
    "ruletype",
    "scenarioname",
    "sku",
    "state",
    "status",
    "statuscodes",
    "tier",
    "type",
    "typehandlerversion",
    "zones",
];

/// Words of Azure's by the end of their field's name.
const WORD_ENDS: &[&str] = &[
    "accounttype",
    "category",
    "code",
    "deploymentmodel",
    "health",
    "kind",
    "level",
    "location",
    "method",
    "mode",
    "operations",
    "option",
    "policy",
    "protocol",
    "role",
    "scenarioname",
    "size",
    "state",
    "statedescription",
    "status",
    "statusdescription",
    "time",
    "type",
    "utc",
];

/// Names by the whole name of their field; most end in `name`.
const NAMES: &[&str] = &["address", "host", "owner", "subnet", "target", "user"];

/// Whose `name` is one of Azure's list.
const NAMED_BY_AZURE: &[&str] = &["plan", "sku", "size"];

/// The treatment of the field `key` below the field `parent`; `beside` is the object that it is in.
pub fn of(key: &str, parent: &str, beside: &Map<String, Value>) -> Field {
    let key = key.to_ascii_lowercase();
    let key = key.as_str();
    if REMOVED.contains(&key) || REMOVED_PARTS.iter().any(|part| key.contains(part)) {
        return Field::Removed;
    }
    if key.ends_with("version") {
        return Field::Version;
    }
    if key == "name" && NAMED_BY_AZURE.contains(&parent.to_ascii_lowercase().as_str()) {
        return Field::Word;
    }
    if WORDS.contains(&key) || WORD_ENDS.iter().any(|end| key.ends_with(end)) {
        return Field::Word;
    }
    // Site Recovery's words for its own jobs and tasks; a machine's task has the machine's name,
    // which other fields tell to be one.
    let is_of_task =
        ["taskId", "rpGroupType", "scenarioName"].iter().any(|it| beside.contains_key(*it));
    if is_of_task && matches!(key, "name" | "friendlyname") {
        return Field::Text;
    }
    if NAMES.contains(&key) || key.ends_with("name") || key.ends_with("names") {
        return Field::Name;
    }
    if key == "path" || key.ends_with("urlpath") {
        return Field::Path;
    }
    Field::Text
}

/// Whether this looks like the name of a field, and not like somebody's data that is used as one.
pub fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && key.len() <= 64
        && key.chars().all(|it| it.is_ascii_alphabetic() || "$@._".contains(it))
}

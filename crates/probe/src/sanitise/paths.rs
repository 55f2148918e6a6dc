//! Resource ids and URLs, segment by segment: what kind of thing is meant stays, which one does not.

use percent_encoding::percent_decode_str;

use super::{Sanitiser, fields, vocabulary};

/// Query parameters that say how was asked. The values of all others are signatures, tokens and
/// places in lists.
const ASKED: &[&str] = &["$expand", "$filter", "$top", "api-version"];

/// What stands where something was removed.
pub(super) const REMOVED: &str = "removed";

/// Whether a text is a resource id or begins with one.
pub(super) fn is_id(text: &str) -> bool {
    let folded = text.trim_start().get(..15).unwrap_or_default().to_ascii_lowercase();
    folded == "/subscriptions/" || text.to_ascii_lowercase().starts_with("/providers/microsoft.")
}

/// A path, with or without a query.
pub(super) fn path(sanitiser: &mut Sanitiser, text: &str) -> String {
    let (path, query) = match text.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (text, None),
    };
    let mut cleaned = if is_id(path) { id(sanitiser, path) } else { other(sanitiser, path) };
    if let Some(query) = query {
        cleaned.push('?');
        cleaned.push_str(&self::query(sanitiser, query));
    }
    cleaned
}

/// `Microsoft.Sql/servers/NAME/…`, as messages quote it; a role's action is left as it is.
pub(super) fn typed(sanitiser: &mut Sanitiser, text: &str) -> String {
    let is_action = text.rsplit('/').next().is_some_and(|it| {
        ["action", "delete", "read", "write"].contains(&it.to_ascii_lowercase().as_str())
    });
    if is_action {
        return text.to_owned();
    }
    let mut segments: Vec<String> = text.split('/').map(str::to_owned).collect();
    pairs(sanitiser, &mut segments, 1);
    segments.join("/")
}

/// An id: keys and names take turns, but for `providers` and the namespace after it, which leave
/// the order as it is.
fn id(sanitiser: &mut Sanitiser, text: &str) -> String {
    let mut segments: Vec<String> = text.split('/').map(str::to_owned).collect();
    // An id begins with a slash, so the first segment is empty.
    pairs(sanitiser, &mut segments, 1);
    segments.join("/")
}

fn pairs(sanitiser: &mut Sanitiser, segments: &mut [String], from: usize) {
    let mut at = from;
    while at + 1 < segments.len() {
        let kind = segments[at].clone();
        let name = segments[at + 1].clone();
        if !is_type(&kind) {
            segments[at] = sanitiser.name(&decoded(&kind), "segment");
        }
        segments[at + 1] = match kind.to_ascii_lowercase().as_str() {
            "providers" => namespace(sanitiser, &name),
            "locations" if vocabulary::is_region(&name) => name,
            "versions" if name.chars().all(|it| it.is_ascii_digit() || it == '.') => name,
            _ => sanitiser.name(&decoded(&name), &kind),
        };
        at += 2;
    }
    // What is left over is what the request does: `failover`.
    if let Some(last) = segments.get_mut(at).filter(|it| !is_type(it)) {
        *last = sanitiser.name(&decoded(last), "segment");
    }
}

fn namespace(sanitiser: &mut Sanitiser, name: &str) -> String {
    if name.to_ascii_lowercase().starts_with("microsoft.") {
        name.to_owned()
    } else {
        sanitiser.name(&decoded(name), "provider")
    }
}

/// Types of resources, and what can be done with them, are words of letters and digits.
fn is_type(segment: &str) -> bool {
    segment.chars().all(|it| it.is_ascii_alphanumeric())
        && segment.len() < 64
        && !segment.starts_with(|it: char| it.is_ascii_digit())
}

/// Any other path is its owner's.
fn other(sanitiser: &mut Sanitiser, path: &str) -> String {
    let segments = path.split('/').map(|segment| sanitiser.name(&decoded(segment), "path"));
    let segments: Vec<String> = segments.collect();
    segments.join("/")
}

fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// A query: which parameters there are stays, their values go unless they say how was asked.
pub(super) fn query(sanitiser: &mut Sanitiser, query: &str) -> String {
    let parameters = query.split('&').map(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let folded = name.to_ascii_lowercase();
        let is_asked = ASKED.contains(&folded.as_str());
        let value = if is_asked { filter(sanitiser, &folded, value) } else { REMOVED.to_owned() };
        let name = if is_asked || fields::is_plain(name) { name } else { REMOVED };
        format!("{name}={value}")
    });
    let parameters: Vec<String> = parameters.collect();
    parameters.join("&")
}

fn filter(sanitiser: &mut Sanitiser, parameter: &str, value: &str) -> String {
    let value = decoded(value);
    if parameter == "$filter" { sanitiser.text(&value) } else { sanitiser.word(&value) }
}

/// A URL: scheme, host, port, path and query, each by its own rule.
pub(super) fn url(sanitiser: &mut Sanitiser, text: &str) -> String {
    if let Some(endpoint) = sanitiser.endpoint.clone()
        && let Some(rest) = text.strip_prefix(&endpoint)
        && (rest.is_empty() || rest.starts_with(['/', '?']))
    {
        let rest = path(sanitiser, rest);
        return format!("{}{rest}", azure::transport::PUBLIC_ENDPOINT);
    }
    let Some((scheme, rest)) = text.split_once("://") else { return sanitiser.text(text) };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    // Whoever is named before an @ is a user, perhaps with a password.
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let port_at = authority.rfind(':').filter(|at| {
        let port = &authority[at + 1..];
        !port.is_empty() && port.chars().all(|it| it.is_ascii_digit())
    });
    let (host_part, port) = authority.split_at(port_at.unwrap_or(authority.len()));
    let rest = rest.split('#').next().unwrap_or_default();
    let rest = if vocabulary::is_documentation(host_part) {
        rest.split('?').next().unwrap_or_default().to_owned()
    } else {
        path(sanitiser, rest)
    };
    format!("{scheme}://{}{port}{rest}", host(sanitiser, host_part))
}

/// A host name: Azure's part of it stays.
pub(super) fn host(sanitiser: &mut Sanitiser, host: &str) -> String {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Some(stand_in) = sanitiser.stand_ins.whole(bare) {
        return if bare == host { stand_in } else { format!("[{stand_in}]") };
    }
    let Some(domain) = vocabulary::azure_domain(host) else { return foreign(sanitiser, host) };
    let before = &host[..host.len() - domain.len()];
    let labels = before.split('.').map(|label| {
        if label.is_empty() || vocabulary::is_label_of_azure(label) {
            label.to_owned()
        } else {
            sanitiser.name(label, "label")
        }
    });
    let labels: Vec<String> = labels.collect();
    format!("{}{domain}", labels.join("."))
}

/// What somebody's own domain ends with afterwards: nobody can have it (RFC 2606).
const NOBODYS: &str = ".anon.example";

/// Somebody's own domain: how many labels it has and what it ends with stays.
fn foreign(sanitiser: &mut Sanitiser, host: &str) -> String {
    if host.to_ascii_lowercase().ends_with(NOBODYS) {
        return host.to_owned();
    }
    let Some((before, last)) = host.rsplit_once('.') else { return sanitiser.name(host, "label") };
    let labels = before.split('.').map(|label| {
        if label.eq_ignore_ascii_case("www") {
            label.to_owned()
        } else {
            sanitiser.name(label, "label")
        }
    });
    let labels: Vec<String> = labels.collect();
    format!("{}.{last}{NOBODYS}", labels.join("."))
}

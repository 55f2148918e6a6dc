//! Names and patterns inside a text: each is found where it is, the longest first.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::paths::{self, REMOVED};
use super::stand_ins::{self, form};
use super::{Sanitiser, vocabulary};

/// What becomes of the names that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    Replaced,
    /// The text is a word of Azure's, whatever resources are called.
    Kept,
}

/// What a part of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Url,
    Id,
    Typed,
    Email,
    Guid,
    Mac,
    Ipv4(Ipv4Addr),
    Ipv6(Ipv6Addr),
    Name,
    StandIn,
    Host,
    Quoted,
    /// A key, a token, a signature.
    Secret,
}

struct Found {
    at: Range<usize>,
    part: Part,
}

/// Shorter names are looked for as whole words only: `vm1`, but not the `vm` in `vmss`.
const LONG_NAME: usize = 5;

macro_rules! patterns {
    ($($name:ident = $pattern:expr;)*) => {
        $(static $name: LazyLock<Regex> = LazyLock::new(|| form($pattern));)*
    };
}

patterns! {
    TIME = r"^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d[0-9:.+Z -]*)?$|^\d{8}T\d{6}Z$";
    URL = r#"[A-Za-z][A-Za-z0-9+.-]*://[^\s'"<>\\^`{|}]+"#;
    ID = r#"(?i)/subscriptions/[^\s'"<>,;?]+(?:\?[^\s'"<>,;]*)?"#;
    TYPED = r#"(?i)\bMicrosoft\.[a-z]+(?:\.[a-z]+)*(?:/[^\s'"<>,;/]+){2,}"#;
    EMAIL = r"[A-Za-z0-9._%+#-]+@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.[A-Za-z]{2,}";
    GUID = r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
    MAC = r"(?i)[0-9a-f]{2}(?:-[0-9a-f]{2}){5}|[0-9a-f]{2}(?::[0-9a-f]{2}){5}";
    IPV4 = r"\d{1,3}(?:\.\d{1,3}){3}";
    IPV6 = r"(?i)[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,8}";
    HOST = r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.)+(?:[a-z]{2,24}|[A-Z]{2,24})";
    QUOTED = r#"'([^'\n]{1,120})'|"([^"\n]{1,120})""#;
    ASSIGNED = r#"(?i)(?:key|password|passwd|pwd|secret|sig|signature|token)\s*[=:]\s*([^\s;,&"']+)"#;
    BEARER = r"(?i)\bbearer\s+([A-Za-z0-9._~+/=-]+)|(eyJ[A-Za-z0-9._-]{10,})";
    OPAQUE = r"[A-Za-z0-9+/_=-]{24,}";
    HEX = r"(?i)[0-9a-f]{16,}";
}

/// A date, or a date and a time.
pub(super) fn is_time(text: &str) -> bool {
    TIME.is_match(text)
}

/// A text, cleaned.
pub(super) fn clean(sanitiser: &mut Sanitiser, text: &str, names: Names) -> String {
    if text.is_empty() || is_time(text) {
        return text.to_owned();
    }
    if paths::is_id(text) && !text.contains(char::is_whitespace) {
        return paths::path(sanitiser, text);
    }
    let mut found = known(sanitiser, text, names);
    found.extend(patterns(text));
    // A type of a resource is written as a type and a name are.
    found.retain(|it| names == Names::Replaced || it.part != Part::Typed);
    if names == Names::Replaced {
        found.extend(quoted(text));
    }
    // The longest says the most: a host name is more than the server's name in it. The order above
    // decides between two of one length.
    found.sort_by_key(|it| std::cmp::Reverse(it.at.len()));
    let mut taken: Vec<Found> = Vec::new();
    for one in found {
        if taken.iter().all(|it| it.at.end <= one.at.start || one.at.end <= it.at.start) {
            taken.push(one);
        }
    }
    taken.sort_by_key(|it| it.at.start);
    let mut cleaned = String::with_capacity(text.len());
    let mut done = 0;
    for Found { at, part } in taken {
        cleaned.push_str(&text[done..at.start]);
        cleaned.push_str(&replaced(sanitiser, &text[at.clone()], part));
        done = at.end;
    }
    cleaned.push_str(&text[done..]);
    cleaned
}

fn replaced(sanitiser: &mut Sanitiser, real: &str, part: Part) -> String {
    match part {
        Part::Url => paths::url(sanitiser, real),
        Part::Id => paths::path(sanitiser, real),
        Part::Typed => paths::typed(sanitiser, real),
        Part::Email => {
            if let Some((user, host)) = real.split_once('@')
                && !stand_ins::is_email(real)
            {
                // Learnt, so that they are found in sentences too; what they become is not needed.
                sanitiser.name(user, "user");
                paths::host(sanitiser, host);
            }
            sanitiser.stand_ins.email(real)
        }
        Part::Guid => sanitiser.stand_ins.guid(real),
        Part::Mac => sanitiser.stand_ins.mac(real),
        Part::Ipv4(address) => sanitiser.stand_ins.ipv4(address),
        Part::Ipv6(address) => sanitiser.stand_ins.ipv6(address),
        Part::Name | Part::Quoted => sanitiser.name(real, "quoted"),
        Part::StandIn => {
            sanitiser.stand_ins.reserve(real);
            real.to_owned()
        }
        Part::Host => paths::host(sanitiser, real),
        Part::Secret => REMOVED.to_owned(),
    }
}

/// What is known by its form, in the order in which one of two equally long ones counts.
fn patterns(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut all = |pattern: &Regex, is: &dyn Fn(&str, &Range<usize>) -> Option<Part>| {
        for one in pattern.captures_iter(text) {
            // Of a pattern with groups, the group is meant.
            let group = one.iter().skip(1).flatten().next();
            let Some(one) = group.or_else(|| one.get(0)) else { continue };
            let at = trimmed(text, one.range());
            if let Some(part) = is(&text[at.clone()], &at) {
                found.push(Found { at, part });
            }
        }
    };
    all(stand_ins::name_form(), &|_, at| is_apart(text, at).then_some(Part::StandIn));
    all(&URL, &|_, _| Some(Part::Url));
    all(&ID, &|_, _| Some(Part::Id));
    all(&TYPED, &|_, _| Some(Part::Typed));
    all(&EMAIL, &|_, _| Some(Part::Email));
    all(&GUID, &|_, _| Some(Part::Guid));
    all(&MAC, &|_, at| is_apart(text, at).then_some(Part::Mac));
    all(&IPV4, &|real, at| {
        let address = real.parse().ok()?;
        (!touches(text, at, |it| it.is_ascii_digit())).then_some(Part::Ipv4(address))
    });
    all(&IPV6, &|real, at| {
        let address = real.parse().ok()?;
        is_apart(text, at).then_some(Part::Ipv6(address))
    });
    all(&BEARER, &|_, _| Some(Part::Secret));
    all(&ASSIGNED, &|_, _| Some(Part::Secret));
    all(&HEX, &|real, at| {
        let has = |is: fn(&char) -> bool| real.chars().any(|it| is(&it));
        let is_hex = has(char::is_ascii_digit) && has(char::is_ascii_alphabetic);
        match real.len() {
            _ if !is_hex || !is_apart(text, at) => None,
            32 => Some(Part::Guid),
            _ => Some(Part::Secret),
        }
    });
    all(&OPAQUE, &|real, _| is_opaque(real).then_some(Part::Secret));
    all(&HOST, &|real, at| {
        let first = real.split('.').next().unwrap_or_default().to_ascii_lowercase();
        let is_namespace = matches!(first.as_str(), "microsoft" | "system" | "windows");
        (!is_namespace && is_apart(text, at)).then_some(Part::Host)
    });
    found
}

/// The names of the recording, wherever they are; hidden words even inside of Azure's words.
fn known(sanitiser: &Sanitiser, text: &str, names: Names) -> Vec<Found> {
    let folded = text.to_ascii_lowercase();
    let mut found = Vec::new();
    for name in sanitiser.names.keys() {
        let is_hidden = sanitiser.hidden.contains(name);
        if name.len() > text.len() || (names == Names::Kept && !is_hidden) {
            continue;
        }
        for (start, _) in folded.match_indices(name.as_str()) {
            let at = start..start + name.len();
            if is_hidden || name.len() >= LONG_NAME || is_apart(text, &at) {
                found.push(Found { at, part: Part::Name });
            }
        }
    }
    found
}

/// What a sentence puts into quotation marks is what it speaks of. An apostrophe is none.
fn quoted(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for one in QUOTED.captures_iter(text) {
        let Some(inner) = one.get(1).or_else(|| one.get(2)) else { continue };
        let (whole, at) = (one.get(0).map_or(inner.range(), |it| it.range()), inner.range());
        let is_word = |it: char| it.is_alphanumeric();
        let says = inner.as_str();
        let is_number = says.chars().all(|it| it.is_ascii_digit() || ".-:".contains(it));
        let begins = says.starts_with(|it: char| is_word(it) || it == '_');
        let is_plain = begins && says.trim() == says && !is_number && !is_time(says);
        if is_plain && !touches(text, &whole, is_word) && !says.contains('/') {
            found.push(Found { at, part: Part::Quoted });
        }
    }
    found
}

/// Sentences end in points and put things into brackets.
fn trimmed(text: &str, at: Range<usize>) -> Range<usize> {
    let end = text[at.clone()].trim_end_matches(['.', ',', ';', ':', ')', ']', '!']);
    // An IPv6 address may end in two colons.
    if text[at.clone()].ends_with("::") { at } else { at.start..at.start + end.len() }
}

/// Neither a letter nor a digit is right before or behind it.
fn is_apart(text: &str, at: &Range<usize>) -> bool {
    !touches(text, at, |it| it.is_ascii_alphanumeric())
}

fn touches(text: &str, at: &Range<usize>, is: impl Fn(char) -> bool) -> bool {
    let before = text[..at.start].chars().next_back();
    let behind = text[at.end..].chars().next();
    before.is_some_and(&is) || behind.is_some_and(is)
}

/// Long, and mixed as no word is.
fn is_opaque(text: &str) -> bool {
    let count = |is: fn(&char) -> bool| text.chars().filter(is).count();
    count(char::is_ascii_digit) >= 3
        && count(char::is_ascii_lowercase) >= 3
        && count(char::is_ascii_uppercase) >= 3
        && !vocabulary::is_ordinary(text)
}

//! What is given out instead of a real value. A stand-in is known again by its form, so that a
//! recording that is sanitised a second time stays as it is.
//!
//! | real | stand-in |
//! |---|---|
//! | name | `anon-servers-1`, the kind from where it was seen first |
//! | GUID | `a0a0a0a0-0000-4000-8000-000000000001` |
//! | IPv4 | 192.0.2.0/24, then 198.18.0.0/15 (RFC 5737, RFC 2544) |
//! | IPv6 | 2001:db8::1 (RFC 3849) |
//! | MAC | 00-00-5E-00-53-01 (RFC 7042), then locally administered ones |
//! | e-mail | `user-1@example.com` |
//! | host name | as `paths` says |

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use regex::Regex;

use super::vocabulary::MADE_BY_SITE_RECOVERY;

/// How the stand-in of every name begins.
pub const PREFIX: &str = "anon-";
const GUID_START: &str = "a0a0a0a0-0000-4000-8000-";

/// The values other than names, each with its stand-in.
#[derive(Debug, Default)]
pub struct StandIns {
    given: BTreeMap<String, String>,
    /// How many of a form were given out.
    counts: BTreeMap<&'static str, u32>,
    /// Forms of stand-ins that were found in the recording itself: not to be given out.
    reserved: BTreeSet<String>,
}

impl StandIns {
    /// With or without dashes, as the real one.
    pub(super) fn guid(&mut self, real: &str) -> String {
        let digits: String = real.chars().filter(|it| *it != '-').collect();
        let folded = digits.to_ascii_lowercase();
        let plain_start = GUID_START.replace('-', "");
        if folded.chars().all(|it| it == '0') || folded.starts_with(&plain_start) {
            self.reserve(&folded);
            return real.to_owned();
        }
        let plain = self.give("guid", &folded, |count| format!("{plain_start}{count:012x}"));
        if !real.contains('-') {
            return plain;
        }
        let parts = [&plain[..8], &plain[8..12], &plain[12..16], &plain[16..20], &plain[20..]];
        parts.join("-")
    }

    pub(super) fn ipv4(&mut self, real: Ipv4Addr) -> String {
        if says_nothing(real) || is_stand_in(real) {
            self.reserve(&real.to_string());
            return real.to_string();
        }
        self.give("ipv4", &real.to_string(), |count| {
            let address = match u8::try_from(count) {
                Ok(last) if last < 255 => Ipv4Addr::new(192, 0, 2, last),
                _ => Ipv4Addr::from_bits(Ipv4Addr::new(198, 18, 0, 0).to_bits() + count),
            };
            address.to_string()
        })
    }

    pub(super) fn ipv6(&mut self, real: Ipv6Addr) -> String {
        let is_stand_in = real.segments()[..2] == [0x2001, 0xdb8];
        if real.is_loopback() || real.is_unspecified() || is_stand_in {
            self.reserve(&real.to_string());
            return real.to_string();
        }
        self.give("ipv6", &real.to_string(), |count| {
            let start = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0).to_bits();
            Ipv6Addr::from_bits(start + u128::from(count)).to_string()
        })
    }

    /// With dashes or colons, as the real one.
    pub(super) fn mac(&mut self, real: &str) -> String {
        let folded = real.to_ascii_uppercase().replace(':', "-");
        let stand_in = if folded.starts_with("00-00-5E-00-53-") || folded.starts_with("02-00-5E-") {
            self.reserve(&folded);
            folded
        } else {
            self.give("mac", &folded, |count| {
                let [_, high, middle, low] = count.to_be_bytes();
                if (high, middle) == (0, 0) {
                    return format!("00-00-5E-00-53-{low:02X}");
                }
                format!("02-00-5E-{high:02X}-{middle:02X}-{low:02X}")
            })
        };
        if real.contains(':') { stand_in.replace('-', ":") } else { stand_in }
    }

    pub(super) fn email(&mut self, real: &str) -> String {
        let folded = real.to_ascii_lowercase();
        if is_email(real) {
            self.reserve(&folded);
            return real.to_owned();
        }
        self.give("email", &folded, |count| format!("user-{count}@example.com"))
    }

    /// A name that is nothing but one of these: a job's name is a GUID.
    pub(super) fn whole(&mut self, real: &str) -> Option<String> {
        static GUID: LazyLock<Regex> = LazyLock::new(|| {
            form(
                r"(?i)^([0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$",
            )
        });
        if GUID.is_match(real) {
            return Some(self.guid(real));
        }
        if let Ok(address) = real.parse::<Ipv4Addr>() {
            return Some(self.ipv4(address));
        }
        real.parse::<Ipv6Addr>().ok().map(|address| self.ipv6(address))
    }

    /// A form that the recording uses itself is not given out for anything else.
    pub(super) fn reserve(&mut self, form: &str) {
        self.reserved.insert(form.to_ascii_lowercase());
    }

    pub(super) fn is_free(&self, stand_in: &str) -> bool {
        !self.reserved.contains(&stand_in.to_ascii_lowercase())
    }

    fn give(&mut self, form: &'static str, real: &str, stand_in: impl Fn(u32) -> String) -> String {
        if let Some(given) = self.given.get(real) {
            return given.clone();
        }
        let given = loop {
            let count = self.counts.entry(form).or_default();
            *count += 1;
            let candidate = stand_in(*count);
            if self.is_free(&candidate) {
                break candidate;
            }
        };
        self.given.insert(real.to_owned(), given.clone());
        given
    }
}

/// Addresses that are the same for everybody: loopback, none, masks, Azure's own two.
fn says_nothing(address: Ipv4Addr) -> bool {
    let octets = address.octets();
    address.is_loopback()
        || address.is_unspecified()
        || octets[0] == 255
        || octets == [169, 254, 169, 254]
        || octets == [168, 63, 129, 16]
}

fn is_stand_in(address: Ipv4Addr) -> bool {
    let octets = address.octets();
    octets[..3] == [192, 0, 2] || (octets[0] == 198 && matches!(octets[1], 18 | 19))
}

/// The form of a name's stand-in, anywhere in a text.
pub(super) fn name_form() -> &'static Regex {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        let suffixes = MADE_BY_SITE_RECOVERY.join("|");
        form(&format!(r"(?i){PREFIX}[a-z]+-\d+(?:{suffixes})?"))
    });
    &FORM
}

/// Whether this e-mail address is a stand-in already.
pub(super) fn is_email(text: &str) -> bool {
    static FORM: LazyLock<Regex> = LazyLock::new(|| form(r"(?i)^user-\d+@example\.com$"));
    FORM.is_match(text)
}

/// Whether this name is a stand-in already.
pub(super) fn is_name(text: &str) -> bool {
    name_form().find(text).is_some_and(|found| found.len() == text.len())
}

/// The word for a kind of thing, fit for a stand-in.
pub(super) fn kind(kind: &str) -> String {
    let letters = kind.chars().filter(char::is_ascii_alphabetic).take(30);
    let kind: String = letters.map(|it| it.to_ascii_lowercase()).collect();
    if kind.is_empty() { "name".to_owned() } else { kind }
}

/// `anon-…`, `Anon-…` or `ANON-…`: small letters, mixed or capital ones as in the real name.
pub(super) fn spelled_as(real: &str, stand_in: &str) -> String {
    let has = |is: fn(&char) -> bool| real.chars().any(|it| is(&it));
    let is_upper = has(char::is_ascii_uppercase);
    if !is_upper {
        stand_in.to_owned()
    } else if has(char::is_ascii_lowercase) {
        stand_in.replacen(PREFIX, "Anon-", 1)
    } else {
        stand_in.to_ascii_uppercase()
    }
}

/// A pattern of this crate's own.
pub(super) fn form(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant, and every test uses it")
}

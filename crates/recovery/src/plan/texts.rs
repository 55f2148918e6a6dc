//! The rules for single texts. Each has its twin, a pattern, in the published schema.

use url::Url;

use super::errors::{Complaint, quoted};
use super::workload_name::WorkloadName;

pub(super) const MAX_PATH: usize = 2000;
pub(super) const MAX_CONTAINED: usize = 1000;

type Verdict = Result<(), Complaint>;

#[expect(clippy::unnecessary_wraps, reason = "it stands in the table among rules that refuse")]
pub(super) fn anything(_: &str) -> Verdict {
    Ok(())
}

pub(super) fn workload(text: &str) -> Verdict {
    match text.parse::<WorkloadName>() {
        Ok(_) => Ok(()),
        Err(_) => Err(Complaint::new(
            format!("{} is not a workload name", quoted(text)),
            "write 1 to 48 lower-case letters, digits and inner hyphens",
        )),
    }
}

/// Regions are compared by name, so only the short form counts.
pub(super) fn region(text: &str) -> Verdict {
    let fits = (1..=60).contains(&text.len())
        && text.starts_with(|letter: char| letter.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if fits {
        return Ok(());
    }
    let short: String =
        text.chars().filter(char::is_ascii_alphanumeric).take(60).collect::<String>();
    let short = short.to_ascii_lowercase();
    let mend = if short.starts_with(|letter: char| letter.is_ascii_lowercase()) {
        format!("write \"{short}\"")
    } else {
        "write the region's short name, for example \"eastus\"".to_owned()
    };
    Err(Complaint::new(format!("{} is not the short name of a region", quoted(text)), mend))
}

/// The name is part of the listener's host name, hence the narrow alphabet.
pub(super) fn failover_group(text: &str) -> Verdict {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let fits = (1..=63).contains(&text.len())
        && text.bytes().all(plain)
        && !text.starts_with('-')
        && !text.ends_with('-');
    if fits {
        return Ok(());
    }
    Err(Complaint::new(
        format!("{} is not the name of a failover group", quoted(text)),
        "write its name alone: 1 to 63 lower-case letters, digits and inner hyphens",
    ))
}

pub(super) fn recovery_plan(text: &str) -> Verdict {
    if (1..=90).contains(&text.len()) && is_plain_name(text) {
        return Ok(());
    }
    Err(Complaint::new(
        format!("{} is not the name of a recovery plan", quoted(text)),
        "write its name alone, as the vault shows it",
    ))
}

pub(super) fn machine(text: &str) -> Verdict {
    let name = text.strip_suffix('*').unwrap_or(text);
    if (1..=64).contains(&name.len()) && is_plain_name(name) {
        return Ok(());
    }
    Err(Complaint::new(
        format!("{} is not the name of a machine", quoted(text)),
        "write a name such as \"ihs1\", or its beginning and a star such as \"ihs*\"",
    ))
}

/// The path becomes part of a probe's address, so it must not be able to name another host.
pub(super) fn path(text: &str) -> Verdict {
    let fits = text.len() <= MAX_PATH
        && text.starts_with('/')
        && !text.starts_with("//")
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#' && byte != b'\\');
    if fits {
        return Ok(());
    }
    let mend = if text.contains("://") {
        "write the path alone, without scheme and host"
    } else {
        "write a path that begins with one \"/\", with what is not ASCII percent-encoded"
    };
    Err(Complaint::new(format!("{} is not a path", quoted(text)), mend))
}

pub(super) fn contained(text: &str) -> Verdict {
    if text.is_empty() {
        return Err(Complaint::new(
            "is empty, which every answer contains",
            "write a text that only the right data shows",
        ));
    }
    if text.chars().count() > MAX_CONTAINED {
        let problem = format!("is longer than {MAX_CONTAINED} characters");
        return Err(Complaint::new(problem, "write a shorter text"));
    }
    Ok(())
}

pub(super) fn webhook(text: &str) -> Verdict {
    const MEND: &str = "write an address such as \"https://hooks.example.com/farshore\"";
    let refuse = |problem: &str| Err(Complaint::new(problem, MEND));
    let lowered = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    if !lowered.starts_with("http://") && !lowered.starts_with("https://") {
        return refuse("is not an http or https address");
    }
    if text.len() > MAX_PATH || !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
        return refuse("is too long or has characters that an address cannot have");
    }
    let host = text.split(['/', '?', '#']).nth(2).unwrap_or_default();
    if host.contains('@') {
        return Err(Complaint::new(
            "holds a user name or password, and plans are shown to people",
            "use an address that needs none",
        ));
    }
    match Url::parse(text) {
        _ if host.is_empty() => refuse("names no host"),
        Ok(_) => Ok(()),
        Err(error) => refuse(&format!("is not an address: {error}")),
    }
}

fn is_plain_name(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_written_as_people_say_it_is_mended() {
        for text in ["East US", "EastUS", "east-us"] {
            assert_eq!(region(text).unwrap_err().mend, "write \"eastus\"");
        }
        assert!(region("東").unwrap_err().mend.contains("short name"));
        assert_eq!(region("westus2"), Ok(()));
    }

    #[test]
    fn a_path_cannot_name_another_host() {
        for text in ["", "cafe", "//evil.example/", "http://x/", "/a b", "/a#b", "/\\x", "/ü"] {
            assert!(path(text).is_err(), "{text}");
        }
        for text in ["/", "/websphere-cafe/", "/rest/coffees?limit=1", "/%C3%BC"] {
            assert_eq!(path(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_webhook_is_an_address_without_password() {
        for text in [
            "",
            "hooks.example.com",
            "ftp://example.com/",
            "https://",
            "https:///hook",
            "https://@example.com/",
            "https://example.com\\x",
            "https://exa mple.com/",
            "https://user:secret@example.com/",
            "https://example.com:99999/",
            "javascript:alert(1)",
        ] {
            assert!(webhook(text).is_err(), "{text}");
        }
        for text in ["http://127.0.0.1:8080/hook", "HTTPS://hooks.example.com/x?y=z"] {
            assert_eq!(webhook(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_machine_may_be_the_beginning_of_a_name() {
        for text in ["ihs1", "ihs*", "a"] {
            assert_eq!(machine(text), Ok(()), "{text}");
        }
        for text in ["", "*", "*ihs", "i*s", "ihs**", "-ihs", "ihs 1"] {
            assert!(machine(text).is_err(), "{text}");
        }
    }
}

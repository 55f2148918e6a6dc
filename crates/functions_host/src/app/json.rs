//! Reading configuration as .NET does: names without regard to case.

use jiff::SignedDuration;
use serde_json::Value;

/// The value under a path of names.
pub(super) fn find<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, name| {
        let fields = value.as_object()?;
        let found = fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value).filter(|value| !value.is_null())
    })
}

pub(super) fn text(value: &Value, path: &[&str]) -> Option<String> {
    match find(value, path)? {
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// A boolean, or the default; a setting arrives as text.
pub(super) fn flag(value: &Value, path: &[&str], default: bool) -> Result<bool, String> {
    match text(value, path) {
        None => Ok(default),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(text) => Err(format!("{}: {text:?} is not true or false", path.join("."))),
    }
}

pub(super) fn whole(value: &Value, path: &[&str], default: usize) -> Result<usize, String> {
    match text(value, path) {
        None => Ok(default),
        Some(text) => {
            text.parse().map_err(|_| format!("{}: {text:?} is not a whole number", path.join(".")))
        }
    }
}

/// A .NET time span, `[d.]hh:mm:ss[.f]`.
pub(super) fn span(value: &Value, path: &[&str]) -> Result<Option<SignedDuration>, String> {
    let Some(text) = text(value, path) else { return Ok(None) };
    parse_span(&text)
        .map(Some)
        .ok_or_else(|| format!("{}: {text:?} is not a time span like 00:05:00", path.join(".")))
}

fn parse_span(text: &str) -> Option<SignedDuration> {
    let mut parts = text.splitn(3, ':');
    let (first, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    let (days, hours) = first.split_once('.').unwrap_or(("0", first));
    let days: i64 = days.parse().ok()?;
    let hours: i64 = hours.parse().ok().filter(|hours| (0..24).contains(hours))?;
    let minutes: i64 = minutes.parse().ok().filter(|minutes| (0..60).contains(minutes))?;
    let seconds: f64 = seconds.parse().ok().filter(|seconds| (0.0..60.0).contains(seconds))?;
    let whole = SignedDuration::from_secs(((days * 24 + hours) * 60 + minutes) * 60);
    Some(whole + SignedDuration::try_from_secs_f64(seconds).ok()?)
}

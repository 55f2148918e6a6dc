//! The dates that Azure writes.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Reads a date; `None` for one that means "never", or that is no date.
///
/// Site Recovery writes an unset time as `0001-01-01T00:00:00` without an offset, and an idle
/// scenario's start as `1753-01-01T01:01:01Z` (recorded: Azure/azure-powershell
/// A2ARecoveryPlanReplication.json; Azure/azure-cli-extensions, A2A protected item). Fractions have
/// up to seven digits. A date without an offset is UTC.
pub fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let time = match text.parse::<Timestamp>() {
        Ok(time) => time,
        Err(_) => text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp(),
    };
    (time >= EARLIEST).then_some(time)
}

/// Nothing in Azure happened before 1970.
const EARLIEST: Timestamp = Timestamp::UNIX_EPOCH;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_digits_of_fraction_survive() {
        let time = parse("2022-10-11T21:54:21.2667046Z").unwrap();
        assert_eq!(time.to_string(), "2022-10-11T21:54:21.2667046Z");
    }

    #[test]
    fn dates_that_mean_never_are_none() {
        for text in [
            "0001-01-01T00:00:00",
            "0001-01-01T00:00:00Z",
            "1601-01-01T00:00:00Z",
            "1753-01-01T01:01:01Z",
            "9999-12-31T23:59:59.9999999",
            "9999-12-31T23:59:59.9999999Z",
            "",
            "None",
            "/Date(1665525261266)/",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_without_an_offset_is_utc() {
        assert_eq!(parse("2023-01-16T09:25:34"), parse("2023-01-16T09:25:34Z"));
        assert!(parse("2023-01-16T09:25:34").is_some());
        assert_eq!(parse("2023-01-16T10:25:34+01:00"), parse("2023-01-16T09:25:34Z"));
    }
}

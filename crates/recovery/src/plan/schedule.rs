//! When a drill is due.

use cronexpr::{Crontab, FallbackTimezoneOption, ParseOptions};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

use super::DrillPlan;
use super::errors::{Complaint, quoted};

/// A drill takes about half an hour; two at once would be in each other's way.
const SHORTEST_GAP: SignedDuration = SignedDuration::from_hours(1);

impl DrillPlan {
    /// The first moment after `after` at which a drill is due. None if the schedule never comes
    /// due within four years, or was not checked by [`Plan::parse`](super::Plan::parse).
    ///
    /// A time of day that a change of clocks skips is due as much later as the clocks went
    /// forward; one that comes twice is due the first time only.
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let crontab = crontab(&self.schedule).ok()?;
        let zone = zone(&self.time_zone)?;
        let mut wall = after.to_zoned(zone.clone()).datetime();
        // Each candidate is later on the wall, and a change of clocks hides at most a few hours.
        for _ in 0..=24 * 60 {
            wall = next_on_the_wall(&crontab, wall)?;
            let due = zone.to_timestamp(wall).ok()?;
            if due > after {
                return Some(due);
            }
        }
        None
    }
}

/// The rule for `schedule`.
pub(super) fn check_schedule(schedule: &str) -> Result<(), Complaint> {
    const MEND: &str = "write minute, hour, day of month, month and day of week, for example \
                        \"0 4 * * 3\" for Wednesdays at 04:00";
    let complain = |problem: String| Complaint::new(problem, MEND);
    let crontab = crontab(schedule).map_err(complain)?;
    let mut wall = jiff::civil::date(2026, 1, 1).at(0, 0, 0, 0);
    let mut earlier = None;
    // If two moments of an hour match at all, then two of the first three due times show it.
    for _ in 0..3 {
        let Some(next) = next_on_the_wall(&crontab, wall) else { break };
        if earlier.is_some_and(|earlier| next.duration_since(earlier) < SHORTEST_GAP) {
            return Err(complain(format!("{} is due more than once an hour", quoted(schedule))));
        }
        (earlier, wall) = (Some(next), next);
    }
    if earlier.is_none() {
        return Err(complain(format!("{} is never due", quoted(schedule))));
    }
    Ok(())
}

/// The rule for `time_zone`.
pub(super) fn check_time_zone(name: &str) -> Result<(), Complaint> {
    match zone(name) {
        Some(_) => Ok(()),
        None => Err(Complaint::new(
            format!("{} is not a time zone", quoted(name)),
            "write a name of the IANA database, for example \"UTC\" or \"Europe/Berlin\"",
        )),
    }
}

/// The zones are those compiled in, so that the answer does not depend on the machine.
fn zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

fn crontab(schedule: &str) -> Result<Crontab, String> {
    let fields: Vec<&str> = schedule.split(' ').collect();
    if fields.len() != 5 || fields.iter().any(|field| field.is_empty()) {
        return Err(format!("{} has not five fields with single spaces", quoted(schedule)));
    }
    // Of the library's syntax only what every cron knows: its `L` misses the end of December.
    if !schedule.chars().all(|letter| letter.is_ascii_alphanumeric() || " *,-/".contains(letter)) {
        return Err(format!("{} has a character that cron does not know", quoted(schedule)));
    }
    for word in schedule.split(|letter: char| !letter.is_ascii_alphabetic()) {
        if !word.is_empty() && !NAMES.iter().any(|name| name.eq_ignore_ascii_case(word)) {
            let word = quoted(word);
            return Err(format!("has {word}, which is neither a month nor a day of the week"));
        }
    }
    let mut options = ParseOptions::default();
    options.fallback_timezone_option = FallbackTimezoneOption::UTC;
    cronexpr::parse_crontab_with(schedule, options)
        .map_err(|_| format!("{} is not a schedule", quoted(schedule)))
}

const NAMES: [&str; 19] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC", "SUN",
    "MON", "TUE", "WED", "THU", "FRI", "SAT",
];

/// The library would look its zone up among the machine's files, so it counts on the wall, as if
/// the wall showed UTC.
fn next_on_the_wall(
    crontab: &Crontab,
    wall: jiff::civil::DateTime,
) -> Option<jiff::civil::DateTime> {
    // The library looks four years ahead and panics where the calendar of jiff ends.
    if wall.year() > 9990 {
        return None;
    }
    let moment = TimeZone::UTC.to_timestamp(wall).ok()?;
    crontab.find_next(moment).ok().map(|next| next.datetime())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource_id::ResourceId;

    fn next(schedule: &str, time_zone: &str, after: &str) -> Option<String> {
        let drill = DrillPlan {
            schedule: schedule.into(),
            time_zone: time_zone.into(),
            network: ResourceId::from("/network"),
            hold_s: 60,
        };
        drill.next_after(after.parse().unwrap()).map(|due| due.to_string())
    }

    #[test]
    fn the_next_drill_is_strictly_later_and_on_schedule() {
        for (schedule, after, due) in [
            ("0 4 * * 3", "2026-11-22T10:00:00Z", "2026-11-25T04:00:00Z"),
            ("0 4 * * WED", "2026-11-25T03:59:59.999Z", "2026-11-25T04:00:00Z"),
            ("0 4 * * 3", "2026-11-25T04:00:00Z", "2026-12-02T04:00:00Z"),
            ("0 4 * * 3", "2026-11-25T04:00:00.001Z", "2026-12-02T04:00:00Z"),
            ("30 2 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T02:30:00Z"),
            ("0 0 31 dec *", "2026-12-31T00:00:00Z", "2027-12-31T00:00:00Z"),
        ] {
            assert_eq!(next(schedule, "UTC", after).as_deref(), Some(due), "{schedule} {after}");
        }
    }

    #[test]
    fn the_schedule_is_read_in_its_zone() {
        let due = |after| next("0 4 * * 0", "America/New_York", after).unwrap();
        assert_eq!(due("2026-11-22T10:00:00Z"), "2026-11-29T09:00:00Z");
        assert_eq!(due("2026-07-01T00:00:00Z"), "2026-07-05T08:00:00Z");
    }

    #[test]
    fn a_skipped_time_is_due_later_and_a_repeated_one_once() {
        let berlin = |after| next("30 2 * * *", "Europe/Berlin", after).unwrap();
        // 2026-03-29: clocks go from 02:00 to 03:00, and 02:30 does not exist.
        assert_eq!(berlin("2026-03-28T12:00:00Z"), "2026-03-29T01:30:00Z");
        assert_eq!(berlin("2026-03-29T01:30:00Z"), "2026-03-30T00:30:00Z");
        // 2026-10-25: clocks go from 03:00 back to 02:00, and 02:30 comes twice.
        assert_eq!(berlin("2026-10-24T12:00:00Z"), "2026-10-25T00:30:00Z");
        assert_eq!(berlin("2026-10-25T00:30:00Z"), "2026-10-26T01:30:00Z");
        assert_eq!(berlin("2026-10-25T01:00:00Z"), "2026-10-26T01:30:00Z");
    }

    #[test]
    fn an_unchecked_plan_or_an_absurd_time_is_never_due_and_never_panics() {
        assert_eq!(next("0 4 * * L", "UTC", "2026-11-22T10:00:00Z"), None);
        assert_eq!(next("0 4 * * 3", "Mars/Olympus", "2026-11-22T10:00:00Z"), None);
        let drill = |after: Timestamp| next("0 4 * * *", "Asia/Tokyo", &after.to_string());
        assert_eq!(drill(Timestamp::MAX), None);
        assert!(drill(Timestamp::MIN).is_some());
    }

    #[test]
    fn a_bad_schedule_is_refused_with_the_reason() {
        for (schedule, problem) in [
            ("", "five fields"),
            ("weekly", "five fields"),
            ("0 4 * *", "five fields"),
            ("0 0 4 * * 3", "five fields"),
            ("0  4 * * 3", "five fields"),
            ("0 4 * * 3 UTC", "five fields"),
            ("0 4 L * *", "neither a month"),
            ("0 4 * * 5#3", "character"),
            ("0 4 ? * *", "character"),
            ("60 4 * * *", "is not a schedule"),
            ("0 24 * * *", "is not a schedule"),
            ("0 4 0 * *", "is not a schedule"),
            ("0 4 * * 5-1", "is not a schedule"),
            ("* * * * *", "more than once an hour"),
            ("0,30 4 * * 3", "more than once an hour"),
            ("0 0 30 2 *", "never due"),
        ] {
            let complaint = check_schedule(schedule).unwrap_err();
            assert!(complaint.problem.contains(problem), "{schedule}: {complaint:?}");
        }
        for schedule in ["0 4 * * 3", "30 2 1-7 * SUN", "0 */6 * * *", "0 0 1 JUL *"] {
            assert_eq!(check_schedule(schedule), Ok(()), "{schedule}");
        }
    }

    #[test]
    fn a_zone_must_exist() {
        assert_eq!(check_time_zone("Europe/Berlin"), Ok(()));
        for name in ["", "Berlin", "UTC+1", "../etc/passwd", "Mars/Olympus"] {
            assert!(check_time_zone(name).is_err(), "{name}");
        }
    }
}

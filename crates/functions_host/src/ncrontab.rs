//! NCRONTAB, the schedules of timer triggers: `{second} {minute} {hour} {day} {month} {weekday}`.
//!
//! Unlike in cron, a day must satisfy both its day of the month and its day of the week. Times are
//! UTC, which is what a Linux plan without `WEBSITE_TIME_ZONE` uses.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// A schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Schedule {
    seconds: Field,
    minutes: Field,
    hours: Field,
    days: Field,
    months: Field,
    weekdays: Field,
}

/// The allowed values of one field, a bit for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Field(u64);

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl Schedule {
    /// Reads six fields, or five (then the second is 0).
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut fields: Vec<&str> = text.split_whitespace().collect();
        if fields.len() == 5 {
            fields.insert(0, "0");
        }
        let [seconds, minutes, hours, days, months, weekdays] = fields.as_slice() else {
            return Err(format!("schedule {text:?} does not have 5 or 6 fields"));
        };
        let read = |field: &str, low, high, names: &[&str], base| {
            Field::parse(field, low, high, names, base)
                .ok_or_else(|| format!("schedule {text:?}: {field:?} is not understood"))
        };
        Ok(Self {
            seconds: read(seconds, 0, 59, &[], 0)?,
            minutes: read(minutes, 0, 59, &[], 0)?,
            hours: read(hours, 0, 23, &[], 0)?,
            days: read(days, 1, 31, &[], 0)?,
            months: read(months, 1, 12, &MONTHS, 1)?,
            weekdays: read(weekdays, 0, 6, &WEEKDAYS, 0)?,
        })
    }

    /// The first occurrence after `time`; none for a day that never comes (30 February).
    pub(crate) fn next_after(&self, time: Timestamp) -> Option<Timestamp> {
        let start = Timestamp::from_second(time.as_second() + 1).ok()?;
        let mut at = TimeZone::UTC.to_datetime(start);
        let last_year = at.year().checked_add(9)?;
        while at.year() <= last_year {
            if !self.months.has(at.month()) {
                at = first_of_next_month(at.date())?;
            } else if !self.is_day(at.date()) {
                at = midnight(at.date().tomorrow().ok()?);
            } else if !self.hours.has(at.hour()) {
                at = at.with().minute(0).second(0).build().ok()?.checked_add(1.hour()).ok()?;
            } else if !self.minutes.has(at.minute()) {
                at = at.with().second(0).build().ok()?.checked_add(1.minute()).ok()?;
            } else if !self.seconds.has(at.second()) {
                at = at.checked_add(1.second()).ok()?;
            } else {
                return TimeZone::UTC.to_timestamp(at).ok();
            }
        }
        None
    }

    /// Whether the next two occurrences are less than a minute apart: then the host keeps no
    /// status (`TimerSchedule.Create`).
    pub(crate) fn is_more_frequent_than_a_minute(&self, now: Timestamp) -> bool {
        let first = self.next_after(now);
        let second = first.and_then(|first| self.next_after(first));
        first.zip(second).is_some_and(|(first, second)| {
            second.duration_since(first) < SignedDuration::from_mins(1)
        })
    }

    fn is_day(&self, date: Date) -> bool {
        self.days.has(date.day()) && self.weekdays.has(date.weekday().to_sunday_zero_offset())
    }
}

impl Field {
    fn parse(text: &str, low: u32, high: u32, names: &[&str], base: u32) -> Option<Self> {
        let value = |text: &str| {
            let number = text.parse().ok().or_else(|| {
                let short = text.get(..3)?.to_ascii_lowercase();
                let at = names.iter().position(|name| *name == short)?;
                Some(u32::try_from(at).ok()? + base)
            })?;
            (low..=high).contains(&number).then_some(number)
        };
        let mut bits = 0;
        for part in text.split(',') {
            let (range, step) = match part.split_once('/') {
                Some((range, step)) => (range, step.parse::<u32>().ok().filter(|step| *step > 0)?),
                None => (part, 1),
            };
            let (from, to) = match range.split_once('-') {
                Some((from, to)) => (value(from)?, value(to)?),
                None if range == "*" => (low, high),
                // `5/15` is every 15 from 5 on.
                None if part.contains('/') => (value(range)?, high),
                None => (value(range)?, value(range)?),
            };
            if from > to {
                return None;
            }
            for number in (from..=to).step_by(step as usize) {
                bits |= 1_u64 << number;
            }
        }
        Some(Self(bits))
    }

    fn has(self, value: i8) -> bool {
        u32::try_from(value).is_ok_and(|value| self.0 >> value & 1 == 1)
    }
}

fn midnight(date: Date) -> DateTime {
    date.at(0, 0, 0, 0)
}

fn first_of_next_month(date: Date) -> Option<DateTime> {
    date.first_of_month().checked_add(1.month()).ok().map(midnight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, after: &str) -> String {
        let schedule = Schedule::parse(schedule).unwrap();
        let next = schedule.next_after(after.parse().unwrap());
        next.map_or_else(|| "never".to_owned(), |at| at.to_string())
    }

    #[test]
    fn the_next_occurrence_is_the_first_strictly_after() {
        for (schedule, after, expected) in [
            ("*/10 * * * * *", "2026-11-22T10:00:00Z", "2026-11-22T10:00:10Z"),
            ("*/10 * * * * *", "2026-11-22T10:00:09.999Z", "2026-11-22T10:00:10Z"),
            ("0 * * * * *", "2026-11-22T10:00:00.5Z", "2026-11-22T10:01:00Z"),
            ("0 */5 * * * *", "2026-11-22T23:57:00Z", "2026-11-23T00:00:00Z"),
            ("*/5 * * * *", "2026-11-22T23:57:00Z", "2026-11-23T00:00:00Z"),
            ("0 30 9 * * Mon-Fri", "2026-11-20T10:00:00Z", "2026-11-23T09:30:00Z"),
            ("0 0 0 29 2 *", "2026-11-22T10:00:00Z", "2028-02-29T00:00:00Z"),
            ("0 0 3 1,15 jan,jul *", "2026-11-22T10:00:00Z", "2027-01-01T03:00:00Z"),
            ("5/20 0 0 * * *", "2026-11-22T00:00:05Z", "2026-11-22T00:00:25Z"),
            ("0 0 0 30 2 *", "2026-11-22T10:00:00Z", "never"),
        ] {
            assert_eq!(next(schedule, after), expected, "{schedule} after {after}");
        }
    }

    #[test]
    fn day_of_month_and_day_of_week_must_both_hold() {
        assert_eq!(next("0 0 0 13 * Fri", "2026-11-22T00:00:00Z"), "2027-08-13T00:00:00Z");
    }

    #[test]
    fn a_schedule_that_says_nothing_is_refused() {
        for schedule in
            ["", "* * *", "60 * * * * *", "a * * * * *", "*/0 * * * * *", "9-5 * * * * *"]
        {
            assert!(Schedule::parse(schedule).is_err(), "{schedule}");
        }
    }

    #[test]
    fn a_minute_apart_is_not_more_frequent_than_a_minute() {
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        let frequent = |text| Schedule::parse(text).unwrap().is_more_frequent_than_a_minute(now);
        assert!(frequent("*/30 * * * * *"));
        assert!(!frequent("0 * * * * *"));
    }
}

//! Route templates of HTTP triggers: `workloads/{id:int}/runs/{*path}`.

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Parameter { name: String, optional: bool, constraint: Option<Constraint> },
    Rest { name: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Constraint {
    Integer,
    Boolean,
    Alpha,
    Guid,
}

impl Template {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut segments = Vec::new();
        let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty()).collect();
        for (at, part) in parts.iter().enumerate() {
            let segment = Segment::parse(part).map_err(|problem| format!("{text:?}: {problem}"))?;
            if matches!(segment, Segment::Rest { .. }) && at + 1 < parts.len() {
                return Err(format!("route {text:?}: a catch-all must come last"));
            }
            segments.push(segment);
        }
        Ok(Self { segments })
    }

    /// The parameters, if this (already decoded) path is meant.
    pub(crate) fn matches(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let mut parameters = BTreeMap::new();
        let mut rest: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        rest.reverse();
        for segment in &self.segments {
            match segment {
                Segment::Literal(text) => {
                    if !rest.pop()?.eq_ignore_ascii_case(text) {
                        return None;
                    }
                }
                Segment::Parameter { name, optional, constraint } => match rest.pop() {
                    Some(value) => {
                        if constraint.is_some_and(|constraint| !constraint.allows(value)) {
                            return None;
                        }
                        parameters.insert(name.clone(), value.to_owned());
                    }
                    None if *optional => {}
                    None => return None,
                },
                Segment::Rest { name } => {
                    rest.reverse();
                    if !rest.is_empty() {
                        parameters.insert(name.clone(), rest.join("/"));
                    }
                    rest.clear();
                }
            }
        }
        rest.is_empty().then_some(parameters)
    }

    /// Which of two templates that match wins: at the first difference a literal comes before a
    /// parameter, and that before a catch-all.
    pub(crate) fn precedence(&self, other: &Self) -> Ordering {
        let ranks =
            |template: &Self| template.segments.iter().map(Segment::rank).collect::<Vec<_>>();
        ranks(self).cmp(&ranks(other))
    }
}

impl Segment {
    fn parse(part: &str) -> Result<Self, String> {
        let Some(inner) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else {
            if part.contains(['{', '}']) {
                return Err(format!("segment {part:?} mixes text and a parameter"));
            }
            return Ok(Self::Literal(part.to_owned()));
        };
        if inner.starts_with('*') {
            return Ok(Self::Rest { name: inner.trim_start_matches('*').to_owned() });
        }
        let (inner, optional) = match inner.strip_suffix('?') {
            Some(inner) => (inner, true),
            None => (inner, false),
        };
        let (name, constraint) = match inner.split_once(':') {
            Some((name, constraint)) => (name, Some(Constraint::parse(constraint)?)),
            None => (inner, None),
        };
        Ok(Self::Parameter { name: name.to_owned(), optional, constraint })
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Literal(_) => 0,
            Self::Parameter { constraint: Some(_), .. } => 1,
            Self::Parameter { .. } => 2,
            Self::Rest { .. } => 3,
        }
    }
}

impl Constraint {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "int" | "long" => Ok(Self::Integer),
            "bool" => Ok(Self::Boolean),
            "alpha" => Ok(Self::Alpha),
            "guid" => Ok(Self::Guid),
            other => Err(format!("constraint {other:?} is not reproduced by this host")),
        }
    }

    fn allows(self, value: &str) -> bool {
        match self {
            Self::Integer => value.parse::<i64>().is_ok(),
            Self::Boolean => {
                value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false")
            }
            Self::Alpha => value.chars().all(|letter| letter.is_ascii_alphabetic()),
            Self::Guid => {
                value.chars().filter(char::is_ascii_hexdigit).count() == 32
                    && value.chars().all(|letter| letter.is_ascii_hexdigit() || letter == '-')
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(template: &str, path: &str) -> Option<Vec<(String, String)>> {
        Template::parse(template).unwrap().matches(path).map(|found| found.into_iter().collect())
    }

    fn one(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), value.to_owned())]
    }

    #[test]
    fn literals_match_without_regard_to_case_and_parameters_bind() {
        assert_eq!(matches("alerts", "Alerts"), Some(vec![]));
        assert_eq!(matches("alerts", "alerts/more"), None);
        assert_eq!(matches("runs/{id}", "runs/7"), Some(one("id", "7")));
        assert_eq!(matches("runs/{id:int}", "runs/x"), None);
        assert_eq!(matches("runs/{id?}", "runs"), Some(vec![]));
    }

    #[test]
    fn a_catch_all_takes_the_rest_and_also_nothing() {
        assert_eq!(matches("runs/{*path}", "runs/a/b"), Some(one("path", "a/b")));
        assert_eq!(matches("runs/{*path}", "runs"), Some(vec![]));
        assert_eq!(matches("runs/{*path}", "walks/a"), None);
    }

    #[test]
    fn the_more_specific_template_wins() {
        let order = |left, right| {
            Template::parse(left).unwrap().precedence(&Template::parse(right).unwrap())
        };
        assert_eq!(order("runs/open", "runs/{id}"), Ordering::Less);
        assert_eq!(order("runs/{id}", "runs/{*path}"), Ordering::Less);
        assert_eq!(order("runs/{id:int}", "runs/{id}"), Ordering::Less);
    }

    #[test]
    fn what_would_not_be_honoured_is_refused() {
        for template in ["{*rest}/x", "a{b}", "{id:regex(^x$)}"] {
            assert!(Template::parse(template).is_err(), "{template}");
        }
    }
}

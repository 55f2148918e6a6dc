//! How well each modelled behaviour is known, as data, so that the documentation can be printed.

/// Where the knowledge of one modelled behaviour comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tag {
    /// Seen in recorded traffic of the real service.
    Recorded,
    /// Stated by documentation, an API description or a maintainer.
    Documented,
    /// Nobody could say; a plausible choice.
    Guess,
}

/// One modelled behaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fidelity {
    pub what: &'static str,
    pub tag: Tag,
    pub source: &'static str,
}

impl Tag {
    /// `RECORDED`, `DOC` or `GUESS`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recorded => "RECORDED",
            Self::Documented => "DOC",
            Self::Guess => "GUESS",
        }
    }
}

impl Fidelity {
    pub(crate) const fn recorded(what: &'static str, source: &'static str) -> Self {
        Self { what, tag: Tag::Recorded, source }
    }

    pub(crate) const fn documented(what: &'static str, source: &'static str) -> Self {
        Self { what, tag: Tag::Documented, source }
    }

    pub(crate) const fn guess(what: &'static str, source: &'static str) -> Self {
        Self { what, tag: Tag::Guess, source }
    }

    /// Whatever changes a state by itself calls this with its entry, so that none is missing in the
    /// list that is printed.
    pub(crate) fn assert_listed(&self, list: &[Self]) {
        assert!(list.contains(self), "not in the list: {}", self.what);
    }
}

#[cfg(test)]
mod tests {
    use super::Fidelity;

    #[test]
    #[should_panic(expected = "not in the list: water runs uphill")]
    fn a_change_whose_entry_is_not_printed_is_a_mistake() {
        let listed = [Fidelity::guess("water runs", "seen")];

        listed[0].assert_listed(&listed);
        Fidelity::guess("water runs uphill", "nobody").assert_listed(&listed);
    }
}

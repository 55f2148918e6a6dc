//! A line of text in styles, cut to a width before it is coloured.

/// How a piece of text looks on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Dim,
    Bold,
    Good,
    Bad,
    Busy,
}

/// One line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row(Vec<(Style, String)>);

impl Style {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Dim => "\x1b[2m",
            Self::Bold => "\x1b[1m",
            Self::Good => "\x1b[32m",
            Self::Bad => "\x1b[31m",
            Self::Busy => "\x1b[36m",
        }
    }
}

impl Row {
    pub(super) fn new(style: Style, text: impl AsRef<str>) -> Self {
        Self::default().then(style, text)
    }

    /// Adds a piece. Text comes from other processes too: whatever would move the cursor goes.
    pub(super) fn then(mut self, style: Style, text: impl AsRef<str>) -> Self {
        let text = text.as_ref().replace(char::is_control, " ");
        self.0.push((style, text));
        self
    }

    /// The line, at most `width` characters long if there is a width.
    pub(super) fn paint(&self, width: Option<usize>, colours: bool) -> String {
        let length: usize = self.0.iter().map(|(_, text)| text.chars().count()).sum();
        let cut = width.filter(|width| length > *width);
        // One place is for the sign that something is missing.
        let mut left = cut.map_or(usize::MAX, |width| width.saturating_sub(1));
        let mut line = String::new();
        for (style, text) in &self.0 {
            let shown: String = text.chars().take(left).collect();
            left = left.saturating_sub(shown.chars().count());
            if colours && *style != Style::Plain && !shown.is_empty() {
                line.push_str(style.code());
                line.push_str(&shown);
                line.push_str("\x1b[0m");
            } else {
                line.push_str(&shown);
            }
        }
        if cut.is_some_and(|width| width > 0) {
            line.push('…');
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row::new(Style::Good, "good").then(Style::Plain, " and\nplain")
    }

    #[test]
    fn a_row_is_cut_before_it_is_coloured() {
        assert_eq!(row().paint(Some(14), false), "good and plain");
        assert_eq!(row().paint(Some(7), false), "good a…");
        assert_eq!(row().paint(Some(3), true), "\x1b[32mgo\x1b[0m…");
        assert_eq!(row().paint(Some(0), true), "");
    }

    #[test]
    fn text_of_others_cannot_move_the_cursor() {
        assert_eq!(Row::new(Style::Plain, "a\x1b[2Jb\rc").paint(None, false), "a [2Jb c");
    }
}

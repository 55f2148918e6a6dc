//! Standard output, whatever it is.

use std::io::{self, IsTerminal, Write};

use super::events::events;
use super::panel::panel;
use super::row::{Row, Style};
use crate::checks::Check;
use crate::rehearsal::{Audience, Scene};

/// For a terminal that does not tell its size.
const WIDTH: usize = 80;
const HEIGHT: usize = 24;

/// Where a rehearsal is shown.
#[derive(Debug)]
pub struct Terminal {
    redraws: bool,
    colours: bool,
    /// How many rows of the panel stand below the lines.
    drawn: usize,
    last: Option<Scene>,
}

impl Terminal {
    /// Standard output. `NO_COLOR` and `TERM=dumb` are heeded.
    pub fn stdout() -> Self {
        let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let is_terminal = io::stdout().is_terminal() && !is_dumb;
        let wants_none = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { redraws: is_terminal, colours: is_terminal && !wants_none, drawn: 0, last: None }
    }

    /// Leaves the panel where it is; what follows comes below it.
    pub fn leave_panel(&mut self) {
        self.drawn = 0;
    }

    /// A heading of its own.
    pub fn head(&mut self, text: &str) {
        self.lines(&[Row::default(), Row::new(Style::Bold, text)]);
    }

    /// A check and its result.
    pub fn check(&mut self, check: &Check) {
        let (style, mark) = if check.passed { (Style::Good, "✓") } else { (Style::Bad, "✗") };
        let row = Row::new(style, format!("{mark} {}", check.what));
        self.lines(&[row.then(Style::Dim, format!(" ({})", check.seen))]);
    }

    /// Lines that are not cut: paths and addresses must be whole.
    fn lines(&mut self, rows: &[Row]) {
        let mut text = self.clear_panel();
        for row in rows {
            text.push_str(&row.paint(None, self.colours));
            text.push('\n');
        }
        put(&text);
    }

    fn clear_panel(&mut self) -> String {
        match std::mem::take(&mut self.drawn) {
            0 => String::new(),
            drawn => format!("\x1b[{drawn}A\r\x1b[J"),
        }
    }

    fn size() -> (usize, usize) {
        match rustix::termios::tcgetwinsize(io::stdout()) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => {
                (usize::from(size.ws_col), usize::from(size.ws_row))
            }
            _ => (WIDTH, HEIGHT),
        }
    }
}

impl Audience for Terminal {
    fn say(&mut self, line: &str) {
        self.lines(&[Row::new(Style::Plain, line)]);
    }

    fn show(&mut self, scene: &Scene) {
        let news = events(self.last.as_ref(), scene);
        self.last = Some(scene.clone());
        if !self.redraws {
            self.lines(&news);
            return;
        }
        let (width, height) = Self::size();
        // As one update, where the terminal knows that: no flicker.
        let mut text = "\x1b[?2026h".to_owned();
        text.push_str(&self.clear_panel());
        let rows = panel(scene, height.saturating_sub(1));
        for row in news.iter().chain(&rows) {
            text.push_str(&row.paint(Some(width.saturating_sub(1)), self.colours));
            text.push('\n');
        }
        text.push_str("\x1b[?2026l");
        self.drawn = rows.len();
        put(&text);
    }
}

/// Whoever closed the pipe does not want to read on; the verdict is the exit code.
fn put(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

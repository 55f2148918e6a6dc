//! A long command as named phases, so that a reader of its output sees where the time went.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

#[derive(Debug, Default)]
pub(crate) struct Phases {
    done: Vec<(&'static str, Duration)>,
}

impl Phases {
    /// Runs one phase; its error names it.
    pub(crate) fn run(
        &mut self,
        name: &'static str,
        phase: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        println!("\n=== {name}");
        let started = Instant::now();
        let outcome = phase();
        let took = started.elapsed();
        let word = if outcome.is_ok() { "ok" } else { "FAILED" };
        println!("=== {name}: {word} after {}", shown(took));
        self.done.push((name, took));
        outcome.with_context(|| format!("phase `{name}` failed"))
    }

    pub(crate) fn print_summary(&self) {
        println!("\nevery phase is ok:");
        for (name, took) in &self.done {
            println!("  {name:<10} {:>9}", shown(*took));
        }
        let total = self.done.iter().map(|(_, took)| *took).sum();
        println!("  {:<10} {:>9}", "total", shown(total));
    }
}

fn shown(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::Phases;

    #[test]
    fn the_error_of_a_phase_names_the_phase() {
        let error = Phases::default().run("lint", || bail!("two warnings")).unwrap_err();

        assert_eq!(format!("{error:#}"), "phase `lint` failed: two warnings");
    }
}

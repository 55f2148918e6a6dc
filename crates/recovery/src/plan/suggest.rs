//! The name that somebody probably meant.

use strsim::jaro_winkler;

/// The known name most like `written`, if one is like it at all.
pub(super) fn did_you_mean<'n>(written: &str, known: &[&'n str]) -> Option<&'n str> {
    const ALIKE: f64 = 0.85;
    // Comparing takes time with the length of both, and what is long is no slip of a finger.
    if written.len() > 40 {
        return None;
    }
    let plain = folded(written);
    known
        .iter()
        .map(|name| (jaro_winkler(&plain, &folded(name)), *name))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, name)| name)
}

/// `cooldownS`, `cooldown-s` and `Cooldown_s` are all the same slip.
fn folded(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let known = ["workload", "cooldown_s", "failover_group", "data_path", "data_contains"];
        for (written, meant) in [
            ("workloads", Some("workload")),
            ("cooldownS", Some("cooldown_s")),
            ("cooldown", Some("cooldown_s")),
            ("failover-group", Some("failover_group")),
            ("fialover_group", Some("failover_group")),
            ("data_contain", Some("data_contains")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(did_you_mean(written, &known), meant, "{written}");
        }
        assert_eq!(did_you_mean(&"workload".repeat(1000), &known), None);
    }
}

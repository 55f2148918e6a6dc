//! One figure, measured several times.

use std::fmt;

use serde_json::{Value, json};

#[derive(Debug)]
pub(super) struct Measurement {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    /// What the median should stay within.
    pub(super) budget: Option<f64>,
    /// At least one.
    pub(super) samples: Vec<f64>,
}

impl Measurement {
    pub(super) fn as_json(&self) -> Value {
        json!({
            "name": self.name,
            "unit": self.unit,
            "budget": self.budget,
            "within_budget": self.within_budget(),
            "median": self.median(),
            "samples": self.samples,
        })
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.samples.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }

    /// The middle sample, or the upper of the two in the middle.
    fn median(&self) -> f64 {
        self.sorted()[self.samples.len() / 2]
    }

    fn within_budget(&self) -> Option<bool> {
        self.budget.map(|budget| self.median() <= budget)
    }
}

impl fmt::Display for Measurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sorted = self.sorted();
        let figure = |value: f64| format!("{value:.1} {}", self.unit);
        let (least, most) = (sorted[0], sorted[sorted.len() - 1]);
        write!(
            f,
            "{:<34} {:>10} {:>10} {:>10} {:>5} {:>10}",
            self.name,
            figure(self.median()),
            figure(least),
            figure(most),
            sorted.len(),
            self.budget.map_or_else(|| "none".to_owned(), figure),
        )?;
        match self.within_budget() {
            Some(true) => write!(f, "  within"),
            Some(false) => write!(f, "  OVER"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Measurement;

    #[test]
    fn the_median_is_what_the_budget_judges() {
        let mut measurement = Measurement {
            name: "start",
            unit: "ms",
            budget: Some(25.0),
            samples: vec![24.0, 90.0, 8.0],
        };
        assert_eq!(measurement.as_json()["median"], 24.0);
        assert_eq!(measurement.as_json()["within_budget"], true);

        measurement.samples.extend([26.0, 27.0]);
        assert_eq!(measurement.as_json()["median"], 26.0);
        assert!(measurement.to_string().ends_with("OVER"), "{measurement}");
    }
}

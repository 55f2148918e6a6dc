use std::collections::BTreeSet;

use serde_json::Value;
use simulator::{Answer, Door, Request, World};

use super::*;

const PAGE: &str = include_str!("../../../../docs/fidelity.md");

/// What the local Azure calls a guess: texts of behaviours and names of waits.
fn guesses() -> BTreeSet<String> {
    let mut world = World::tutorial(&simulator::Options::default());
    let request = Request {
        door: Door::Control,
        method: "GET".to_owned(),
        target: "/control/fidelity".to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    let Answer::Reply { response, .. } = world.handle(Timestamp::UNIX_EPOCH, &request) else {
        panic!("no answer")
    };
    let all: Value = serde_json::from_slice(&response.body).unwrap();
    let is_guess = |known: &Value| known["tag"] == "GUESS";
    let behaviours = all["behaviours"].as_array().unwrap().iter().filter(|it| is_guess(it));
    let waits = all["durations"].as_object().unwrap().iter().filter(|(_, it)| is_guess(it));
    let behaviours = behaviours.map(|it| it["what"].as_str().unwrap().to_owned());
    behaviours.chain(waits.map(|(name, _)| name.clone())).collect()
}

#[test]
fn what_a_verdict_rests_on_is_a_guess_of_the_local_azure() {
    let guesses = guesses();
    for scenario in Scenario::ALL {
        let mut seen = BTreeSet::new();
        for guess in scenario.hinges_on() {
            assert!(guesses.contains(guess), "{}: {guess:?} is no guess", scenario.name());
            assert!(seen.insert(guess), "{}: {guess:?} is there twice", scenario.name());
        }
        assert!(!seen.is_empty(), "{} rests on nothing that is not known", scenario.name());
    }
}

#[test]
fn the_page_on_fidelity_says_which_verdict_rests_on_which_guess() {
    let mut all: Vec<&str> = Vec::new();
    for guess in Scenario::ALL.into_iter().flat_map(Scenario::hinges_on) {
        if !all.contains(&guess) {
            all.push(guess);
        }
    }
    let names = Scenario::ALL.map(|scenario| format!("`{}`", scenario.name()));
    let mut table =
        vec![format!("| guess | {} |", names.join(" | ")), format!("|---{}|", "|---".repeat(7))];
    for guess in all {
        let marks = Scenario::ALL.map(|it| if it.hinges_on().contains(&guess) { "×" } else { "" });
        table.push(format!("| {guess} | {} |", marks.join(" | ")));
    }
    let table = table.join("\n");
    assert!(PAGE.contains(&table), "docs/fidelity.md should have this table:\n\n{table}\n");
}

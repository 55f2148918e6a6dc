//! The least of a story that still fails.

use super::{SiteRecovery, Story};

/// Takes faults out one by one as long as `fails` says that it still fails.
pub fn shrunken(story: &Story, fails: impl Fn(&Story) -> bool) -> Story {
    let mut least = story.clone();
    loop {
        let before = least.faults.len();
        let mut index = 0;
        while index < least.faults.len() {
            let mut without = least.clone();
            without.faults.remove(index);
            if fails(&without) {
                least = without;
            } else {
                index += 1;
            }
        }
        let usual = Story { site_recovery: SiteRecovery::default(), ..least.clone() };
        if usual != least && fails(&usual) {
            least = usual;
        }
        let brief = Story { lingers: false, ..least.clone() };
        if brief != least && fails(&brief) {
            least = brief;
        }
        if least.apps > 1 && !least.faults.iter().any(|fault| fault.kind.app() > Some(0)) {
            let alone = Story { apps: 1, ..least.clone() };
            if fails(&alone) {
                least = alone;
            }
        }
        if least.faults.len() == before {
            return least;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Kind;

    #[test]
    fn only_the_faults_that_matter_are_left() {
        let stormy = (1..500).map(Story::of).find(|story| story.faults.len() >= 5).unwrap();
        let culprit = stormy.faults[2].clone();

        let least = shrunken(&stormy, |story| story.faults.contains(&culprit));

        assert_eq!(least.faults, [culprit]);
    }

    #[test]
    fn a_story_survives_being_printed() {
        for story in (0..200).map(Story::of) {
            let text = serde_json::to_string(&story).unwrap();
            assert_eq!(serde_json::from_str::<Story>(&text).unwrap(), story);
        }
        assert!((0..200).any(|seed| Story::of(seed).faults.iter().any(|it| it.kind == Kind::Hang)));
    }
}

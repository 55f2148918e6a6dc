//! Rules on the documents: what they point at exists, nothing is still to be filled in, and the map
//! shows the whole house.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::Result;

const MAP: &str = "ARCHITECTURE.md";

pub(super) fn problems(root: &Path, files: &[String]) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|it| Path::new(it).extension().is_some_and(|it| it == "md")) {
        let text = fs::read_to_string(root.join(file))?;
        let folder = Path::new(file).parent().unwrap_or(Path::new(""));
        for link in relative_links(&text) {
            if !root.join(folder).join(link).exists() {
                problems.push(format!("{file}: the link to {link} leads nowhere"));
            }
        }
        for word in placeholders(&text) {
            problems.push(format!("{file}: {word} is still to be filled in"));
        }
        if file == MAP {
            problems.extend(missing_folders(&text, files));
        }
    }
    Ok(problems)
}

fn missing_folders(map: &str, files: &[String]) -> Vec<String> {
    let folders: BTreeSet<&str> = files
        .iter()
        .filter_map(|it| it.split_once('/'))
        .map(|(folder, _)| folder)
        .filter(|it| !it.starts_with('.'))
        .collect();
    let is_part_of_a_word = |it: char| it.is_alphanumeric() || it == '_' || it == '-';
    let words: BTreeSet<&str> = map.split(|it| !is_part_of_a_word(it)).collect();
    let missing = folders.into_iter().filter(|it| !words.contains(it));
    missing.map(|it| format!("{MAP} does not name the folder {it}/")).collect()
}

/// Targets of `[text](target)` that are files of this repository, without their `#section`.
fn relative_links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    targets
        .filter(|it| !it.contains("://") && !it.starts_with(['#', '<']) && !it.contains(':'))
        .map(|it| it.split('#').next().unwrap_or_default())
        .filter(|it| !it.is_empty())
}

/// Words that hold the place of a text, as `LAST_RUN_TABLE` does.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|it: char| !it.is_alphanumeric() && it != '_');
    words.filter(|it| {
        ["TODO", "TBD", "FIXME"].contains(it)
            || (["_SUMMARY", "_TABLE"].iter().any(|end| it.ends_with(end))
                && !it.contains(char::is_lowercase))
    })
}

#[cfg(test)]
mod tests {
    use super::{missing_folders, placeholders, relative_links};

    #[test]
    fn links_to_files_are_followed_and_links_to_the_web_are_not() {
        let text =
            "See [a](docs/a.md#x), [b](https://example.com), [c](#here), [d](../d.md \"D\").";

        assert_eq!(relative_links(text).collect::<Vec<_>>(), ["docs/a.md", "../d.md"]);
    }

    #[test]
    fn a_word_that_holds_the_place_of_a_text_is_found() {
        let text = "| cuts | CUTS_SUMMARY | TBD |, a `TODO`; not a timetable, TABLES or MY_table";

        assert_eq!(placeholders(text).collect::<Vec<_>>(), ["CUTS_SUMMARY", "TBD", "TODO"]);
    }

    #[test]
    fn the_map_names_each_top_level_folder() {
        let files = ["crates/a/src/lib.rs", "plans/b.json", ".ci/run", "README.md", "xtask/b.rs"];

        let found =
            missing_folders("`crates/` has the airplans; xtask tasks", &files.map(str::to_owned));

        assert_eq!(found, ["ARCHITECTURE.md does not name the folder plans/"]);
    }
}

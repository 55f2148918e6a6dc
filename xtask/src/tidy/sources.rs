//! Rules on the text of the sources.

use std::fs;
use std::path::Path;

use anyhow::Result;

const WARN_LINES: usize = 400;
const MOST_LINES: usize = 500;

/// Assembled, so that this file does not break its own rules.
const FORBIDDEN: &[(&str, &str)] = &[
    (concat!("#[", "ignore"), "an ignored test tests nothing: mend it or remove it"),
    (concat!("todo", "!("), "unfinished"),
    (concat!("unimplemented", "!("), "unfinished"),
];

/// Folders that exist on one person's machine. App Service's own `/home/site` is not one.
const PERSONAL: &[&str] = &[
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("C:\\", "Users\\"),
];
const OF_THE_PLATFORM: &[&str] = &["/home/site", "/home/LogFiles", "/home/data"];

/// Written by tools, which quote what they like.
const GENERATED: &[&str] = &["Cargo.lock", "package-lock.json"];

pub(super) fn problems(root: &Path, files: &[String]) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|it| !GENERATED.contains(&it.as_str())) {
        // What is not text has no lines to look at.
        let Ok(text) = String::from_utf8(fs::read(root.join(file))?) else { continue };
        problems.extend(machine_paths(&text, root).map(|it| format!("{file}:{it}")));
        if Path::new(file).extension().is_some_and(|it| it == "rs") {
            problems.extend(forbidden(&text).map(|it| format!("{file}:{it}")));
            problems.extend(too_long(file, text.lines().count()));
        }
    }
    Ok(problems)
}

fn too_long(file: &str, lines: usize) -> Option<String> {
    if lines > MOST_LINES {
        return Some(format!("{file}: {lines} lines; one idea per file, {MOST_LINES} at most"));
    }
    if lines > WARN_LINES {
        println!("warning: {file} has {lines} lines: soon too long");
    }
    None
}

fn forbidden(text: &str) -> impl Iterator<Item = String> {
    text.lines().zip(1..).flat_map(|(line, number)| {
        let found = FORBIDDEN.iter().filter(|(word, _)| line.contains(word));
        found.map(move |(word, why)| format!("{number}: `{word}`: {why}"))
    })
}

fn machine_paths(text: &str, root: &Path) -> impl Iterator<Item = String> {
    // A checkout in a folder with a common name (`/app`) says nothing.
    let root = root.to_str().filter(|it| it.matches('/').count() > 1).unwrap_or("\0").to_owned();
    text.lines().zip(1..).filter_map(move |(line, number)| {
        let personal = PERSONAL.iter().any(|path| {
            line.match_indices(path).any(|(at, _)| {
                // Inside a longer path or a URL it is somebody else's folder.
                let follows = line[..at].chars().next_back();
                let inside = follows.is_some_and(|it| it.is_alphanumeric() || "}./_-".contains(it));
                !inside && !OF_THE_PLATFORM.iter().any(|it| line[at..].starts_with(it))
            })
        });
        (personal || line.contains(&root)).then(|| format!("{number}: a path of one machine"))
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{forbidden, machine_paths, too_long};

    #[test]
    fn a_file_of_more_than_five_hundred_lines_is_untidy() {
        assert_eq!(too_long("a.rs", 500), None);
        assert!(too_long("a.rs", 501).is_some());
    }

    #[test]
    fn an_ignored_test_is_untidy() {
        let text = concat!("#[test]\n#[", "ignore = \"flaky\"]\nfn it() {}\n");

        let found: Vec<_> = forbidden(text).collect();

        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("2: "), "{found:?}");
    }

    #[test]
    fn the_folder_of_a_person_is_untidy() {
        let count = |line: &str| machine_paths(line, Path::new("/srv/code/farshore")).count();

        assert_eq!(count(concat!("open(\"/ho", "me/ada/notes\")")), 1);
        assert_eq!(count("open(\"/srv/code/farshore/plans\")"), 1);
        assert_eq!(count("open(\"plans/websphere-cafe.json\")"), 0);
        assert_eq!(count("the host unpacks into /home/site/wwwroot"), 0);
        assert_eq!(count(concat!("https://example.com/ho", "me/page")), 0);
    }

    #[test]
    fn a_checkout_in_a_folder_with_a_common_name_forbids_no_text() {
        assert_eq!(machine_paths("GET /app/health", Path::new("/app")).count(), 0);
    }
}

//! A library that tests ask for with more features than programs do is compiled twice, and so is
//! all that stands on it.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::workspace::{self, Workspace};

pub(super) fn problems(workspace: &Workspace) -> Result<Vec<String>> {
    let (programs, tests) =
        (features(workspace, "normal,build")?, features(workspace, "normal,build,dev")?);
    Ok(programs
        .iter()
        .filter_map(|(package, asked)| twice(package, asked, tests.get(package)?))
        .collect())
}

/// A package of one version may be built for the machine that compiles as well, with features of its
/// own: all of them together.
type Features = BTreeMap<String, Vec<String>>;

fn features(workspace: &Workspace, edges: &str) -> Result<Features> {
    let mut cargo = workspace.cargo();
    cargo.args(["tree", "--workspace", "--prefix", "none", "--format", "{p}|{f}|"]);
    Ok(read(&workspace::answer(cargo.args(["--edges", edges]))?))
}

fn read(tree: &str) -> Features {
    let mut all = Features::new();
    for line in tree.lines() {
        let mut parts = line.split('|');
        let (Some(package), Some(features)) = (parts.next(), parts.next()) else { continue };
        let of_package = all.entry(package.to_owned()).or_default();
        of_package.push(features.to_owned());
        of_package.sort();
        of_package.dedup();
    }
    all
}

fn twice(package: &str, programs: &[String], tests: &[String]) -> Option<String> {
    let (asked, theirs) = (programs.join("; "), tests.join("; "));
    (programs != tests).then(|| {
        format!(
            "{package} is compiled twice: programs ask for [{asked}], tests for [{theirs}]; name what \
             is missing beside the others in crates/model/Cargo.toml or crates/probe/Cargo.toml"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::{read, twice};

    #[test]
    fn a_library_that_tests_ask_more_of_is_found() {
        let programs = read("url v2.5|std|\nidna v1.1|std| (*)\nidna v1.1|std|\n");
        let tests = read("url v2.5|std|\nidna v1.1|default,std|\ninsta v1|json|\n");
        let found: Vec<_> = programs
            .iter()
            .filter_map(|(package, asked)| twice(package, asked, &tests[package]))
            .collect();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("idna v1.1 is compiled twice"), "{found:?}");
    }
}

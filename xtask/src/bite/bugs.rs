//! The bugs, as `planted-bugs/` lists them, and where in the sources each goes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::toml;

const FOLDER: &str = "planted-bugs";
/// What stands in a replacement for "this bug is switched on".
const SWITCH: &str = "BUG";

/// A mistake that somebody could have made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Bug {
    pub(super) name: String,
    /// Which part of the system it is in: the name of its list.
    pub(super) area: String,
    /// The mistake, for people.
    pub(super) like: String,
    /// The file that it is made in, from the root.
    pub(super) file: String,
    find: String,
    replace: String,
}

/// All bugs, by area and in the order of their lists.
pub(super) fn read(root: &Path) -> Result<Vec<Bug>> {
    let folder = root.join(FOLDER);
    let mut lists: Vec<_> = fs::read_dir(&folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    lists.retain(|path| path.extension().is_some_and(|it| it == "toml"));
    lists.sort();
    let mut bugs = Vec::new();
    for list in lists {
        let area = list.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&list)?;
        let tables = toml::tables(&text, "bug").with_context(|| list.display().to_string())?;
        for table in tables {
            bugs.push(Bug::read(&area, table).with_context(|| list.display().to_string())?);
        }
    }
    let names: BTreeSet<_> = bugs.iter().map(|bug| &bug.name).collect();
    ensure!(names.len() == bugs.len(), "two bugs have one name");
    Ok(bugs)
}

impl Bug {
    fn read(area: &str, mut table: toml::Table) -> Result<Self> {
        let mut take = |key: &str| table.remove(key).with_context(|| format!("no {key}"));
        let bug = Self {
            name: take("name")?,
            area: area.to_owned(),
            like: take("like")?,
            file: take("file")?,
            find: take("find")?,
            replace: take("replace")?,
        };
        let is_plain = |letter: char| letter.is_ascii_lowercase() || letter == '-';
        ensure!(bug.name.chars().all(is_plain), "{:?} is not in kebab case", bug.name);
        ensure!(bug.replace.contains(SWITCH), "{}: {SWITCH} is not in `replace`", bug.name);
        ensure!(table.is_empty(), "{}: what is {:?}?", bug.name, table.keys());
        Ok(bug)
    }

    /// Where it goes in the text of its file.
    fn place(&self, text: &str) -> Result<Range<usize>> {
        let mut found = text.match_indices(&self.find);
        let Some((start, _)) = found.next() else {
            bail!("{}: `find` is not in {}", self.name, self.file)
        };
        ensure!(found.next().is_none(), "{}: `find` is in {} twice", self.name, self.file);
        Ok(start..start + self.find.len())
    }

    fn planted(&self) -> String {
        let switch = format!("crate::planted::is(\"{}\")", self.name);
        self.replace.replace(SWITCH, &switch)
    }
}

/// The files that bugs are in, with all of them planted.
pub(super) fn plant(
    bugs: &[Bug],
    read: impl Fn(&str) -> Result<String>,
) -> Result<BTreeMap<String, String>> {
    let mut by_file: BTreeMap<&str, Vec<&Bug>> = BTreeMap::new();
    for bug in bugs {
        by_file.entry(&bug.file).or_default().push(bug);
    }
    let mut planted = BTreeMap::new();
    for (file, bugs) in by_file {
        let text = read(file)?;
        let mut places: Vec<_> = bugs
            .into_iter()
            .map(|bug| bug.place(&text).map(|place| (place, bug)))
            .collect::<Result<_>>()?;
        places.sort_by_key(|(place, _)| place.start);
        let mut edited = String::new();
        let mut end = 0;
        for (place, bug) in places {
            ensure!(place.start >= end, "{}: another bug is in the same place", bug.name);
            edited.push_str(&text[end..place.start]);
            edited.push_str(&bug.planted());
            end = place.end;
        }
        edited.push_str(&text[end..]);
        planted.insert(file.to_owned(), edited);
    }
    Ok(planted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bug(name: &str, find: &str, replace: &str) -> Bug {
        let text = |it: &str| it.to_owned();
        let (area, like, file) = (text("core"), text("a slip"), text("a.rs"));
        Bug { name: text(name), area, like, file, find: text(find), replace: text(replace) }
    }

    #[test]
    fn two_bugs_go_into_one_file() {
        let bugs = [bug("later", "now < end", "BUG || now < end"), bug("not", "alive", "!BUG")];
        let planted = plant(&bugs, |_| Ok("if alive && now < end {}".to_owned())).unwrap();
        assert_eq!(
            planted["a.rs"],
            "if !crate::planted::is(\"not\") && crate::planted::is(\"later\") || now < end {}"
        );
    }

    #[test]
    fn a_place_that_is_not_there_or_there_twice_or_taken_is_refused() {
        let refused =
            |bugs: &[Bug]| plant(bugs, |_| Ok("a b a".to_owned())).unwrap_err().to_string();
        assert!(refused(&[bug("x", "c", "BUG")]).contains("is not in a.rs"));
        assert!(refused(&[bug("x", "a", "BUG")]).contains("twice"));
        let same = [bug("x", "a b", "BUG"), bug("y", "b", "BUG")];
        assert!(refused(&same).contains("same place"));
    }

    #[test]
    fn every_bug_of_the_list_still_has_its_place() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let bugs = read(root).unwrap();
        assert!(bugs.len() >= 50, "only {} bugs", bugs.len());
        let planted = plant(&bugs, |file| Ok(fs::read_to_string(root.join(file))?)).unwrap();
        assert!(planted.len() > 10, "all bugs are in {} files", planted.len());
    }
}

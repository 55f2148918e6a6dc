//! `cargo xtask tidy`: the rules of the house that no compiler knows.

use anyhow::{Result, bail};

use crate::function_app::{self, FunctionApp};
use crate::metadata::Metadata;
use crate::workspace::{self, Workspace};

mod dependencies;
mod documents;
mod features;
mod sources;

/// Shows everything that is wrong at once.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let files = files(workspace)?;
    let metadata = Metadata::load(workspace)?;
    let mut problems = sources::problems(workspace.root(), &files)?;
    problems.extend(documents::problems(workspace.root(), &files)?);
    problems.extend(dependencies::problems(&metadata)?);
    problems.extend(features::problems(workspace)?);
    problems.extend(function_app::problems(&FunctionApp::read(workspace.root())?));
    problems.extend(unpaired_functions(&files));
    if problems.is_empty() {
        println!("{} files are tidy", files.len());
        return Ok(());
    }
    for problem in &problems {
        println!("untidy: {problem}");
    }
    bail!("{} untidy things", problems.len());
}

/// What git tracks or would track, relative to the root; a deleted file is no file any more.
fn files(workspace: &Workspace) -> Result<Vec<String>> {
    let mut git = workspace.program("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"]);
    let answer = workspace::answer(&mut git)?;
    let names = answer.split('\0').filter(|it| !it.is_empty());
    Ok(names.filter(|it| workspace.path(it).is_file()).map(str::to_owned).collect())
}

/// A folder under `handlers/` is one function: a module and the file that names its trigger.
fn unpaired_functions(files: &[String]) -> Vec<String> {
    let folders = |file: &str| -> Vec<String> {
        let of_file = files.iter().filter_map(|path| {
            let folder = path.strip_prefix("handlers/")?.strip_suffix(file)?.strip_suffix('/')?;
            (!folder.contains('/')).then(|| folder.to_owned())
        });
        of_file.collect()
    };
    let (modules, triggers) = (folders("mod.rs"), folders("function.json"));
    let without = |these: &[String], those: &[String], what: &str| -> Vec<String> {
        let missing = these.iter().filter(|it| !those.contains(it));
        missing.map(|it| format!("handlers/{it}: no {what}")).collect()
    };
    let mut problems = without(&modules, &triggers, "function.json");
    problems.extend(without(&triggers, &modules, "mod.rs"));
    problems
}

#[cfg(test)]
mod tests {
    use super::unpaired_functions;

    #[test]
    fn a_function_needs_its_module_and_its_trigger() {
        let files = [
            "handlers/lib.rs",
            "handlers/watch/mod.rs",
            "handlers/watch/function.json",
            "handlers/watch/deeper/mod.rs",
            "handlers/sweep/mod.rs",
            "handlers/advance_run/function.json",
        ];

        let found = unpaired_functions(&files.map(str::to_owned));

        assert_eq!(found, ["handlers/sweep: no function.json", "handlers/advance_run: no mod.rs"]);
    }
}

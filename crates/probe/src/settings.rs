//! The command line, read. Everything that is wrong is told at once, each with its option and how
//! to mend it.

use std::fs;
use std::path::{Path, PathBuf};

use azure::credential::Credential;
use azure::http::{Roots, parse_endpoint};
use azure::transport::PUBLIC_ENDPOINT;
use clap::Parser;
use recovery::Plan;
use url::Url;

/// Reads what Farshore would read of your workload and keeps it without what names you.
///
/// It changes nothing: every request is a read, and anything else is refused before it leaves. It
/// sends nothing to anybody: it writes files, and you send them after you have read review.txt.
/// See docs/probing.md.
#[derive(Debug, Parser)]
#[command(name = "probe", version)]
pub struct Arguments {
    /// The plan of the workload, as the app gets it
    #[arg(long, value_name = "FILE")]
    pub plan: PathBuf,
    /// Where the recording goes: a folder that is empty or not there yet
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// A word that shall not occur anywhere: your company, your product, your name; may be repeated
    #[arg(long, value_name = "WORD")]
    pub hide: Vec<String>,
    /// Who you are to Azure: `azure_cli` (by `az login`), `managed_identity` or `client_secret`
    #[arg(long, value_name = "NAME", default_value = "azure_cli")]
    pub credential: String,
    /// The client id of a user-assigned identity or of an application
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// Azure Resource Manager, if not of the public cloud
    #[arg(long, visible_alias = "endpoint", value_name = "URL", default_value = PUBLIC_ENDPOINT)]
    pub arm_endpoint: String,
    /// Entra, if not of the public cloud; for `client_secret`
    #[arg(long, value_name = "URL")]
    pub authority_host: Option<String>,
    /// PEM certificates to trust beside the system's
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
}

/// What the command line says, in order.
#[derive(Debug)]
pub struct Settings {
    pub plan: Plan,
    pub out: PathBuf,
    pub hide: Vec<String>,
    pub credential: Credential,
    pub arm_endpoint: Url,
    pub authority_host: Option<String>,
    pub roots: Roots,
}

/// A shorter word would be found in half of all others.
const SHORTEST_HIDDEN: usize = 3;

impl Settings {
    /// `variable` reads the environment.
    pub fn read(
        arguments: &Arguments,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let plan = keep(&mut problems, plan(&arguments.plan));
        keep(&mut problems, out(&arguments.out));
        for word in &arguments.hide {
            keep(&mut problems, hidden(word));
        }
        let client_id = arguments.client_id.clone();
        let credential =
            Credential::parse(&arguments.credential, client_id, variable).map_err(|error| {
                vec![format!(
                    "--credential: {error}; use azure_cli, managed_identity, or client_secret with \
                 AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
                )]
            });
        let credential = keep(&mut problems, credential);
        let arm_endpoint = keep(&mut problems, endpoint("--arm-endpoint", &arguments.arm_endpoint));
        if let Some(text) = &arguments.authority_host {
            keep(&mut problems, endpoint("--authority-host", text));
        }
        let roots = Roots::read(arguments.ca_file.as_deref()).map_err(|error| {
            vec![format!("--ca-file: {error}; name a readable file of PEM certificates")]
        });
        let roots = keep(&mut problems, roots);
        match (plan, credential, arm_endpoint, roots) {
            (Some(plan), Some(credential), Some(arm_endpoint), Some(roots))
                if problems.is_empty() =>
            {
                Ok(Self {
                    plan,
                    out: arguments.out.clone(),
                    hide: arguments.hide.clone(),
                    credential,
                    arm_endpoint,
                    authority_host: arguments.authority_host.clone(),
                    roots,
                })
            }
            _ => Err(problems),
        }
    }
}

fn keep<T>(problems: &mut Vec<String>, read: Result<T, Vec<String>>) -> Option<T> {
    read.map_err(|more| problems.extend(more)).ok()
}

fn plan(file: &Path) -> Result<Plan, Vec<String>> {
    let shown = file.display();
    let text = fs::read_to_string(file).map_err(|error| {
        vec![format!("--plan: {shown} cannot be read: {error}; name the plan's JSON file")]
    })?;
    Plan::parse(&text).map_err(|errors| {
        errors.0.iter().map(|error| format!("--plan: {shown}: {error}")).collect()
    })
}

/// What was recorded before is not mixed with what is recorded now.
fn out(folder: &Path) -> Result<(), Vec<String>> {
    let refuse = |problem: &str| {
        let mend = "name a folder that is empty or not there yet";
        Err(vec![format!("--out: {} {problem}; {mend}", folder.display())])
    };
    match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => refuse("is not empty"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => refuse(&format!("cannot be used: {error}")),
    }
}

fn hidden(word: &str) -> Result<(), Vec<String>> {
    if word.trim() == word && word.chars().count() >= SHORTEST_HIDDEN {
        return Ok(());
    }
    Err(vec![format!(
        "--hide: {word:?} is too short or has blanks around it; give {SHORTEST_HIDDEN} letters or more"
    )])
}

fn endpoint(option: &str, text: &str) -> Result<Url, Vec<String>> {
    parse_endpoint(text)
        .map_err(|error| vec![format!("{option}: {error}; write it as {PUBLIC_ENDPOINT}")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_wrong_is_told_at_once_with_its_option() {
        let folder = tempfile::tempdir().unwrap();
        let plan = folder.path().join("plan.json");
        fs::write(&plan, r#"{"version": 1}"#).unwrap();
        let arguments = Arguments::parse_from([
            "probe",
            "--plan",
            plan.to_str().unwrap(),
            "--out",
            folder.path().to_str().unwrap(),
            "--hide",
            "x",
            "--credential",
            "password",
            "--endpoint",
            "http://management.azure.com",
            "--authority-host",
            "login",
            "--ca-file",
            "missing.pem",
        ]);
        let problems = Settings::read(&arguments, |_| None).unwrap_err();
        for option in
            ["--out", "--hide", "--credential", "--arm-endpoint", "--authority-host", "--ca-file"]
        {
            let of_option = problems.iter().filter(|it| it.starts_with(&format!("{option}: ")));
            assert_eq!(of_option.count(), 1, "{option} in {problems:#?}");
        }
        let of_plan: Vec<_> = problems.iter().filter(|it| it.starts_with("--plan: ")).collect();
        assert!(of_plan.len() > 5, "{of_plan:#?}");
        assert!(of_plan.iter().any(|it| it.contains("/site_recovery")), "{of_plan:#?}");
    }
}

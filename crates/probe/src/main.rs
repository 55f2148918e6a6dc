//! `cargo run --release -p probe -- --plan plan.json --out DIR`. See `docs/probing.md`.
#![expect(clippy::print_stderr, reason = "a command line tool talks")]

use std::process::ExitCode;
use std::sync::Arc;

use azure::Arm;
use azure::credential::Identity;
use azure::http::SettingsError;
use azure::token::{ARM_SCOPE, Tokens};
use clap::Parser as _;
use clock::Clock;
use probe::output::{REVIEW, Recording};
use probe::walk::walk;
use probe::{Arguments, ReadOnly, Recorder, Sanitiser, Settings};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let settings = Settings::read(&arguments, |name| std::env::var(name).ok());
    let settings = match settings {
        Ok(settings) => settings,
        Err(problems) => {
            for problem in problems {
                eprintln!("{problem}");
            }
            return ExitCode::from(2);
        }
    };
    match record(&settings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

async fn record(settings: &Settings) -> Result<(), String> {
    let azure = ReadOnly::new(azure(settings).map_err(|error| error.to_string())?);
    let mut recorder = Recorder::new(&azure, |line| eprintln!("{line}"));
    walk(&mut recorder, &settings.plan).await;
    let exchanges = recorder.finish().map_err(|why| {
        format!("no access token, so nothing was asked: {why}; log in (`az login`), or choose another --credential")
    })?;
    if !exchanges.iter().any(probe::Exchange::answered) {
        return Err(format!(
            "{} did not answer any of {} reads, so there is nothing to write; see whether it can be reached",
            settings.arm_endpoint,
            exchanges.len()
        ));
    }
    let mut sanitiser = Sanitiser::new(&settings.hide).at(&settings.arm_endpoint);
    let recording = Recording::of(&mut sanitiser, &settings.plan, &exchanges);
    let out = &settings.out;
    recording
        .write(out)
        .map_err(|error| format!("--out: {} cannot be written: {error}", out.display()))?;
    eprintln!(
        "{} exchanges in {}, {} of them without success. Nothing was changed, and nothing was sent to us.\n\
         Read {} before you send the folder.",
        recording.exchanges.len(),
        out.display(),
        recording.without_success(),
        out.join(REVIEW).display()
    );
    Ok(())
}

fn azure(settings: &Settings) -> Result<Arm, SettingsError> {
    let identity = Identity::new(
        settings.credential.clone(),
        settings.authority_host.as_deref(),
        settings.roots.clone(),
        Clock::System,
    )?;
    let tokens = Tokens::new(Arc::new(identity), ARM_SCOPE);
    Arm::new(settings.arm_endpoint.as_str(), tokens, &settings.roots, Clock::System)
}

//! The app's operator API, through the Functions host and with a function key, as people use it.

use anyhow::{Context as _, Result};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::http;
use crate::run_report::RunReport;

/// The operator API of a running app.
#[derive(Debug, Clone)]
pub struct Operator {
    /// `http://127.0.0.1:PORT/api`.
    pub base: String,
    pub key: String,
    client: Client,
}

/// What the app knows of a workload's runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Runs {
    /// The number of the incident that is open.
    pub open_incident: Option<u64>,
    /// How many incidents there were, with the open one.
    pub incidents: usize,
    /// All runs that it names, the newest last.
    pub names: Vec<String>,
    /// Our own probe of the application is good.
    pub probe_is_good: bool,
}

impl Operator {
    pub(crate) fn new(url: &str, key: &str) -> Result<Self> {
        let base = format!("{url}/api");
        Ok(Self { base, key: key.to_owned(), client: http::client()? })
    }

    /// Where Azure Monitor sends alerts.
    pub fn alert_url(&self) -> String {
        format!("{}/alerts?code={}", self.base, self.key)
    }

    pub async fn put_plan(&self, workload: &str, plan: &Value) -> Result<()> {
        let path = format!("workloads/{workload}/plan");
        self.call(Method::PUT, &path, Some(plan)).await.map(drop)
    }

    pub async fn workload(&self, workload: &str) -> Result<Value> {
        self.call(Method::GET, &format!("workloads/{workload}"), None).await
    }

    /// The runs of a workload.
    pub async fn runs(&self, workload: &str) -> Result<Runs> {
        Ok(Runs::of(&self.workload(workload).await?))
    }

    /// Starts a failover (`planned`, `forced`); its run.
    pub async fn fail_over(&self, workload: &str, manner: &str, reason: &str) -> Result<String> {
        let path = format!("workloads/{workload}/failover");
        let body = json!({"manner": manner, "reason": reason});
        started(&self.call(Method::POST, &path, Some(&body)).await?)
    }

    /// Starts a drill; its run.
    pub async fn drill(&self, workload: &str, reason: &str) -> Result<String> {
        let path = format!("workloads/{workload}/drill");
        started(&self.call(Method::POST, &path, Some(&json!({"reason": reason}))).await?)
    }

    pub async fn abort(&self, run: &str, reason: &str) -> Result<()> {
        let body = json!({"reason": reason});
        self.call(Method::POST, &format!("runs/{run}/abort"), Some(&body)).await.map(drop)
    }

    pub async fn run(&self, run: &str) -> Result<RunReport> {
        RunReport::read(self.call(Method::GET, &format!("runs/{run}"), None).await?)
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let url = format!("{}/{path}", self.base);
        let headers = [("x-functions-key", self.key.as_str())];
        let answer = http::call(&self.client, method.clone(), &url, &headers, body).await?;
        answer.good(&format!("the app's {method} /api/{path}"))
    }
}

impl Runs {
    fn of(workload: &Value) -> Self {
        let watch = &workload["watch"];
        let incident = &watch["incident"];
        let past = watch["past"].as_array().map_or(&[][..], Vec::as_slice);
        let mut names: Vec<String> = Vec::new();
        let open = workload["open_runs"].as_array().into_iter().flatten();
        let runs = past.iter().map(|past| &past["run"]).chain([&incident["run"]]).chain(open);
        for run in runs.filter_map(Value::as_str) {
            if !names.iter().any(|known| known == run) {
                names.push(run.to_owned());
            }
        }
        Self {
            open_incident: incident["number"].as_u64(),
            incidents: past.len() + usize::from(!incident.is_null()),
            names,
            probe_is_good: !watch["probe"]["good_since"].is_null(),
        }
    }
}

fn started(answer: &Value) -> Result<String> {
    let run = answer["run"].as_str();
    run.map(str::to_owned).with_context(|| format!("no run in the app's answer {answer}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runs_of_open_and_past_incidents_and_drills_are_found_once() {
        let workload = json!({
            "open_runs": ["cafe-incident-2", "cafe-drill-7"],
            "watch": {
                "probe": {"good_since": null},
                "incident": {"number": 2, "run": "cafe-incident-2"},
                "past": [{"number": 1, "run": "cafe-incident-1"}],
            },
        });

        let runs = Runs::of(&workload);

        assert_eq!(runs.names, ["cafe-incident-1", "cafe-incident-2", "cafe-drill-7"]);
        assert_eq!((runs.incidents, runs.open_incident), (2, Some(2)));
        assert!(!runs.probe_is_good);
        assert_eq!(Runs::of(&Value::Null), Runs::default());
    }
}

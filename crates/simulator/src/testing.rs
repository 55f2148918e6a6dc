//! How tests talk to a world: through its doors, in virtual time.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::door::{Answer, Door, Request};
use crate::regions::Region;
use crate::tutorial::Options;
use crate::world::World;

/// The path of a failover group or server's things: `sql(Region::WestUs, "/failoverGroups/x")`.
pub(crate) fn sql(region: Region, rest: &str) -> String {
    let server = match region {
        Region::EastUs => "sqlserverprimary-cafe",
        Region::WestUs => "sqlserversecondary-cafe",
    };
    arm(
        &format!("sql-{}", region.name()),
        &format!("Microsoft.Sql/servers/{server}{rest}"),
        "2021-11-01",
    )
}

/// The path of a resource in a group, with its version.
pub(crate) fn arm(group: &str, resource: &str, version: &str) -> String {
    let separator = if resource.contains('?') { '&' } else { '?' };
    format!(
        "/subscriptions/{}/resourceGroups/{group}/providers/{resource}{separator}api-version={version}",
        crate::tutorial::SUBSCRIPTION,
    )
}

/// A world with a clock and a token.
#[derive(Debug, Clone)]
pub(crate) struct Azure {
    pub(crate) world: World,
    pub(crate) now: Timestamp,
    token: String,
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Got {
    Reply(Reply),
    Hang,
    Reset,
}

/// A response, read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) after: SignedDuration,
}

impl Azure {
    pub(crate) fn new(seed: u64) -> Self {
        Self::with(&Options { seed, ..Options::default() })
    }

    pub(crate) fn with(options: &Options) -> Self {
        let mut azure =
            Self { world: World::tutorial(options), now: options.started_at, token: String::new() };
        azure.token = azure.token_for("https://management.azure.com/");
        azure
    }

    /// A token of the managed identity.
    pub(crate) fn token_for(&mut self, resource: &str) -> String {
        let reply = self.ask(&Request {
            door: Door::Identity,
            method: "GET".into(),
            target: format!("/msi/token?api-version=2019-08-01&resource={resource}"),
            headers: vec![("x-identity-header".into(), "secret".into())],
            body: Vec::new(),
        });
        reply.reply().body()["access_token"].as_str().expect("a token").to_owned()
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, seconds: f64) {
        self.now += SignedDuration::try_from_secs_f64(seconds).expect("a short time");
        self.world.advance(self.now);
    }

    pub(crate) fn ask(&mut self, request: &Request) -> Got {
        match self.world.handle(self.now, request) {
            Answer::Hang => Got::Hang,
            Answer::Reset => Got::Reset,
            Answer::Reply { after, response } => Got::Reply(Reply {
                status: response.status,
                headers: response.headers,
                text: String::from_utf8(response.body).expect("text"),
                after,
            }),
        }
    }

    /// A request to ARM as the app makes it.
    pub(crate) fn request(&self, method: &str, target: &str, body: Option<&Value>) -> Request {
        Request {
            door: Door::Arm,
            method: method.into(),
            target: target.into(),
            headers: vec![
                ("host".into(), "management.azure.com".into()),
                ("authorization".into(), format!("Bearer {}", self.token)),
            ],
            body: body.map(|body| body.to_string().into_bytes()).unwrap_or_default(),
        }
    }

    pub(crate) fn try_arm(&mut self, method: &str, target: &str, body: Option<&Value>) -> Got {
        let request = self.request(method, target, body);
        self.ask(&request)
    }

    pub(crate) fn get(&mut self, target: &str) -> Reply {
        self.try_arm("GET", target, None).reply()
    }

    pub(crate) fn post(&mut self, target: &str) -> Reply {
        self.try_arm("POST", target, None).reply()
    }

    pub(crate) fn send(&mut self, method: &str, target: &str, body: &Value) -> Reply {
        self.try_arm(method, target, Some(body)).reply()
    }

    /// Asks a URL that ARM gave, as it is.
    pub(crate) fn poll(&mut self, url: &str) -> Reply {
        let target = url.strip_prefix("https://management.azure.com").expect("on the ARM host");
        self.get(target)
    }

    /// The control API.
    pub(crate) fn control(&mut self, method: &str, path: &str, body: &Value) -> Value {
        let got = self.ask(&Request {
            door: Door::Control,
            method: method.into(),
            target: format!("/control/{path}"),
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
        });
        let reply = got.reply();
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.body()
    }

    pub(crate) fn lose(&mut self, region: Region) {
        self.control("POST", &format!("regions/{}", region.name()), &json!({"health": "down"}));
    }

    pub(crate) fn restore(&mut self, region: Region) {
        self.control("POST", &format!("regions/{}", region.name()), &json!({"health": "up"}));
    }
}

impl Got {
    pub(crate) fn reply(self) -> Reply {
        match self {
            Self::Reply(reply) => reply,
            other => panic!("no answer: {other:?}"),
        }
    }
}

impl Reply {
    pub(crate) fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn code(&self) -> String {
        self.body()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

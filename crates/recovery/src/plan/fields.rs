//! Every field of a plan and what it may hold: the one table that the checker walks.
//!
//! The published schema (`schemas/plan.schema.json`) and `docs/plan.md` say the same; tests hold
//! the three together.

use super::errors::Complaint;
use super::resource_types::{self as types, ResourceType};
use super::{schedule, texts};

/// One field of an object.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) shape: Shape,
}

/// What a value may be.
#[derive(Debug)]
pub(super) enum Shape {
    Flag,
    Whole {
        min: u32,
        max: u32,
    },
    Choice(&'static [&'static str]),
    Text(fn(&str) -> Result<(), Complaint>),
    Id(&'static ResourceType),
    Object(&'static [Field]),
    /// An object whose field `kind` says which other fields it has.
    Kinds(&'static [(&'static str, &'static [Field])]),
    List {
        of: &'static Shape,
        max: usize,
    },
}

/// A recovery plan holds at most 100 machines (doc: Site Recovery, recovery plan overview).
pub(super) const MAX_PUBLIC_IPS: usize = 100;

const DAY: u32 = 24 * 60 * 60;
const WEEK: u32 = 7 * DAY;

pub(super) static PLAN: Shape = Shape::Object(&[
    // Editors find the schema by it; it is no part of the plan.
    optional("$schema", Shape::Text(texts::anything)),
    required("version", Shape::Whole { min: 1, max: 1 }),
    required("workload", Shape::Text(texts::workload)),
    optional("mode", Shape::Choice(&["observe", "approve", "automatic"])),
    optional("accept_unmeasured_data_loss", Shape::Flag),
    required("objectives", Shape::Object(OBJECTIVES)),
    optional("cooldown_s", Shape::Whole { min: 60, max: WEEK }),
    required("preferred", Shape::Object(SITE)),
    required("standby", Shape::Object(SITE)),
    required("failover_group", Shape::Text(texts::failover_group)),
    required("traffic_manager_profile", Shape::Id(&types::TRAFFIC_MANAGER_PROFILE)),
    required("site_recovery", Shape::Object(SITE_RECOVERY)),
    required("application", Shape::Object(APPLICATION)),
    optional("drill", Shape::Object(DRILL)),
    optional("notify", Shape::Object(NOTIFY)),
]);

const OBJECTIVES: &[Field] = &[
    required("rto_s", Shape::Whole { min: 1, max: WEEK }),
    // Both replications are asynchronous: no plan can promise that nothing is lost.
    required("rpo_s", Shape::Whole { min: 1, max: WEEK }),
];

const SITE: &[Field] = &[
    required("region", Shape::Text(texts::region)),
    required("sql_server", Shape::Id(&types::SQL_SERVER)),
    required("traffic_endpoint", Shape::Id(&types::TRAFFIC_ENDPOINT)),
    required(
        "entry",
        Shape::Kinds(&[("application_gateway", APPLICATION_GATEWAY), ("ibm_http_server", &[])]),
    ),
    optional("public_ips", Shape::List { of: &Shape::Object(PUBLIC_IP), max: MAX_PUBLIC_IPS }),
];

const APPLICATION_GATEWAY: &[Field] = &[
    required("gateway", Shape::Id(&types::APPLICATION_GATEWAY)),
    // A backend pool holds at most 1200 targets (doc: Application Gateway limits).
    optional("min_healthy", Shape::Whole { min: 1, max: 1200 }),
];

const PUBLIC_IP: &[Field] = &[
    required("machine", Shape::Text(texts::machine)),
    required("public_ip", Shape::Id(&types::PUBLIC_IP)),
];

const SITE_RECOVERY: &[Field] = &[
    required("vault", Shape::Id(&types::VAULT)),
    required("recovery_plan", Shape::Text(texts::recovery_plan)),
    optional("recovery_point", Shape::Choice(&["latest_processed", "latest"])),
];

const APPLICATION: &[Field] = &[
    required("path", Shape::Text(texts::path)),
    optional("data_path", Shape::Text(texts::path)),
    optional("data_contains", Shape::Text(texts::contained)),
];

const DRILL: &[Field] = &[
    required("schedule", Shape::Text(schedule::check_schedule)),
    optional("time_zone", Shape::Text(schedule::check_time_zone)),
    required("network", Shape::Id(&types::VIRTUAL_NETWORK)),
    optional("hold_s", Shape::Whole { min: 0, max: DAY / 6 }),
];

const NOTIFY: &[Field] = &[required("webhook", Shape::Text(texts::webhook))];

const fn required(name: &'static str, shape: Shape) -> Field {
    Field { name, required: true, shape }
}

const fn optional(name: &'static str, shape: Shape) -> Field {
    Field { name, required: false, shape }
}

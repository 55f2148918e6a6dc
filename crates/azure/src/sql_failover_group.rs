//! Azure SQL failover groups.
//!
//! A group is two resources, one on each server; each tells its own point of view and may lag or
//! disagree while a failover runs. The request to fail over goes to the server that shall become
//! primary (doc; Azure/azure-rest-api-specs#9557).

use serde_json::Value;

use crate::json::Read;
use crate::request::below;
use crate::{Error, Kind, Request, ResourceId, Response, operation};

pub const API_VERSION: &str = "2021-11-01";

/// A failover group as one of its servers sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailoverGroup {
    pub id: ResourceId,
    /// The role of the server that was asked.
    pub role: Role,
    /// `CATCH_UP`, `SUSPENDED`, `SEEDING`, `PENDING` or what may come. A promoted server says
    /// `SUSPENDED` until the other one is back (recorded), so this is no sign of failure.
    pub state: Option<String>,
    pub policy: FailoverPolicy,
    pub partners: Vec<Partner>,
    /// The databases on the server that was asked.
    pub databases: Vec<ResourceId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    pub server: ResourceId,
    pub location: Option<String>,
    pub role: Option<Role>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    Primary,
    Secondary,
    Other(String),
}

/// Who decides a failover. Microsoft's own (`Automatic`) would race ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailoverPolicy {
    Manual,
    Automatic,
    Other(String),
}

/// The group's id on a server.
pub fn id(server: &ResourceId, group: &str) -> ResourceId {
    server.child("failoverGroups", group)
}

/// Reads the group from one of its servers.
pub fn get(server: &ResourceId, group: &str) -> Request {
    Request::get(
        id(server, group).as_str(),
        API_VERSION,
        "Microsoft.Sql/servers/failoverGroups/read",
    )
}

/// Planned failover: full synchronisation first, so no write is lost; needs the primary.
/// `secondary` is the server that shall become primary.
pub fn failover(secondary: &ResourceId, group: &str) -> Request {
    Request::post(
        below(&id(secondary, group), "failover"),
        API_VERSION,
        "Microsoft.Sql/servers/failoverGroups/failover/action",
        Kind::Destructive,
    )
}

/// Forced failover: writes that were not replicated are lost.
/// `secondary` is the server that shall become primary.
pub fn force_failover_allow_data_loss(secondary: &ResourceId, group: &str) -> Request {
    Request::post(
        below(&id(secondary, group), "forceFailoverAllowDataLoss"),
        API_VERSION,
        "Microsoft.Sql/servers/failoverGroups/forceFailoverAllowDataLoss/action",
        Kind::Destructive,
    )
}

/// Asks how a failover stands, at its `Azure-AsyncOperation` address.
pub fn poll(url: &str) -> Request {
    operation::poll(url, "Microsoft.Sql/locations/failoverGroupAzureAsyncOperation/read")
}

/// Asks for a failover's result, at its `Location` address.
pub fn poll_result(url: &str) -> Request {
    operation::poll(url, "Microsoft.Sql/locations/failoverGroupOperationResults/read")
}

pub fn parse(response: &Response) -> Result<FailoverGroup, Error> {
    const WHAT: &str = "failover group";
    let body = response.json(WHAT)?;
    Ok(FailoverGroup {
        id: body.need_id("/id", WHAT)?,
        role: Role::read(&body.need("/properties/replicationRole", WHAT)?),
        state: body.string("/properties/replicationState"),
        policy: FailoverPolicy::read(
            &body.need("/properties/readWriteEndpoint/failoverPolicy", WHAT)?,
        ),
        partners: body
            .list("/properties/partnerServers")
            .iter()
            .filter_map(Partner::read)
            .collect(),
        databases: body
            .list("/properties/databases")
            .iter()
            .filter_map(|id| ResourceId::parse(id.as_str()?).ok())
            .collect(),
    })
}

/// The refusal that says the server is primary already. Believe it only after looking
/// (Azure/azure-rest-api-specs#9557).
pub fn says_already_primary(error: &Error) -> bool {
    matches!(
        error.code(),
        Some("FailoverGroupFailoverRequestOnPrimary" | "FailoverGroupNotSecondary")
    )
}

impl Role {
    fn read(word: &str) -> Self {
        match word {
            word if word.eq_ignore_ascii_case("primary") => Self::Primary,
            word if word.eq_ignore_ascii_case("secondary") => Self::Secondary,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl FailoverPolicy {
    fn read(word: &str) -> Self {
        match word {
            word if word.eq_ignore_ascii_case("manual") => Self::Manual,
            word if word.eq_ignore_ascii_case("automatic") => Self::Automatic,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl Partner {
    fn read(value: &Value) -> Option<Self> {
        Some(Self {
            server: value.id("/id")?,
            location: value.string("/location"),
            role: value.text("/replicationRole").map(Role::read),
        })
    }
}

//! Azure SQL failover groups, from either server, and the port that tells whether one listens.

use azure::{Request, sql_failover_group as sql};
use jiff::SignedDuration;
use recovery::ResourceId;
use recovery::effect::Manner;
use recovery::view::{FailoverGroup, Replication, Role, SqlPort, View};

use super::{arm_id, read};
use crate::outside::Outside;

/// The public cloud's suffix; the server's name goes before it (doc: Azure SQL connectivity).
const SUFFIX: &str = "database.windows.net";
const PORT: u16 = 1433;

pub(super) async fn observe(
    outside: &Outside,
    server: &ResourceId,
    group: &str,
    limit: SignedDuration,
) -> Result<View, String> {
    let response = read(outside, &sql::get(&arm_id(server)?, group), limit).await?;
    let seen = sql::parse(&response).map_err(|error| error.to_string())?;
    let role = role(&seen.role).ok_or_else(|| {
        format!("the server's role is {:?}: neither primary nor secondary", seen.role)
    })?;
    Ok(View::FailoverGroup(FailoverGroup {
        role,
        partner_role: seen.partners.first().and_then(|partner| role_of(partner.role.as_ref())),
        replication: replication(seen.state.as_deref()),
        managed_by_service: seen.policy == sql::FailoverPolicy::Automatic,
    }))
}

pub(super) async fn port(
    outside: &Outside,
    server: &ResourceId,
    limit: SignedDuration,
) -> Result<View, String> {
    let host = format!("{}.{SUFFIX}", server.name().to_ascii_lowercase());
    // A refused or unanswered connection is an answer about the port, not a lack of one.
    let accepts = outside.probes.connect(&host, PORT, limit).await.is_ok();
    Ok(View::SqlPort(SqlPort { accepts }))
}

pub(super) fn promote(server: &ResourceId, group: &str, manner: Manner) -> Result<Request, String> {
    let server = arm_id(server)?;
    Ok(match manner {
        Manner::Planned => sql::failover(&server, group),
        Manner::Forced => sql::force_failover_allow_data_loss(&server, group),
    })
}

fn role(role: &sql::Role) -> Option<Role> {
    match role {
        sql::Role::Primary => Some(Role::Primary),
        sql::Role::Secondary => Some(Role::Secondary),
        sql::Role::Other(_) => None,
    }
}

fn role_of(known: Option<&sql::Role>) -> Option<Role> {
    known.and_then(role)
}

fn replication(state: Option<&str>) -> Replication {
    match state.unwrap_or_default() {
        "CATCH_UP" => Replication::CatchUp,
        "SUSPENDED" => Replication::Suspended,
        "SEEDING" => Replication::Seeding,
        "PENDING" => Replication::Pending,
        other => Replication::Other(other.to_owned()),
    }
}

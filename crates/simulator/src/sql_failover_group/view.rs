//! The bodies that ARM shows of servers, databases, links and the failover group.

use serde_json::{Value, json};

use super::{DATABASE, GROUP, Policy, Replication, Role};
use crate::regions::Region;
use crate::tutorial::SUBSCRIPTION;
use crate::world::World;

/// The one replication link of the database, the same name on both ends.
pub(super) const LINK: &str = "fb92de60-eb87-4a58-b250-3362d0cfdf26";

pub(super) fn server_name(region: Region) -> &'static str {
    match region {
        Region::EastUs => "sqlserverprimary-cafe",
        Region::WestUs => "sqlserversecondary-cafe",
    }
}

pub(super) fn resource_group(region: Region) -> String {
    format!("sql-{}", region.name())
}

fn server_id(region: Region) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/{}/providers/Microsoft.Sql/servers/{}",
        resource_group(region),
        server_name(region),
    )
}

/// The failover group as the region's server sees it.
pub(super) fn group(world: &World, region: Region) -> Value {
    let server = world.sql.server(region);
    let partner = region.other();
    let mut read_write = json!({"failoverPolicy": "Manual"});
    if let Policy::Automatic { grace_minutes } = world.sql.policy {
        read_write = json!({
            "failoverPolicy": "Automatic",
            "failoverWithDataLossGracePeriodMinutes": grace_minutes,
        });
    }
    let id = server_id(region);
    json!({
        "location": region.display_name(),
        "properties": {
            "readWriteEndpoint": read_write,
            "readOnlyEndpoint": {"failoverPolicy": "Disabled"},
            "replicationRole": server.shown.name(),
            "replicationState": server.replication.name(),
            "partnerServers": [{
                "id": server_id(partner),
                "location": partner.display_name(),
                "replicationRole": server.shown.other().name(),
            }],
            "databases": [format!("{id}/databases/{DATABASE}")],
        },
        "id": format!("{id}/failoverGroups/{GROUP}"),
        "name": GROUP,
        "type": "Microsoft.Sql/servers/failoverGroups",
    })
}

pub(super) fn server(region: Region) -> Value {
    json!({
        "kind": "v12.0",
        "properties": {
            "administratorLogin": "azureuser",
            "version": "12.0",
            "state": "Ready",
            "fullyQualifiedDomainName": format!("{}.database.windows.net", server_name(region)),
            "privateEndpointConnections": [],
            "minimalTlsVersion": "1.2",
            "publicNetworkAccess": "Enabled",
            "restrictOutboundNetworkAccess": "Disabled",
        },
        "location": region.name(),
        "id": server_id(region),
        "name": server_name(region),
        "type": "Microsoft.Sql/servers",
    })
}

pub(super) fn database(world: &World, region: Region) -> Value {
    let mut properties = json!({
        "collation": "SQL_Latin1_General_CP1_CI_AS",
        "maxSizeBytes": 34_359_738_368_i64,
        "status": "Online",
        "defaultSecondaryLocation": region.other().name(),
        "failoverGroupId": format!("{}/failoverGroups/{GROUP}", server_id(region)),
    });
    if world.sql.server(region).role == Role::Secondary {
        properties["secondaryType"] = json!("Geo");
    }
    json!({
        "sku": {"name": "GP_Gen5", "tier": "GeneralPurpose", "family": "Gen5", "capacity": 2},
        "kind": "v12.0,user,vcore",
        "properties": properties,
        "location": region.name(),
        "id": format!("{}/databases/{DATABASE}", server_id(region)),
        "name": DATABASE,
        "type": "Microsoft.Sql/servers/databases",
    })
}

/// The database's link as the region's server sees it. ARM has no lag in it.
pub(super) fn link(world: &World, region: Region) -> Value {
    let server = world.sql.server(region);
    let partner = region.other();
    json!({
        "properties": {
            "partnerServer": server_name(partner),
            "partnerDatabase": DATABASE,
            "partnerLocation": partner.display_name(),
            "role": server.shown.name(),
            "partnerRole": server.shown.other().name(),
            "replicationMode": "ASYNC",
            "startTime": "2026-10-01T08:11:46.907Z",
            "percentComplete": 100,
            "replicationState": server.replication.name(),
            "isTerminationAllowed": false,
            "linkType": "GEO",
        },
        "id": format!("{}/databases/{DATABASE}/replicationLinks/{LINK}", server_id(region)),
        "name": LINK,
        "type": "Microsoft.Sql/servers/databases/replicationLinks",
    })
}

impl Replication {
    fn name(self) -> &'static str {
        match self {
            Self::CatchUp => "CATCH_UP",
            Self::Suspended => "SUSPENDED",
        }
    }
}

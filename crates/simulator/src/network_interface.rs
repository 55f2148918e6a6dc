//! Network interfaces and public addresses.
//!
//! A PUT replaces the whole interface: what it leaves out is gone. Its effect on the network comes
//! when its operation ends.

mod body;
mod put;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::door::{Answer, Response};
use crate::fidelity::Fidelity;
use crate::operations::ArmRequest;
use crate::regions::Region;
use crate::resource_id::ResourceId;
use crate::tutorial::{Options, SUBSCRIPTION};
use crate::virtual_machine;
use crate::world::World;

/// What is known of interfaces and public addresses.
pub(crate) const FIDELITY: &[Fidelity] = &[
    Fidelity::recorded(
        "PUT answers 200 with the whole interface and Azure-AsyncOperation; the etag is in the body only",
        "azure-cli network interface recordings",
    ),
    Fidelity::documented(
        "PATCH takes tags only; If-Match of another etag is 412",
        "network 2024-01-01",
    ),
    Fidelity::documented(
        "a field that a PUT leaves out is removed",
        "network 2024-01-01: PUT is the full resource",
    ),
    Fidelity::guess(
        "the names PublicIPAddressInUse, InvalidResourceReference, AnotherOperationInProgress and RetryableErrorDueToAnotherOperation",
        "from memory of the service; no recording",
    ),
    Fidelity::guess(
        "read-only properties that are written back with an interface are ignored",
        "official clients leave them out; no recording shows it",
    ),
    Fidelity::guess(
        "a new association carries traffic when the operation ends",
        "1 to 30 s are recorded for the operation",
    ),
    Fidelity::guess("a public address' label has a time to live of 10 s", "not documented"),
];

/// The time to live of a label, in seconds.
const LABEL_TTL: u32 = 10;

/// All interfaces and public addresses.
#[derive(Debug, Clone)]
pub(crate) struct State {
    interfaces: BTreeMap<ResourceId, Interface>,
    addresses: BTreeMap<ResourceId, PublicAddress>,
}

/// A network interface with one ip configuration, `ipconfig1`.
#[derive(Debug, Clone)]
pub(crate) struct Interface {
    id: ResourceId,
    region: Region,
    machine: Option<ResourceId>,
    private_ip: Ipv4Addr,
    is_static: bool,
    subnet: String,
    public_address: Option<ResourceId>,
    /// Writable properties that are kept as they came: security group, DNS, acceleration …
    others: BTreeMap<String, Value>,
    tags: Value,
    etag: u64,
    /// Until when the last update runs.
    updating_until: Option<Timestamp>,
    /// From when on its public address leads to it.
    reachable_from: Option<Timestamp>,
}

/// A public address.
#[derive(Debug, Clone)]
pub(crate) struct PublicAddress {
    id: ResourceId,
    region: Region,
    address: Ipv4Addr,
    label: String,
    /// The ip configuration that has it, of an interface or a gateway.
    holder: Option<ResourceId>,
}

/// An interface to be made.
#[derive(Debug, Clone)]
pub(crate) struct NewInterface {
    pub(crate) id: ResourceId,
    pub(crate) region: Region,
    pub(crate) machine: ResourceId,
    pub(crate) private_ip: Ipv4Addr,
    pub(crate) is_static: bool,
    pub(crate) subnet: String,
    pub(crate) public_address: Option<ResourceId>,
}

/// What the tutorial's addresses are for, and the last part of each.
const ADDRESSES: [(&str, u8); 3] = [("agw", 10), ("ihs", 20), ("dmgr", 30)];

impl State {
    pub(crate) fn tutorial(_options: &Options) -> Self {
        let mut state = Self { interfaces: BTreeMap::new(), addresses: BTreeMap::new() };
        for region in Region::BOTH {
            for (what, host) in ADDRESSES {
                let name = format!("{what}-public-ip-{}", region.name());
                let id = resource(region, "publicIPAddresses", &name);
                let address = match region {
                    Region::EastUs => Ipv4Addr::new(203, 0, 113, host),
                    Region::WestUs => Ipv4Addr::new(198, 51, 100, host),
                };
                let gateway =
                    resource(region, "applicationGateways", &format!("agw-{}", region.name()));
                let holder = (what == "agw").then(|| {
                    ResourceId::new(format!(
                        "{gateway}/frontendIPConfigurations/appGwPublicFrontendIp"
                    ))
                });
                let label = format!("{what}-cafe");
                let public = PublicAddress { id: id.clone(), region, address, label, holder };
                state.addresses.insert(id, public);
            }
        }
        for (name, _, host) in virtual_machine::TUTORIAL {
            let public =
                ADDRESSES.iter().find(|(what, _)| *what != "agw" && name.starts_with(what));
            let public = public.map(|(what, _)| {
                resource(Region::EastUs, "publicIPAddresses", &format!("{what}-public-ip-eastus"))
            });
            let machine = ResourceId::new(format!(
                "/subscriptions/{SUBSCRIPTION}/resourceGroups/was-cluster-eastus/providers/Microsoft.Compute/virtualMachines/{name}"
            ));
            let network = resource(Region::EastUs, "virtualNetworks", "vnet-was-eastus");
            state.add(NewInterface {
                id: resource(Region::EastUs, "networkInterfaces", &format!("{name}-nic")),
                region: Region::EastUs,
                machine,
                private_ip: Ipv4Addr::new(10, 0, 0, *host),
                is_static: true,
                subnet: format!("{network}/subnets/subnet-was"),
                public_address: public,
            });
        }
        state
    }

    fn add(&mut self, new: NewInterface) {
        // An address that another interface has stays there.
        let public_address = new
            .public_address
            .filter(|id| self.addresses.get(id).is_some_and(|public| public.holder.is_none()));
        let interface = Interface {
            id: new.id.clone(),
            region: new.region,
            machine: Some(new.machine),
            private_ip: new.private_ip,
            is_static: new.is_static,
            subnet: new.subnet,
            public_address: public_address.clone(),
            others: BTreeMap::from([(
                "networkSecurityGroup".to_owned(),
                json!({"id": resource(new.region, "networkSecurityGroups", "nsg-was").as_str()}),
            )]),
            tags: json!({}),
            etag: 1,
            updating_until: None,
            reachable_from: None,
        };
        if let Some(public) = public_address.and_then(|id| self.addresses.get_mut(&id)) {
            public.holder = Some(interface.configuration());
        }
        self.interfaces.insert(new.id, interface);
    }
}

impl Interface {
    /// The id of its ip configuration.
    fn configuration(&self) -> ResourceId {
        ResourceId::new(format!("{}/ipConfigurations/ipconfig1", self.id))
    }

    fn is_updating(&self, now: Timestamp) -> bool {
        self.updating_until.is_some_and(|until| now < until)
    }
}

/// Makes an interface; with a public address, when that is free.
pub(crate) fn create(world: &mut World, new: NewInterface) {
    if !world.network.interfaces.contains_key(&new.id) {
        world.network.add(new);
    }
}

/// Deletes an interface and frees its public address.
pub(crate) fn delete(world: &mut World, id: &ResourceId) {
    let Some(interface) = world.network.interfaces.remove(id) else { return };
    if let Some(public) =
        interface.public_address.and_then(|id| world.network.addresses.get_mut(&id))
    {
        public.holder = None;
    }
}

/// The machine that a public address leads to now.
pub(crate) fn attached(world: &World, address: Ipv4Addr) -> Option<ResourceId> {
    let public = world.network.addresses.values().find(|public| public.address == address)?;
    let holder = public.holder.as_ref()?;
    let interface =
        world.network.interfaces.values().find(|interface| interface.configuration() == *holder)?;
    interface.machine.clone().filter(|_| interface.reachable_from.is_none_or(|at| at <= world.now))
}

/// The public address of a name in `cloudapp.azure.com`: it resolves whether anything has it or not.
pub(crate) fn resolve(world: &World, name: &str) -> Option<(Vec<Ipv4Addr>, u32)> {
    let name = name.trim_end_matches('.');
    let public =
        world.network.addresses.values().find(|public| public.name().eq_ignore_ascii_case(name))?;
    Some((vec![public.address], LABEL_TTL))
}

impl PublicAddress {
    /// Its DNS name.
    fn name(&self) -> String {
        format!("{}.{}.cloudapp.azure.com", self.label, self.region.name())
    }
}

/// Answers what is asked of interfaces and public addresses; `None` when it is about neither.
pub(crate) fn handle(world: &mut World, request: &ArmRequest<'_>) -> Option<Answer> {
    const GROUP: &str = "/subscriptions/*/resourceGroups/*/providers/Microsoft.Network";
    let pattern = |tail: &str| format!("{GROUP}/{tail}");
    for kind in ["networkInterfaces", "publicIPAddresses"] {
        let all = format!("/subscriptions/*/providers/Microsoft.Network/{kind}");
        if let Some([subscription]) = request.capture("GET", &all) {
            let prefix = format!("/subscriptions/{subscription}/");
            return Some(list(world, &prefix, kind).into());
        }
        if let Some([subscription, group]) = request.capture("GET", &pattern(kind)) {
            let prefix = format!("/subscriptions/{subscription}/resourceGroups/{group}/");
            return Some(list(world, &prefix, kind).into());
        }
        let Some([subscription, group, name]) =
            request.capture_path(&pattern(&format!("{kind}/*")))
        else {
            continue;
        };
        let id = ResourceId::new(format!(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/{kind}/{name}"
        ));
        let response = match (request.method, kind) {
            ("GET", "networkInterfaces") => match world.network.interfaces.get(&id) {
                Some(interface) => Response::json(200, &body::interface(interface, world.now)),
                None => body::not_found(kind, &id),
            },
            ("PUT", "networkInterfaces") => put::put(world, request, &id),
            ("PATCH", "networkInterfaces") => put::patch(world, request, &id),
            ("GET", _) => match world.network.addresses.get(&id) {
                Some(public) => Response::json(200, &body::public_address(public)),
                None => body::not_found(kind, &id),
            },
            _ => Response::error(405, "MethodNotAllowed", "The method is not allowed here."),
        };
        return Some(response.into());
    }
    None
}

fn list(world: &World, prefix: &str, kind: &str) -> Response {
    let prefix = prefix.to_lowercase();
    let within = |id: &ResourceId| id.as_str().to_lowercase().starts_with(&prefix);
    let values: Vec<Value> = if kind == "networkInterfaces" {
        let found = world.network.interfaces.values().filter(|interface| within(&interface.id));
        found.map(|interface| body::interface(interface, world.now)).collect()
    } else {
        let found = world.network.addresses.values().filter(|public| within(&public.id));
        found.map(body::public_address).collect()
    };
    Response::json(200, &json!({"value": values}))
}

/// A network resource of a region's resource group.
fn resource(region: Region, kind: &str, name: &str) -> ResourceId {
    ResourceId::new(format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/was-cluster-{}/providers/Microsoft.Network/{kind}/{name}",
        region.name()
    ))
}

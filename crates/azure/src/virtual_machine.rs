//! Virtual machines.

use serde_json::Value;

use crate::json::Read;
use crate::request::below;
use crate::{Error, Kind, Request, ResourceId, Response, operation};

pub const API_VERSION: &str = "2024-07-01";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualMachine {
    pub id: ResourceId,
    pub name: String,
    pub location: Option<String>,
    /// `Succeeded`, `Creating`, `Updating`, `Failed`, …
    pub provisioning_state: Option<String>,
    /// Known only to [`get`]; a list leaves it out.
    pub power: Option<Power>,
    pub interfaces: Vec<Interface>,
    /// Whether the agent inside reports that it is ready.
    pub agent_ready: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    pub id: ResourceId,
    pub primary: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Power {
    Running,
    Starting,
    Stopping,
    /// Shut down from inside: stopped but still billed.
    Stopped,
    Deallocating,
    Deallocated,
    Other(String),
}

/// One page of a list, and where the next one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub machines: Vec<VirtualMachine>,
    pub next: Option<String>,
}

/// The machine with its instance view, which tells its power state.
pub fn get(machine: &ResourceId) -> Request {
    Request::get(machine.as_str(), API_VERSION, READ).with_query("$expand", "instanceView")
}

/// The machines of a resource group, `…/resourceGroups/g`.
pub fn list(resource_group: &ResourceId) -> Request {
    let path = below(resource_group, "providers/Microsoft.Compute/virtualMachines");
    Request::get(path, API_VERSION, READ)
}

/// The next page of [`list`], at the address the last one gave.
pub fn next_page(url: &str) -> Request {
    Request::follow(url, READ)
}

/// Stops the machine and gives its capacity back.
pub fn deallocate(machine: &ResourceId) -> Request {
    Request::post(
        below(machine, "deallocate"),
        API_VERSION,
        "Microsoft.Compute/virtualMachines/deallocate/action",
        Kind::Reversible,
    )
}

pub fn start(machine: &ResourceId) -> Request {
    Request::post(
        below(machine, "start"),
        API_VERSION,
        "Microsoft.Compute/virtualMachines/start/action",
        Kind::Reversible,
    )
}

/// Asks how [`deallocate`] or [`start`] stands.
pub fn poll(url: &str) -> Request {
    operation::poll(url, "Microsoft.Compute/locations/operations/read")
}

pub fn parse(response: &Response) -> Result<VirtualMachine, Error> {
    VirtualMachine::read(&response.json("virtual machine")?)
}

pub fn parse_list(response: &Response) -> Result<Page, Error> {
    let body = response.json("list of virtual machines")?;
    Ok(Page {
        machines: body.list("/value").iter().map(VirtualMachine::read).collect::<Result<_, _>>()?,
        next: body.string("/nextLink"),
    })
}

const READ: &str = "Microsoft.Compute/virtualMachines/read";

impl VirtualMachine {
    /// The primary interface, or the only one.
    pub fn primary_interface(&self) -> Option<&ResourceId> {
        let marked = self.interfaces.iter().find(|interface| interface.primary);
        let only = || (self.interfaces.len() == 1).then(|| &self.interfaces[0]);
        marked.or_else(only).map(|interface| &interface.id)
    }

    fn read(body: &Value) -> Result<Self, Error> {
        const WHAT: &str = "virtual machine";
        let view = body.list("/properties/instanceView/statuses");
        let agent = body.list("/properties/instanceView/vmAgent/statuses");
        let ready = |status: &Value| status.text("/displayStatus") == Some("Ready");
        Ok(Self {
            id: body.need_id("/id", WHAT)?,
            name: body.need("/name", WHAT)?,
            location: body.string("/location"),
            provisioning_state: body.string("/properties/provisioningState"),
            // Statuses come in any order and of several kinds; the power state may be missing.
            power: view
                .iter()
                .find_map(|status| status.text("/code")?.strip_prefix("PowerState/"))
                .map(Power::read),
            interfaces: body
                .list("/properties/networkProfile/networkInterfaces")
                .iter()
                .filter_map(|interface| {
                    let primary = interface.pointer("/properties/primary");
                    Some(Interface {
                        id: interface.id("/id")?,
                        primary: primary == Some(&Value::Bool(true)),
                    })
                })
                .collect(),
            agent_ready: (!agent.is_empty()).then(|| agent.iter().any(ready)),
        })
    }
}

impl Power {
    fn read(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "running" => Self::Running,
            "starting" => Self::Starting,
            "stopping" => Self::Stopping,
            "stopped" => Self::Stopped,
            "deallocating" => Self::Deallocating,
            "deallocated" => Self::Deallocated,
            _ => Self::Other(word.to_owned()),
        }
    }
}

//! Gives the prepared public addresses to the interfaces that Site Recovery made (found, never
//! guessed), or verifies that Site Recovery did so itself.

use super::{Assessment, Context, act, satisfied, wait};
use crate::ResourceId;
use crate::effect::Effect;
use crate::look::Look;
use crate::plan::PublicIpPlan;
use crate::view::{Interfaces, ProtectedItem, View};

pub(super) fn looks(context: &Context<'_>) -> Vec<Look> {
    let mut looks = vec![context.recovery_plan()];
    looks.extend(interfaces(context));
    looks
}

pub(super) fn assess(context: &Context<'_>) -> Assessment {
    let wanted = &context.to().public_ips;
    if wanted.is_empty() {
        return satisfied("the plan names no public addresses");
    }
    let Some(look) = interfaces(context) else {
        return wait("the machines in the new place are not known yet");
    };
    let Some(View::Interfaces(seen)) = context.fresh(&look) else {
        return wait("the interfaces have not answered");
    };
    let mut missing = Vec::new();
    let mut effects = Vec::new();
    for address in wanted {
        match one(context, address, seen) {
            Place::There => {}
            Place::Attach(effect) => effects.push(effect),
            Place::Not(why) => missing.push(why),
        }
    }
    if !effects.is_empty() {
        return act(effects);
    }
    if missing.is_empty() {
        satisfied(format!("{} public addresses are attached", wanted.len()))
    } else {
        wait(missing.join("; "))
    }
}

enum Place {
    There,
    Attach(Effect),
    Not(String),
}

fn one(context: &Context<'_>, wanted: &PublicIpPlan, seen: &Interfaces) -> Place {
    let address = &wanted.public_ip;
    let Some(machine) = machine_for(context, wanted) else {
        return Place::Not(format!("no machine in the new place is called {}", wanted.machine));
    };
    let Some(interface) = seen.interfaces.iter().find(|interface| interface.machine == machine)
    else {
        return Place::Not(format!("{} has no interface", machine.name()));
    };
    let holder = seen
        .public_ips
        .iter()
        .find(|public_ip| public_ip.id == *address)
        .and_then(|public_ip| public_ip.held_by.as_ref());
    match (holder, &interface.public_ip) {
        (Some(holder), _) if *holder == interface.id => Place::There,
        (None, Some(own)) if own == address => Place::There,
        (Some(holder), _) => Place::Not(format!("{} is held by {}", address.name(), holder.name())),
        (None, Some(other)) => {
            Place::Not(format!("{} has {} already", interface.id.name(), other.name()))
        }
        (None, None) => Place::Attach(Effect::AttachPublicIp {
            interface: interface.id.clone(),
            public_ip: address.clone(),
        }),
    }
}

fn machine_for(context: &Context<'_>, wanted: &PublicIpPlan) -> Option<ResourceId> {
    items_for(context, wanted).find_map(|item| item.recovered_machine.clone())
}

fn items_for<'a>(
    context: &Context<'a>,
    wanted: &'a PublicIpPlan,
) -> impl Iterator<Item = &'a ProtectedItem> {
    context
        .known_plan()
        .into_iter()
        .flat_map(|plan| &plan.items)
        .filter(|item| item.is_failed_over() && wanted.fits(&item.name))
}

fn interfaces(context: &Context<'_>) -> Option<Look> {
    let wanted = &context.to().public_ips;
    let machines: Vec<_> =
        wanted.iter().filter_map(|address| machine_for(context, address)).collect();
    let public_ips = wanted.iter().map(|address| address.public_ip.clone()).collect();
    (!machines.is_empty()).then_some(Look::Interfaces { machines, public_ips })
}

//! One test for each target, so that each is named when it fails. The counts keep all of them
//! together within half a minute of a slow machine.

use fuzzing::runner::{Effort, play};
use fuzzing::target_named;

macro_rules! each_bears_its_inputs {
    ($($target:ident: $mutations:literal),+ $(,)?) => {
        /// What is played, for comparison with the list.
        pub(crate) const PLAYED: &[&str] = &[$(stringify!($target)),+];
        $(#[test]
        fn $target() {
            match play(&target_named(stringify!($target)), Effort::from_environment($mutations)) {
                Ok(played) => println!("{}: {played:?}", stringify!($target)),
                Err(failure) => panic!("{failure}"),
            }
        })+
    };
}

each_bears_its_inputs! {
    alert: 200,
    arm_application_gateway: 300,
    arm_failover_group: 300,
    arm_looks: 40,
    arm_network_interface: 300,
    arm_operation: 300,
    arm_recovery_plan: 300,
    arm_resource_health: 300,
    arm_traffic_manager: 300,
    arm_virtual_machine: 300,
    date: 2000,
    document: 80,
    envelope: 200,
    journal: 80,
    message: 100,
    operator: 300,
    plan: 600,
    resource_id: 2000,
    stored_record: 2000,
}

//! What an onlooker sees of the world without asking anybody: cheap enough for every moment.

use crate::regions::Region;
use crate::sql_failover_group::{self, Role};
use crate::traffic_manager;
use crate::world::World;

/// The world at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glance {
    /// Traffic Manager's endpoints that are not disabled.
    pub enabled_endpoints: usize,
    /// Whether the region's SQL server is primary, by its own idea.
    pub east_is_primary: bool,
    pub west_is_primary: bool,
    /// Seconds so far in which a client could write into two databases.
    pub dual_writable_s: f64,
}

impl World {
    /// As it is at its last event.
    pub fn glance(&self) -> Glance {
        let is_primary = |region| sql_failover_group::role(self, region) == Role::Primary;
        Glance {
            enabled_endpoints: traffic_manager::enabled_endpoints(self),
            east_is_primary: is_primary(Region::EastUs),
            west_is_primary: is_primary(Region::WestUs),
            dual_writable_s: self.ledger.dual_writable_s,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Glance;
    use crate::tutorial::Options;
    use crate::world::World;

    #[test]
    fn at_rest_two_endpoints_are_enabled_and_the_east_is_primary() {
        let world = World::tutorial(&Options::default());

        let seen = world.glance();

        let expected = Glance {
            enabled_endpoints: 2,
            east_is_primary: true,
            west_is_primary: false,
            dual_writable_s: 0.0,
        };
        assert_eq!(seen, expected);
    }
}

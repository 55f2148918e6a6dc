//! The guards that can be taken away, each where the core meets what surrounds it.

/// Ways in which what surrounds the core breaks what the core relies upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The store says that a record was written although its number was taken.
    AppendLies,
    /// The store puts a record at the end although its number was taken.
    AppendsAnyway,
    /// Everybody gets the lease.
    LeaseLies,
    /// A lease that is not given back lasts for ever.
    LeaseLasts,
    /// The engine does not look at the clock right before the wire.
    UncheckedWire,
    /// The looks do not show that the old primary answers again.
    OldPrimaryHidden,
    /// The role is told by the server's name.
    RoleByName,
    /// A promotion that was accepted is shown as done.
    AcceptedIsDone,
    /// A look is answered with what it saw first.
    OldSights,
    /// The engine sends again when an answer does not come.
    Resends,
    /// What has no answer is reported as not sent.
    LostIsNotSent,
    /// What people say after the turn was loaded is not heard.
    Deaf,
    /// What was intended is sent although the turn has withheld it.
    SendsTheWithheld,
    /// A test failover is sent as a failover, a planned promotion as a forced one.
    SendsInEarnest,
    /// In the runbook the promotion does not wait for the traffic to be withdrawn.
    NoFence,
    /// The drill's runbook takes nothing down.
    NoCleanUp,
}

//! The targets, by what they knock at.

pub(crate) mod arm;
pub(crate) mod doors;
pub(crate) mod looks;
pub(crate) mod plan;
pub(crate) mod stored;
pub(crate) mod words;

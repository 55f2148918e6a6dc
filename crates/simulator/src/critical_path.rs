//! Placeholder that only compiles; its owner replaces it.

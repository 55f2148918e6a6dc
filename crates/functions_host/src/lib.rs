//! functions_host

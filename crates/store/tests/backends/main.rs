//! What only one backend can meet: lost packets, dying workers and foreign blobs in Azure Blob
//! Storage; other programs, other versions and other processes in `SQLite`.

#![expect(clippy::unwrap_used, reason = "what cannot be set up ends the test")]

mod blob_broken;
mod blob_leases;
mod blob_settings;
mod blob_wire;
mod sqlite_file;
mod wire;

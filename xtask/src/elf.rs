//! What the header of a Linux executable says about the machine it needs.

use anyhow::{Context, Result, bail, ensure};
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, elf};

/// Fails unless the bytes are an x86-64 executable that needs nothing from the machine but its
/// kernel: Azure's hosts promise no C library of a certain version.
pub(crate) fn check_self_contained(bytes: &[u8]) -> Result<()> {
    let header = elf::FileHeader64::<Endianness>::parse(bytes)
        .map_err(|error| anyhow::anyhow!("not a 64-bit ELF file: {error}"))?;
    let endian = header.endian().map_err(|error| anyhow::anyhow!("bad ELF file: {error}"))?;
    ensure!(header.e_machine(endian) == elf::EM_X86_64, "not built for x86-64");
    let segments = header
        .program_headers(endian, bytes)
        .map_err(|error| anyhow::anyhow!("bad ELF file: {error}"))
        .context("the program headers cannot be read")?;
    ensure!(!segments.is_empty(), "no program header: not an executable");
    if segments.iter().any(|segment| segment.p_type(endian) == elf::PT_INTERP) {
        bail!("dynamically linked: it asks for a program interpreter");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_self_contained;

    /// A 64-bit little-endian ELF header followed by one program header of the given type.
    fn executable(machine: u16, segment: u32) -> Vec<u8> {
        let mut bytes = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        bytes.extend(2u16.to_le_bytes()); // ET_EXEC
        bytes.extend(machine.to_le_bytes());
        bytes.extend(1u32.to_le_bytes()); // version
        bytes.extend(0u64.to_le_bytes()); // entry
        bytes.extend(64u64.to_le_bytes()); // program headers start behind this header
        bytes.extend(0u64.to_le_bytes()); // no section headers
        bytes.extend(0u32.to_le_bytes()); // flags
        for size in [64u16, 56, 1, 64, 0, 0] {
            bytes.extend(size.to_le_bytes());
        }
        bytes.extend(segment.to_le_bytes());
        bytes.resize(64 + 56, 0);
        bytes
    }

    #[test]
    fn an_executable_without_an_interpreter_is_self_contained() {
        check_self_contained(&executable(62, 1)).unwrap();
    }

    #[test]
    fn an_executable_that_names_an_interpreter_is_refused() {
        let error = check_self_contained(&executable(62, 3)).unwrap_err();

        assert!(error.to_string().contains("dynamically linked"), "{error}");
    }

    #[test]
    fn an_executable_for_another_processor_is_refused() {
        let error = check_self_contained(&executable(183, 1)).unwrap_err();

        assert!(error.to_string().contains("x86-64"), "{error}");
    }

    #[test]
    fn a_shell_script_is_refused() {
        check_self_contained(b"#!/bin/sh\nexit 0\n").unwrap_err();
    }
}

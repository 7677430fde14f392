//! The path of the debug symbols.

use super::image::{Image, directory};

const ROW_SIZE: u64 = 28;
/// Rows that are looked at.
const MAX_ROWS: u64 = 10_000;
const CODEVIEW: u32 = 2;

impl<'d> Image<'d> {
    pub(super) fn read_pdb_path(&self) -> Option<&'d [u8]> {
        let (_, rows) = self.directory_data(directory::DEBUG)?;
        let count = (rows.len() / ROW_SIZE).min(MAX_ROWS);
        (0..count).find_map(|at| {
            let mut read = rows.reader(at * ROW_SIZE + 12);
            let kind = read.u32()?;
            read.skip(4)?;
            let (rva, offset) = (read.u32()?, read.u32()?);
            if kind != CODEVIEW {
                return None;
            }
            // The address counts, unless it leads nowhere.
            let found = match rva {
                0 => None,
                rva => self.rva_to_offset(rva),
            };
            match found.unwrap_or(offset) {
                0 => None,
                offset => self.codeview_path(u64::from(offset)),
            }
        })
    }

    fn codeview_path(&self, at: u64) -> Option<&'d [u8]> {
        let mut read = self.view.reader(at);
        // Identifiers and ages stand in front of the path.
        let before = match read.take(4)? {
            b"RSDS" => 20,
            b"NB10" => 12,
            b"MTOC" => 16,
            _ => return None,
        };
        read.skip(before)?;
        let path = read.rest()?.bytes();
        let end = memchr::memchr(0, path).unwrap_or(path.len());
        Some(&path[..end])
    }
}

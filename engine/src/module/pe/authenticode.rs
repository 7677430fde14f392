//! Where a PE file holds its signatures, and what of it they cover.

use std::borrow::Cow;

use super::image::{Directory, Image, directory};
use crate::module::authenticode::{Reader, Signature};

/// Further ones are not read.
const MAX_SIGNATURES: usize = 64;
/// Sections may overlap only so far: how often each byte of the file is
/// digested, in sum.
const MAX_OVERLAP: u64 = 4;
const HEADER_SIZE: u64 = 8;
/// From the PE header to the checksum and to the data directory.
const CHECKSUM_AT: u64 = 4 + 20 + 64;
const DIRECTORY_SIZE: u64 = 8;

impl<'d> Image<'d> {
    /// The signatures, up to the first one that is broken.
    pub(super) fn read_signatures(&self) -> Vec<Signature<'d>> {
        let mut all = Vec::new();
        let Some((row, table)) = self.directory_data(directory::SECURITY)
        else {
            return all;
        };
        let covered = |_| {
            let parts = self.signed_parts(row);
            parts.map(Cow::Borrowed).collect()
        };
        let reader = Reader::new(&covered);
        let mut at = 0;
        while all.len() < MAX_SIGNATURES
            && let Some(length) = table.u32(at).map(u64::from)
        {
            let Some(size) = length.checked_sub(HEADER_SIZE) else { break };
            let padded = length.next_multiple_of(8);
            let whole = table.slice(at, padded).is_some();
            let Some(data) = table.slice(at + HEADER_SIZE, size) else {
                break;
            };
            let found = reader.read(data);
            let (Some(found), true) = (found, whole) else { break };
            all.extend(found);
            at += padded;
        }
        all
    }

    /// All but the checksum, the entry of the certificates in the data
    /// directory and the certificates; up to the first part that the file
    /// lacks.
    fn signed_parts(&self, row: Directory) -> impl Iterator<Item = &'d [u8]> {
        let checksum = self.header_at + CHECKSUM_AT;
        let entry = self.directories_at + directory::SECURITY * DIRECTORY_SIZE;
        let headers = u64::from(self.optional.size_of_headers);
        let mut ranges = vec![
            (0, checksum),
            (checksum + 4, entry),
            (entry + DIRECTORY_SIZE, headers),
        ];
        let mut sections: Vec<(u64, u64)> = self
            .sections()
            .iter()
            .map(|s| (s.raw_data_offset.into(), s.raw_data_size.into()))
            .collect();
        sections.sort_unstable_by_key(|section| section.0);
        let mut sum = headers;
        for (start, size) in sections {
            ranges.push((start, start + size));
            sum += size;
        }
        let end = self.view.len().checked_sub(u64::from(row.size));
        ranges.extend(end.map(|end| (sum, end)));
        let view = self.view;
        let mut left = view.len().saturating_mul(MAX_OVERLAP);
        ranges.into_iter().map_while(move |(start, end)| {
            let size = end.checked_sub(start)?;
            left = left.checked_sub(size)?;
            view.slice(start, size)
        })
    }
}

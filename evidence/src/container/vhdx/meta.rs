//! Where the regions lie, and what the disk is.

use std::num::NonZeroU64;

use super::{KB, crc};
use crate::container::Result;
use crate::container::field::{Fields, corrupt, peek, read_vec, utf16};
use crate::{OpenError, Reason, Shared};

/// Identifiers in the order of their bytes in the file.
const BAT: [u8; 16] = id(0x2DC2_7766_F623_4200_9D64_115E_9BFD_4A08);
const METADATA: [u8; 16] = id(0x8B7C_A206_4790_4B9A_B8FE_575F_050F_886E);
const PARAMETERS: [u8; 16] = id(0xCAA1_6737_FA36_4D43_B3B6_33F0_AA44_E76B);
const SIZE: [u8; 16] = id(0x2FA5_4224_CD1B_4876_B211_5DBE_D83B_F4B8);
const SECTOR: [u8; 16] = id(0x8141_BF1D_A96F_4709_BA47_F233_A8FA_AB5F);
const PARENT: [u8; 16] = id(0xA8D3_5F2D_B30B_454D_ABF7_D3D8_4834_AB0C);

/// The first three groups of such an identifier are little endian.
const fn id(written: u128) -> [u8; 16] {
    let b = written.to_be_bytes();
    [
        b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10],
        b[11], b[12], b[13], b[14], b[15],
    ]
}

/// Bytes of a table of regions.
const REGIONS: usize = 64 << 10;

/// Position and length in the file.
pub(super) type Region = (u64, u64);

/// The two regions that matter.
pub(super) struct Regions {
    pub(super) bat: Region,
    pub(super) metadata: Region,
}

impl Regions {
    pub(super) fn read(file: &Shared) -> Option<Regions> {
        [192 * KB, 256 * KB].into_iter().find_map(|at| {
            let bytes = peek(file, at, REGIONS);
            let is_whole = bytes.starts_with(b"regi")
                && bytes.len() == REGIONS
                && crc::is_summed(&bytes, 4);
            if is_whole { Regions::parse(&bytes) } else { None }
        })
    }

    fn parse(bytes: &[u8]) -> Option<Regions> {
        let count = Fields(bytes).le32(8)? as usize;
        let entries = bytes.get(16..)?.as_chunks::<32>().0;
        let find = |id: [u8; 16]| {
            entries.iter().take(count).find_map(|entry| {
                let fields = Fields(entry);
                let region = (fields.le64(16)?, fields.le32(24)?.into());
                (fields.array(0)? == id).then_some(region)
            })
        };
        Some(Regions { bat: find(BAT)?, metadata: find(METADATA)? })
    }
}

/// What the metadata say.
pub(super) struct Metadata {
    pub(super) block: NonZeroU64,
    pub(super) sector: NonZeroU64,
    pub(super) size: u64,
    pub(super) has_parent: bool,
    pub(super) parents: Vec<String>,
}

impl Metadata {
    pub(super) fn read(file: &Shared, region: Region) -> Result<Metadata> {
        let what = "the table of metadata";
        let table = read_vec(file, region.0, 64 * KB, what)?;
        let fields = Fields(&table);
        if !fields.has(0, b"metadata") {
            return Err(corrupt("no table of metadata"));
        }
        let count = usize::from(fields.le16(10).unwrap_or(0));
        let entries = table.get(32..).unwrap_or_default().as_chunks::<32>().0;
        let item = |id: [u8; 16]| -> Option<Vec<u8>> {
            entries.iter().take(count).find_map(|entry| {
                let fields = Fields(entry);
                if fields.array(0)? != id {
                    return None;
                }
                let at = u64::from(fields.le32(16)?);
                let at = region.0.checked_add(at)?;
                let length = fields.le32(20)?.min(64 << 10);
                Some(peek(file, at, length as usize))
            })
        };
        let cut = || corrupt("metadata are missing");
        let parameters = item(PARAMETERS).ok_or_else(cut)?;
        let parameters = Fields(&parameters);
        let block = parameters.le32(0).map(u64::from).ok_or_else(cut)?;
        let flags = parameters.le32(4).ok_or_else(cut)?;
        let number = |id| item(id).and_then(|item| Fields(&item).le32(0));
        let sector = number(SECTOR).map_or(512, u64::from);
        let size = item(SIZE).and_then(|item| Fields(&item).le64(0));
        let wrong = || corrupt("impossible sizes of blocks or sectors");
        let is_block =
            (1 << 20..=256 << 20).contains(&block) && block.is_power_of_two();
        if !is_block || !matches!(sector, 512 | 4096) {
            return Err(wrong());
        }
        let has_parent = flags & 2 != 0;
        let locator = item(PARENT).filter(|_| has_parent);
        Ok(Metadata {
            block: NonZeroU64::new(block).ok_or_else(wrong)?,
            sector: NonZeroU64::new(sector).ok_or_else(wrong)?,
            size: size.filter(|s| *s <= i64::MAX as u64).ok_or_else(wrong)?,
            has_parent,
            parents: locator.as_deref().map(parents).unwrap_or_default(),
        })
    }
}

/// The paths of a parent, the relative one first.
fn parents(locator: &[u8]) -> Vec<String> {
    let fields = Fields(locator);
    let count = usize::from(fields.le16(18).unwrap_or(0));
    let entries = locator.get(20..).unwrap_or_default().as_chunks::<12>().0;
    let mut names = Vec::new();
    for entry in entries.iter().take(count) {
        let entry = Fields(entry);
        let text = |at: usize, length: usize| {
            let start = entry.le32(at)? as usize;
            let length = usize::from(entry.le16(length)?);
            Some(utf16(fields.slice(start, length)?, false))
        };
        match (text(0, 8).as_deref(), text(4, 10)) {
            (Some("relative_path"), Some(name)) => names.insert(0, name),
            (Some("absolute_win32_path" | "volume_path"), Some(name)) => {
                names.push(name);
            }
            _ => {}
        }
    }
    names
}

/// What the log says is not what the file is.
pub(super) fn short_file() -> OpenError {
    OpenError::new(Reason::Truncated, "shorter than its log says")
}

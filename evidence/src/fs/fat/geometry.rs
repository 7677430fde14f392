//! Boot sectors of FAT and exFAT: one set of sizes for both.

use super::super::field::{le16, le32, le64};
use super::super::stored::read_some;
use crate::layer::Shared;
use crate::object::Run;

/// How entries of the allocation table are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    Fat12,
    Fat16,
    Fat32,
    ExFat,
}

/// Sizes and places in bytes, where they do not say clusters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Geometry {
    pub(super) width: Width,
    pub(super) sector: u64,
    pub(super) cluster: u64,
    /// The allocation table that counts.
    pub(super) table: u64,
    /// All tables, one behind the other.
    pub(super) tables: (u64, u64),
    /// The root directory of FAT12 and FAT16.
    pub(super) fixed_root: Option<(u64, u64)>,
    /// The first cluster of other root directories.
    pub(super) root: u32,
    /// Where cluster 2 starts.
    pub(super) data: u64,
    /// Number of clusters.
    pub(super) clusters: u32,
    pub(super) size: u64,
    pub(super) serial: u32,
}

impl Geometry {
    /// Finds the boot sector, or its copy.
    pub(super) fn find(volume: &Shared) -> Option<Geometry> {
        let boot = read_some(volume, 0, 512);
        let first = Geometry::exfat(&boot).or_else(|| Geometry::fat(&boot));
        let length = volume.len()?;
        let possible = |g: &Geometry| g.data <= length;
        if let Some(first) = first.filter(possible) {
            return Some(first);
        }
        let copy = |place, parse: fn(&[u8]) -> Option<Geometry>| {
            parse(&read_some(volume, place, 512)).filter(possible)
        };
        copy(6 * 512, Geometry::fat)
            .filter(|g| g.width == Width::Fat32)
            .or_else(|| copy(12 * 512, Geometry::exfat))
    }

    fn fat(boot: &[u8]) -> Option<Geometry> {
        let jump = *boot.first()?;
        let media = *boot.get(0x15)?;
        let tables = u64::from(*boot.get(0x10)?);
        let sector = u64::from(le16(boot, 0x0B)?);
        let per_cluster = u64::from(*boot.get(0x0D)?);
        let reserved = u64::from(le16(boot, 0x0E)?);
        let looks_so = le16(boot, 510)? == 0xAA55
            && matches!(jump, 0xEB | 0xE9)
            && media >= 0xF0
            && (1..=2).contains(&tables)
            && sector.is_power_of_two()
            && (512..=4096).contains(&sector)
            && per_cluster.is_power_of_two()
            && reserved > 0;
        if !looks_so {
            return None;
        }
        let either = |short: usize, long: usize| {
            let long = u64::from(le32(boot, long)?);
            Some(match le16(boot, short)? {
                0 => long,
                short => u64::from(short),
            })
        };
        let old = le16(boot, 0x16)? != 0;
        let table_sectors = either(0x16, 0x24)?;
        let sectors = either(0x13, 0x20)?;
        let root_bytes = u64::from(le16(boot, 0x11)?).checked_mul(32)?;
        let table = reserved.checked_mul(sector)?;
        let one = table_sectors.checked_mul(sector)?;
        let all = one.checked_mul(tables)?;
        let root = table.checked_add(all)?;
        let root_bytes = root_bytes.checked_next_multiple_of(sector)?;
        let data = root.checked_add(root_bytes)?;
        let size = sectors.checked_mul(sector)?;
        let cluster = sector.checked_mul(per_cluster)?;
        let fit = size.checked_sub(data)?.checked_div(cluster)?;
        let width = match fit {
            _ if !old => Width::Fat32,
            0..4085 => Width::Fat12,
            _ => Width::Fat16,
        };
        let bits = match width {
            Width::Fat12 => 12,
            Width::Fat16 => 16,
            _ => 32,
        };
        let entries = one.checked_mul(8)?.checked_div(bits)?;
        let fit = fit.min(entries.saturating_sub(2));
        // A copy of the table is only read where the first is switched off.
        let flags = if old { 0 } else { le16(boot, 0x28)? };
        let active = u64::from(flags & 15);
        let skip = match flags & 0x80 {
            0x80 if active < tables => one.checked_mul(active)?,
            _ => 0,
        };
        Some(Geometry {
            width,
            sector,
            cluster,
            table: table.checked_add(skip)?,
            tables: (table, all),
            fixed_root: old.then_some((root, root_bytes)),
            root: if old { 0 } else { le32(boot, 0x2C)? },
            data,
            clusters: u32::try_from(fit).ok().filter(|fit| *fit > 0)?,
            size,
            serial: le32(boot, if old { 0x27 } else { 0x43 })?,
        })
    }

    fn exfat(boot: &[u8]) -> Option<Geometry> {
        if boot.get(3..11)? != b"EXFAT   " {
            return None;
        }
        let sector_bits = u32::from(*boot.get(108)?);
        let cluster_bits = u32::from(*boot.get(109)?);
        let tables = u64::from(*boot.get(110)?);
        if !(9..=12).contains(&sector_bits)
            || cluster_bits > 25u32.saturating_sub(sector_bits)
            || !(1..=2).contains(&tables)
        {
            return None;
        }
        let sector = 1u64 << sector_bits;
        let cluster = sector << cluster_bits;
        let sectors = |at| u64::from(le32(boot, at)?).checked_mul(sector);
        let (table, one, data) = (sectors(80)?, sectors(84)?, sectors(88)?);
        let size = le64(boot, 72)?.checked_mul(sector)?;
        let fit = size.checked_sub(data)?.checked_div(cluster)?;
        let fit = fit.min(u64::from(le32(boot, 92)?));
        let fit = fit.min((one >> 2).saturating_sub(2));
        let second = le16(boot, 106)? & 1 == 1 && tables == 2;
        Some(Geometry {
            width: Width::ExFat,
            sector,
            cluster,
            table: table.checked_add(if second { one } else { 0 })?,
            tables: (table, one.checked_mul(tables)?),
            fixed_root: None,
            root: le32(boot, 96)?,
            data,
            clusters: u32::try_from(fit).ok().filter(|fit| *fit > 0)?,
            size,
            serial: le32(boot, 100)?,
        })
    }

    /// Is there such a cluster?
    pub(super) fn has(&self, cluster: u32) -> bool {
        cluster >= 2 && cluster.wrapping_sub(2) < self.clusters
    }

    /// Where a cluster starts.
    pub(super) fn place(&self, cluster: u32) -> u64 {
        let index = u64::from(cluster.saturating_sub(2));
        self.data.saturating_add(index.saturating_mul(self.cluster))
    }

    /// Clusters one behind the other, as many of them as there are.
    pub(super) fn run(&self, index: u64, first: u32, count: u64) -> Run {
        let behind = self.clusters.saturating_sub(first.saturating_sub(2));
        let count = count.min(u64::from(behind));
        Run::new(
            index.saturating_mul(self.cluster),
            self.place(first),
            count.saturating_mul(self.cluster),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boot(sectors: u16, table: u16) -> Vec<u8> {
        let mut boot = vec![0; 512];
        boot[0] = 0xEB;
        boot[0x0B..0x0D].copy_from_slice(&512u16.to_le_bytes());
        boot[0x0D] = 1;
        boot[0x0E] = 1;
        boot[0x10] = 2;
        boot[0x11] = 16;
        boot[0x13..0x15].copy_from_slice(&sectors.to_le_bytes());
        boot[0x15] = 0xF8;
        boot[0x16..0x18].copy_from_slice(&table.to_le_bytes());
        boot[510..].copy_from_slice(&[0x55, 0xAA]);
        boot
    }

    #[test]
    fn the_number_of_clusters_says_how_wide_entries_are() {
        let small = Geometry::fat(&boot(4000, 12)).unwrap();
        assert_eq!(small.width, Width::Fat12);
        assert_eq!(small.fixed_root, Some((25 * 512, 512)));
        assert_eq!((small.data, small.clusters), (26 * 512, 3974));
        let large = Geometry::fat(&boot(20_000, 80)).unwrap();
        assert_eq!(large.width, Width::Fat16);
        // No more clusters than the table has entries.
        let lying = Geometry::fat(&boot(20_000, 1)).unwrap();
        assert_eq!(lying.clusters, 254);
        assert!(lying.has(2) && lying.has(255) && !lying.has(256));
        assert_eq!(lying.run(0, 255, 99).length, 512);
    }

    #[test]
    fn impossible_ones_are_refused() {
        for (at, value) in
            [(0, 0), (0x0B, 1), (0x0D, 3), (0x10, 9), (0x15, 1), (510, 0)]
        {
            let mut boot = boot(4000, 12);
            boot[at] = value;
            assert_eq!(Geometry::fat(&boot), None, "{at:#x}");
        }
        assert_eq!(Geometry::fat(&boot(10, 12)), None);
        assert_eq!(Geometry::exfat(&boot(10, 12)), None);
    }
}

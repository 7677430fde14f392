//! The boot sector of NTFS: sizes and where the file table starts.

use super::super::field::{le16, le64};
use crate::object::Run;

/// Sizes of a volume, in bytes unless they say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Geometry {
    pub(super) sector: u64,
    pub(super) cluster: u64,
    /// Number of clusters.
    pub(super) clusters: u64,
    /// Size of the volume as it says itself.
    pub(super) size: u64,
    /// Size of a record of the file table.
    pub(super) record: u64,
    /// Where the file table starts.
    pub(super) table: u64,
    /// Where the copy of its first records is.
    pub(super) mirror: u64,
    pub(super) serial: u64,
}

impl Geometry {
    /// Reads a boot sector; `None` if it is none, or one that cannot be.
    pub(super) fn parse(boot: &[u8]) -> Option<Geometry> {
        if boot.get(3..11)? != b"NTFS    " {
            return None;
        }
        let sector = u64::from(le16(boot, 0x0B)?);
        let exponent = |byte: u8| {
            let positive = byte.wrapping_neg();
            1u64.checked_shl(u32::from(positive))
        };
        let per_cluster = match *boot.get(0x0D)? {
            // Above 128 sectors only the exponent fits.
            byte @ 0xE0.. => exponent(byte)?,
            byte => u64::from(byte),
        };
        let cluster = sector.checked_mul(per_cluster)?;
        let record = match *boot.get(0x40)? {
            byte @ 0x80.. => exponent(byte)?,
            byte => u64::from(byte).checked_mul(cluster)?,
        };
        let fits = |value: u64, from: u64, to: u64| {
            value.is_power_of_two() && (from..=to).contains(&value)
        };
        let valid = fits(sector, 256, 4096)
            && fits(cluster, sector, 2 << 20)
            && fits(record, 512, 65_536);
        if !valid {
            return None;
        }
        let size = le64(boot, 0x28)?.checked_mul(sector)?;
        let clusters = size.checked_div(cluster)?;
        let table = le64(boot, 0x30)?.checked_mul(cluster)?;
        let mirror = le64(boot, 0x38)?.saturating_mul(cluster);
        let serial = le64(boot, 0x48)?;
        Some(Geometry {
            sector,
            cluster,
            clusters,
            size,
            record,
            table,
            mirror,
            serial,
        })
    }

    /// A run of clusters, if it lies inside of the volume.
    pub(super) fn run(&self, vcn: u64, lcn: u64, count: u64) -> Option<Run> {
        let end = lcn.checked_add(count)?;
        if end > self.clusters {
            return None;
        }
        Some(Run::new(
            vcn.checked_mul(self.cluster)?,
            lcn.checked_mul(self.cluster)?,
            count.checked_mul(self.cluster)?,
        ))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A boot sector with clusters of 4 KiB and records of 1 KiB.
    pub(in super::super) fn boot(sectors: u64) -> Vec<u8> {
        let mut boot = vec![0; 512];
        boot[3..11].copy_from_slice(b"NTFS    ");
        boot[0x0B..0x0D].copy_from_slice(&512u16.to_le_bytes());
        boot[0x0D] = 8;
        boot[0x28..0x30].copy_from_slice(&sectors.to_le_bytes());
        boot[0x30..0x38].copy_from_slice(&4u64.to_le_bytes());
        boot[0x38..0x40].copy_from_slice(&2u64.to_le_bytes());
        boot[0x40] = 0xF6;
        boot
    }

    #[test]
    fn sizes_are_numbers_or_exponents() {
        let mut sector = boot(800);
        let geometry = Geometry::parse(&sector).unwrap();
        assert_eq!((geometry.cluster, geometry.record), (4096, 1024));
        assert_eq!((geometry.clusters, geometry.table), (100, 16_384));
        sector[0x0D] = 0xF4;
        sector[0x40] = 1;
        assert_eq!(Geometry::parse(&sector), None);
        sector[0x40] = 0xF4;
        let geometry = Geometry::parse(&sector).unwrap();
        assert_eq!((geometry.cluster, geometry.record), (2 << 20, 4096));
    }

    #[test]
    fn impossible_sizes_are_refused() {
        for (at, value) in [(0x0B, 1), (0x0D, 0), (0x0D, 3), (0x40, 0)] {
            let mut sector = boot(800);
            sector[at] = value;
            assert_eq!(Geometry::parse(&sector), None, "{at}");
        }
        assert_eq!(Geometry::parse(&boot(u64::MAX)), None);
        assert_eq!(Geometry::parse(b"short"), None);
    }

    #[test]
    fn runs_stay_inside_of_the_volume() {
        let geometry = Geometry::parse(&boot(800)).unwrap();
        assert_eq!(geometry.run(2, 99, 1).unwrap().logical, 8192);
        assert_eq!(geometry.run(0, 99, 2), None);
        assert_eq!(geometry.run(0, u64::MAX, 2), None);
        assert_eq!(geometry.run(u64::MAX, 0, 2), None);
    }
}

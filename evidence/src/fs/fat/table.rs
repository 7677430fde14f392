//! The allocation table: which cluster follows which.

use std::cell::RefCell;

use super::super::field::{le16, le32};
use super::super::free::Free;
use super::super::fuel::Fuel;
use super::super::layout::Layout;
use super::geometry::{Geometry, Width};
use crate::layer::Shared;

/// Bytes of the table that are read at once; a multiple of three, so that
/// entries of twelve bits are not cut.
const PAGE: u64 = 3 << 14;

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    Free,
    Next(u32),
    End,
    /// Bad, reserved, or outside of the volume.
    Wrong,
}

/// The table of a volume.
pub(super) struct Table<'a> {
    volume: &'a Shared,
    geometry: &'a Geometry,
    /// The part that was read last: chains go forward.
    page: RefCell<(u64, Vec<u8>)>,
    fuel: Fuel,
}

impl<'a> Table<'a> {
    pub(super) fn new(
        volume: &'a Shared,
        geometry: &'a Geometry,
    ) -> Table<'a> {
        // Files that share clusters are followed as well, within reason.
        let steps = u64::from(geometry.clusters).saturating_mul(4);
        let fuel = Fuel::new(steps.saturating_add(1024));
        let page = RefCell::new((u64::MAX, Vec::new()));
        Table { volume, geometry, page, fuel }
    }

    fn entry(&self, cluster: u32) -> Entry {
        let number = u64::from(cluster);
        let (bits, wide) = match self.geometry.width {
            Width::Fat12 => (12, false),
            Width::Fat16 => (16, false),
            Width::Fat32 | Width::ExFat => (32, true),
        };
        let at = number.saturating_mul(bits) >> 3;
        let page = at.checked_div(PAGE).unwrap_or(0);
        let start = page.saturating_mul(PAGE);
        let mut kept = self.page.borrow_mut();
        if kept.0 != page {
            let mut bytes = vec![0; PAGE as usize];
            let place = self.geometry.table.saturating_add(start);
            let count = self.volume.read_at(place, &mut bytes).unwrap_or(0);
            bytes.truncate(count);
            *kept = (page, bytes);
        }
        let inside = at.saturating_sub(start) as usize;
        let raw = if wide {
            le32(&kept.1, inside)
        } else {
            le16(&kept.1, inside).map(u32::from)
        };
        let Some(raw) = raw else { return Entry::Wrong };
        let (value, end) = match self.geometry.width {
            Width::Fat12 if number & 1 == 1 => (raw >> 4, 0xFF8),
            Width::Fat12 => (raw & 0xFFF, 0xFF8),
            Width::Fat16 => (raw, 0xFFF8),
            Width::Fat32 => (raw & 0x0FFF_FFFF, 0x0FFF_FFF8),
            Width::ExFat => (raw, 0xFFFF_FFF8),
        };
        match value {
            0 => Entry::Free,
            value if value >= end => Entry::End,
            value if self.geometry.has(value) => Entry::Next(value),
            _ => Entry::Wrong,
        }
    }

    /// The clusters of a chain; false if it does not end as it should.
    pub(super) fn chain(&self, first: u32) -> (Layout, bool) {
        let mut layout = Layout::default();
        let mut cluster = first;
        let mut index = 0u64;
        // A circle comes back to where it was after so many steps.
        let (mut mark, mut until) = (first, 1u64);
        if !self.geometry.has(first) {
            return (layout, false);
        }
        loop {
            layout.push(self.geometry.run(index, cluster, 1));
            index = index.saturating_add(1);
            if !self.fuel.take(1) {
                return (layout, false);
            }
            match self.entry(cluster) {
                Entry::Next(next) if next != mark => cluster = next,
                Entry::End => return (layout, true),
                _ => return (layout, false),
            }
            if index == until {
                (mark, until) = (cluster, until.saturating_mul(2));
            }
        }
    }

    /// All clusters that the table says are free.
    pub(super) fn free(&self) -> Free {
        let mut free = Free::default();
        for index in 0..self.geometry.clusters {
            let cluster = index.saturating_add(2);
            if self.entry(cluster) == Entry::Free {
                let place = self.geometry.place(cluster);
                free.add(place, self.geometry.cluster);
            }
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::layer::tests::Bytes;

    fn geometry(width: Width) -> Geometry {
        Geometry {
            width,
            sector: 512,
            cluster: 512,
            table: 0,
            tables: (0, 512),
            fixed_root: None,
            root: 2,
            data: 512,
            clusters: 8,
            size: 9 * 512,
            serial: 0,
        }
    }

    fn chain(width: Width, table: &[u8], first: u32) -> (Vec<u64>, bool) {
        let volume: Shared = Arc::new(Bytes(table.to_vec()));
        let geometry = geometry(width);
        let table = Table::new(&volume, &geometry);
        let (layout, whole) = table.chain(first);
        let places = layout
            .runs()
            .iter()
            .flat_map(|run| {
                let count = run.length / 512;
                (0..count).map(|n| run.physical.unwrap() / 512 - 1 + n)
            })
            .collect();
        (places, whole)
    }

    #[test]
    fn entries_of_twelve_bits() {
        // Clusters 2 -> 3 -> 5, 4 is free.
        let table =
            [0, 0, 0, 0x03, 0x50, 0x00, 0x00, 0xF0, 0xFF, 0, 0, 0, 0, 0, 0];
        assert_eq!(chain(Width::Fat12, &table, 2), (vec![0, 1, 3], true));
        let volume: Shared = Arc::new(Bytes(table.to_vec()));
        let geometry = geometry(Width::Fat12);
        let free = Table::new(&volume, &geometry).free();
        assert_eq!(free.list(), [(512 + 2 * 512, 512), (512 + 4 * 512, 2048)]);
    }

    #[test]
    fn circles_and_bad_links_end() {
        let table: Vec<u8> = [0u16, 0, 3, 4, 2, 99, 0xFFF7]
            .iter()
            .flat_map(|n| n.to_le_bytes())
            .collect();
        let (places, whole) = chain(Width::Fat16, &table, 2);
        assert!(!whole && places.len() < 9, "{places:?}");
        assert_eq!(chain(Width::Fat16, &table, 5), (vec![3], false));
        assert_eq!(chain(Width::Fat16, &table, 6), (vec![4], false));
        assert_eq!(chain(Width::Fat16, &table, 1), (vec![], false));
    }
}

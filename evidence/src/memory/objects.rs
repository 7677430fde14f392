//! From an address space to the objects that are scanned.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{RegionKind, Space, Unit, View};
use crate::Reason;
use crate::object::{Object, ObjectKind, Problem, Run};

/// Parts of a mapping that lie farther apart are objects of their own: what
/// is between them would be scanned as zeros. Where the first distance leaves
/// far more zeros than bytes, the next one is taken.
const GAPS: &[u64] = &[64 << 20, 64 << 10];
/// Objects may be so many times larger than what is stored of them,
const EXPANSION: u64 = 8;
/// or as large as this.
const HARMLESS: u64 = 1 << 30;

impl Space {
    /// The objects to scan, by address.
    pub fn objects(&self, unit: Unit) -> Vec<Object> {
        let kind = match (self.view, unit) {
            (View::Physical, _) => ObjectKind::Physical,
            (View::Process, Unit::Mapping) => ObjectKind::Mapping,
            (View::Process, Unit::Module) => ObjectKind::Module,
        };
        let ranges = match (self.view, unit) {
            (View::Process, Unit::Module) => self.images(),
            _ => self.mappings(),
        };
        let parts = ranges.into_iter().flat_map(|range| self.parts(range));
        parts.map(|(from, to)| self.object(kind, from, to)).collect()
    }

    /// The mappings, as first address and end.
    fn mappings(&self) -> Vec<(u64, u64)> {
        let chunks = self.regions.chunk_by(|one, next| one.continues(next));
        let range = |chunk: &[super::Region]| {
            Some((chunk.first()?.start, chunk.last()?.end()))
        };
        chunks.filter_map(range).collect()
    }

    /// The programs and libraries, without what others have already.
    fn images(&self) -> Vec<(u64, u64)> {
        let mut behind = 0;
        let range = |module: &super::Module| {
            let from = module.base.max(behind);
            behind = behind.max(module.base.saturating_add(module.size));
            (from < behind).then_some((from, behind))
        };
        self.modules.iter().filter_map(range).collect()
    }

    fn stored_in(&self, from: u64, to: u64) -> impl Iterator<Item = Run> {
        let first = self.stored.partition_point(|run| run.end() <= from);
        let runs = self.stored.get(first..).unwrap_or_default();
        let inside = runs.iter().take_while(move |run| run.logical < to);
        inside.filter_map(move |run| {
            let start = run.logical.max(from);
            let end = run.end().min(to);
            let skip = start.saturating_sub(run.logical);
            let physical = run.physical?.checked_add(skip)?;
            let length = end.checked_sub(start)?;
            Some(Run::new(start, physical, length))
        })
    }

    /// Cuts a range where there is nothing for a long stretch; nothing is
    /// left of one that is not in the dump.
    fn parts(&self, range: (u64, u64)) -> Vec<(u64, u64)> {
        let (from, to) = range;
        let stored = self.stored_in(from, to).map(|run| run.length);
        let stored = stored.fold(0, u64::saturating_add);
        let most = stored.saturating_mul(EXPANSION).max(HARMLESS);
        let fits = |parts: &Vec<(u64, u64)>| {
            let sizes = parts.iter().map(|(a, b)| b.saturating_sub(*a));
            sizes.fold(0, u64::saturating_add) <= most
        };
        let cut = |gap| self.cut(range, gap);
        let parts = GAPS.iter().map(|gap| cut(*gap)).find(fits);
        parts.unwrap_or_else(|| cut(1))
    }

    fn cut(&self, (from, to): (u64, u64), gap: u64) -> Vec<(u64, u64)> {
        let mut parts: Vec<(u64, u64)> = Vec::new();
        for run in self.stored_in(from, to) {
            match parts.last_mut() {
                Some(last) if run.logical.saturating_sub(last.1) < gap => {
                    last.1 = run.end();
                }
                Some(_) => parts.push((run.logical, run.end())),
                None if run.logical.saturating_sub(from) < gap => {
                    parts.push((from, run.end()));
                }
                None => parts.push((run.logical, run.end())),
            }
        }
        if let Some(last) = parts.last_mut()
            && to.saturating_sub(last.1) < gap
        {
            last.1 = to;
        }
        parts
    }

    fn object(&self, kind: ObjectKind, from: u64, to: u64) -> Object {
        let path = format!("{from:#x}-{to:#x}").into_bytes();
        let runs = self.stored_in(from, to).map(|run| {
            let logical = run.logical.saturating_sub(from);
            Run { logical, ..run }
        });
        let mut object = Object::new(kind, path, String::new());
        object.runs = runs.collect();
        object.size = to.saturating_sub(from);
        object.valid = object.size;
        object.address = Some(from);
        object
    }

    /// What is wrong, and what is not there.
    pub(crate) fn all_problems(&self, unit: Unit) -> Vec<Problem> {
        let mut all = self.problems.clone();
        let sum = |lengths: &mut dyn Iterator<Item = u64>| {
            lengths.fold(0, u64::saturating_add)
        };
        let has = |run: &Run| run.length;
        let known = sum(&mut self.regions.iter().map(|r| r.length));
        let stored = sum(&mut self.stored.iter().map(has));
        let mut add = |reason, bytes, detail: &str| {
            let (path, physical) = (Vec::new(), None);
            let detail = detail.to_owned();
            if bytes > 0 {
                all.push(Problem { reason, path, physical, bytes, detail });
            }
        };
        let missing = known.saturating_sub(stored);
        let what = "parts of the memory are not in the dump";
        if !self.is_live {
            add(Reason::NotCaptured, missing, what);
        }
        if unit == Unit::Module && self.view == View::Process {
            let images = self.images();
            let inside =
                images.iter().flat_map(|(a, b)| self.stored_in(*a, *b));
            let inside = sum(&mut inside.map(|run| run.length));
            let outside = stored.saturating_sub(inside);
            let what = "memory outside of all modules";
            add(Reason::Excluded, outside, what);
        }
        all
    }

    /// The parts of the dump that hold no memory, but speak of it.
    pub(crate) fn structures(&self, size: u64) -> Object {
        let mut places: Vec<(u64, u64)> = self
            .stored
            .iter()
            .filter_map(|run| Some((run.physical?, run.length)))
            .collect();
        places.sort_unstable();
        let mut runs = Vec::new();
        let (mut at, mut logical) = (0_u64, 0_u64);
        for (place, length) in places.into_iter().chain([(size, 0)]) {
            let gap = place.min(size).saturating_sub(at);
            if gap > 0 {
                runs.push(Run::new(logical, at, gap));
                logical = logical.saturating_add(gap);
            }
            at = at.max(place.saturating_add(length));
        }
        let path = b"$structures".to_vec();
        Object::new(ObjectKind::Metadata, path, String::new()).with_runs(runs)
    }

    /// Finds programs and libraries: files of which a part may be executed,
    /// or of which `is_program` says so by their first address.
    pub(crate) fn find_modules(&mut self, is_program: &dyn Fn(u64) -> bool) {
        let mut found: BTreeMap<Arc<[u8]>, (u64, u64, bool)> = BTreeMap::new();
        for region in &self.regions {
            let Some(name) = region.file.as_ref() else { continue };
            if !name.starts_with(b"/") {
                continue;
            }
            let all = (region.start, region.end(), false);
            let range = found.entry(name.clone()).or_insert(all);
            range.1 = region.end();
            range.2 |= region.protection.execute
                || region.file_offset == 0 && is_program(region.start);
        }
        let programs = found.into_iter().filter(|(_, range)| range.2);
        self.modules = programs
            .map(|(name, (base, end, _))| {
                let size = end.saturating_sub(base);
                super::Module { name, base, size }
            })
            .collect();
        self.modules.sort_by_key(|module| module.base);
        let names: BTreeSet<&[u8]> =
            self.modules.iter().map(|module| &*module.name).collect();
        for region in &mut self.regions {
            if region.file.as_ref().is_some_and(|f| names.contains(&**f)) {
                region.kind = RegionKind::Image;
            }
        }
    }

    /// Where the dump has the byte at an address.
    pub(crate) fn place_of(&self, address: u64) -> Option<u64> {
        self.stored_in(address, address.checked_add(1)?).next()?.physical
    }

    /// Marks as programs what the list of modules has.
    pub(crate) fn name_images(&mut self) {
        let modules = std::mem::take(&mut self.modules);
        for region in &mut self.regions {
            let behind = modules.partition_point(|m| m.base <= region.start);
            let module = behind.checked_sub(1).and_then(|at| modules.get(at));
            let inside = |module: &&super::Module| {
                region.start.saturating_sub(module.base) < module.size
            };
            if let Some(module) = module.filter(inside) {
                region.kind = RegionKind::Image;
                region.file.get_or_insert_with(|| module.name.clone());
            }
        }
        self.modules = modules;
    }
}

#[cfg(test)]
mod tests {
    use super::super::Region;
    use super::*;

    fn space() -> Space {
        let mut space = Space::new("test", View::Process);
        let mut second = Region::new(0x2000, 0x1000);
        second.protection.read = true;
        let mut first = Region::new(0x1000, 0x1000);
        first.protection.write = true;
        space.regions = vec![first, second, Region::new(0x8000, 1 << 30)];
        space.store(0x1000, 0x100, 0x1000, u64::MAX);
        space.store(0x2800, 0x1100, 0x800, u64::MAX);
        space.store(0x8000 + (1 << 29), 0x1900, 0x1000, u64::MAX);
        space.finish()
    }

    #[test]
    fn neighbours_are_one_mapping_and_long_gaps_are_none() {
        let objects = space().objects(Unit::Mapping);
        let [first, second] = objects.as_slice() else {
            panic!("{objects:?}")
        };
        assert_eq!((first.address, first.size), (Some(0x1000), 0x2000));
        let runs =
            [Run::new(0, 0x100, 0x1000), Run::new(0x1800, 0x1100, 0x800)];
        assert_eq!(first.runs, runs);
        assert_eq!(second.address, Some(0x8000 + (1 << 29)));
        assert_eq!(second.size, 0x1000);
    }

    #[test]
    fn what_is_not_there_is_counted() {
        let space = space();
        let problems = space.all_problems(Unit::Mapping);
        let [missing] = problems.as_slice() else { panic!("{problems:?}") };
        assert_eq!(missing.reason, Reason::NotCaptured);
        assert_eq!(missing.bytes, 0x800 + (1 << 30) - 0x1000);
        let structures = space.structures(0x3000);
        let expected = [Run::new(0, 0, 0x100), Run::new(0x100, 0x2900, 0x700)];
        assert_eq!(structures.runs, expected);
    }
}

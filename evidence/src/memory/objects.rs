//! From an address space to the objects that are scanned.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::space::{holding, sum};
use super::{Module, RegionKind, Space, Unit, View};
use crate::Reason;
use crate::container::late::problem;
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
    /// The objects to scan, by address: where they are only parts of one,
    /// the mappings.
    pub fn objects(&self, unit: Unit) -> Vec<Object> {
        let kind = match (self.view, unit) {
            (View::Physical, _) => ObjectKind::Physical,
            (View::Process, Unit::Module) => ObjectKind::Module,
            (View::Process, _) => ObjectKind::Mapping,
        };
        let ranges = match (self.view, unit) {
            (View::Process, Unit::Module) => self.images(),
            _ => self.mappings(),
        };
        let parts = self.parts(&ranges).into_iter();
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
        let range = |module: &Module| {
            let (base, end) = module.range();
            let from = base.max(behind);
            behind = behind.max(end);
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

    /// Cuts ranges where there is nothing for a long stretch, so that they
    /// do not hold far more zeros than bytes all together.
    fn parts(&self, ranges: &[(u64, u64)]) -> Vec<(u64, u64)> {
        let most = self.stored_bytes().saturating_mul(EXPANSION).max(HARMLESS);
        let cut = |gap| -> Vec<(u64, u64)> {
            ranges.iter().flat_map(|range| self.cut(*range, gap)).collect()
        };
        let fits = |parts: &Vec<(u64, u64)>| {
            let sizes = parts.iter().map(|(a, b)| b.saturating_sub(*a));
            sum(sizes) <= most
        };
        let parts = GAPS.iter().map(|gap| cut(*gap)).find(fits);
        parts.unwrap_or_else(|| cut(1))
    }

    /// Cuts a range where it has nothing for so many bytes; nothing is left
    /// of one that is not in the dump.
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
        let mut add = |reason, bytes, detail: &str| {
            if bytes > 0 {
                all.push(problem(reason, None, bytes, detail));
            }
        };
        let stored = self.stored_bytes();
        if !self.is_live {
            let known = sum(self.regions.iter().map(|r| r.length));
            let there = stored.saturating_add(self.cut_off);
            let what = "parts of the memory are not in the dump";
            add(Reason::NotCaptured, known.saturating_sub(there), what);
        }
        if unit == Unit::Module && self.view == View::Process {
            let images = self.images();
            let inside =
                images.iter().flat_map(|(a, b)| self.stored_in(*a, *b));
            let inside = sum(inside.map(|run| run.length));
            let what = "memory outside of all modules";
            add(Reason::Excluded, stored.saturating_sub(inside), what);
        }
        all
    }

    /// Finds programs and libraries: files of which a part may be executed,
    /// or of which `is_program` says so by their first address.
    pub(crate) fn find_modules(&mut self, is_program: &dyn Fn(u64) -> bool) {
        // Where each file was found last.
        let mut last: BTreeMap<Arc<[u8]>, usize> = BTreeMap::new();
        let mut found: Vec<(Module, bool)> = Vec::new();
        for region in &self.regions {
            let Some(name) = region.path() else { continue };
            let is_one = region.protection.execute
                || region.file_offset == 0 && is_program(region.start);
            let next = found.len();
            let at = match last.get(name) {
                // Where the file begins again, it is there once more.
                Some(at) if region.file_offset > 0 => *at,
                _ => {
                    last.insert(name.clone(), next);
                    let (name, base) = (name.clone(), region.start);
                    found.push((Module { name, base, size: 0 }, false));
                    next
                }
            };
            if let Some((module, is_program)) = found.get_mut(at) {
                module.size = region.end().saturating_sub(module.base);
                *is_program |= is_one;
            }
        }
        let programs = found.into_iter().filter(|(_, is_one)| *is_one);
        self.modules = programs.map(|(module, _)| module).collect();
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
            let module = holding(&modules, region.start, Module::range);
            if let Some(module) = module {
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
    }
}

//! LVM2: physical volumes make a group, whose extents make logical volumes.

mod group;
mod label;
mod text;

use std::num::NonZeroU64;
use std::sync::Arc;

use super::{MAX_VOLUMES, Table, Volume, encrypted, encryption};
use crate::container::disk::{Disk, Map, Parts, Place, Stretch};
use crate::container::late::problem;
use crate::{Problem, Reason, Shared};

use group::{Group, Kind, Logical, Segment};
use label::Label;

/// A group of volumes over one or several physical ones.
pub struct VolumeGroup {
    /// Its name.
    pub name: String,
    /// The logical volumes.
    pub volumes: Vec<Volume>,
    /// Which of the disks that were given belong to it.
    pub members: Vec<usize>,
    /// What of these belongs to no volume: number of the disk, offset,
    /// length.
    pub gaps: Vec<(usize, u64, u64)>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// Is it a physical volume?
pub fn is_member(disk: &Shared) -> bool {
    Label::read(disk).is_some()
}

/// A group with a single physical volume, as a table.
pub(super) fn read(disk: &Shared) -> Option<Table> {
    if !is_member(disk) {
        return None;
    }
    let mut groups = assemble(std::slice::from_ref(disk));
    let mut table =
        Table { scheme: Some("lvm"), sector: 512, ..Table::default() };
    let size = disk.len().unwrap_or(0);
    match groups.pop() {
        Some(group) => {
            table.volumes = group.volumes;
            table.problems = group.problems;
            let gaps = group.gaps.into_iter();
            table.gaps = gaps.map(|(_, at, length)| (at, length)).collect();
        }
        None => {
            let detail = "a physical volume without a description";
            let reason = Reason::CorruptMetadata;
            table.problems.push(problem(reason, 0, 0, detail));
            table.gaps.push((0, size));
        }
    }
    Some(table)
}

/// Puts together all groups that lie on these disks. Disks that are no
/// physical volumes are left out.
pub fn assemble(disks: &[Shared]) -> Vec<VolumeGroup> {
    let labels: Vec<(usize, Label)> = disks
        .iter()
        .enumerate()
        .filter_map(|(number, disk)| Some((number, Label::read(disk)?)))
        .collect();
    // Every member may have a description; the newest counts.
    let mut groups: Vec<Group> = Vec::new();
    for (number, label) in &labels {
        let Some(disk) = disks.get(*number) else { continue };
        for text in label.texts(disk) {
            let Some(group) = Group::parse(&text) else { continue };
            match groups.iter_mut().find(|known| known.id == group.id) {
                Some(known) if known.sequence < group.sequence => {
                    *known = group;
                }
                Some(_) => {}
                None => groups.push(group),
            }
        }
    }
    let build = |group| build(group, disks, &labels);
    groups.into_iter().map(build).collect()
}

/// The extents of one logical volume.
struct Extents {
    segments: Vec<Segment>,
    extent: u64,
    /// Where the extents of each physical volume begin, if it is there.
    starts: Vec<Option<u64>>,
}

impl Extents {
    fn place(&self, segment: &Segment, inside: u64) -> Stretch {
        let lost =
            |reason| Stretch { place: Place::Lost(reason), length: u64::MAX };
        let stripes = match &segment.kind {
            Kind::Stripes(stripes) => stripes,
            Kind::Zero => {
                return Stretch { place: Place::Zero, length: u64::MAX };
            }
            Kind::Unsupported(_) => return lost(Reason::UnsupportedFormat),
            Kind::Wrong => return lost(Reason::CorruptMetadata),
        };
        let Some(count) = NonZeroU64::new(stripes.len() as u64) else {
            return lost(Reason::CorruptMetadata);
        };
        let (number, within, length) = match segment.stripe {
            Some(stripe) if count.get() > 1 => {
                let number = inside / stripe;
                let row = (number / count).saturating_mul(stripe.get());
                let part = inside % stripe;
                let left = stripe.get().saturating_sub(part);
                (number % count, row.saturating_add(part), left)
            }
            _ => (0, inside, u64::MAX),
        };
        let Some((member, extent)) = stripes.get(number as usize) else {
            return lost(Reason::CorruptMetadata);
        };
        let start = self.starts.get(*member).copied().flatten();
        let Some(start) = start else {
            let place = Place::Lost(Reason::MissingSegment);
            return Stretch { place, length };
        };
        let at = extent
            .saturating_mul(self.extent)
            .saturating_add(start)
            .saturating_add(within);
        Stretch { place: Place::Stored { file: *member, at }, length }
    }
}

impl Map for Extents {
    fn find(&self, offset: u64) -> Stretch {
        let start = |s: &Segment| s.start.saturating_mul(self.extent);
        let next = self.segments.partition_point(|s| start(s) <= offset);
        let end = self.segments.get(next).map_or(u64::MAX, start);
        let left = end.saturating_sub(offset);
        let own = next.checked_sub(1).and_then(|own| self.segments.get(own));
        let found = own.and_then(|segment| {
            let inside = offset.saturating_sub(start(segment));
            let size = segment.count.saturating_mul(self.extent);
            let rest = size.checked_sub(inside).filter(|rest| *rest > 0)?;
            let found = self.place(segment, inside);
            let length = found.length.min(rest);
            Some(Stretch { length, ..found })
        });
        let wrong = Place::Lost(Reason::CorruptMetadata);
        let found = found.unwrap_or(Stretch { place: wrong, length: left });
        Stretch { length: found.length.min(left), ..found }
    }
}

fn build(
    group: Group,
    disks: &[Shared],
    labels: &[(usize, Label)],
) -> VolumeGroup {
    let mut problems = Vec::new();
    let mut files: Vec<Shared> = Vec::new();
    let mut starts = Vec::new();
    let mut members = Vec::new();
    for member in &group.members {
        let found = labels.iter().find(|(_, label)| label.id == member.id);
        let file = found.and_then(|(number, _)| {
            members.push(*number);
            disks.get(*number).cloned()
        });
        starts.push(file.as_ref().map(|_| member.start));
        if file.is_none() {
            let detail = format!("physical volume {} is missing", member.name);
            let reason = Reason::MissingSegment;
            problems.push(problem(reason, None, 0, detail));
        }
        // In its place, so that numbers stay what they are.
        let empty = || Arc::new(crate::layer::Nothing) as Shared;
        files.push(file.unwrap_or_else(empty));
    }
    let gaps = gaps(&group, &files, &starts, &members);
    let mut volumes = Vec::new();
    for (index, logical) in (1..).zip(group.logical) {
        if volumes.len() >= MAX_VOLUMES {
            let detail = "more volumes than anybody has";
            let reason = Reason::ExpansionLimit;
            problems.push(problem(reason, None, 0, detail));
            break;
        }
        let map = |segments| Extents {
            segments,
            extent: group.extent,
            starts: starts.clone(),
        };
        let volume =
            volume(index, logical, group.extent, &files, map, &mut problems);
        volumes.push(volume);
    }
    VolumeGroup { name: group.name, volumes, members, gaps, problems }
}

fn volume(
    index: u32,
    logical: Logical,
    extent: u64,
    files: &[Shared],
    map: impl FnOnce(Vec<Segment>) -> Extents,
    problems: &mut Vec<Problem>,
) -> Volume {
    let Logical { name, id, segments } = logical;
    let end = segments
        .iter()
        .map(|segment| segment.start.saturating_add(segment.count))
        .max();
    let size = end.unwrap_or(0).saturating_mul(extent).min(i64::MAX as u64);
    let kind = segments.first().map_or("", |s| s.kind.name()).to_owned();
    let parts = Parts::new(map(segments), files.to_vec(), size);
    let (disk, found) = Disk::new(parts);
    problems.extend(found.into_iter().map(|mut one| {
        one.detail = format!("logical volume {name}: {}", one.detail);
        one
    }));
    let source: Shared = Arc::new(disk);
    let encryption = encryption(&source);
    if let Some(with) = encryption {
        problems.push(encrypted(with, 0, size));
    }
    let (id, offset, length) = (Some(id), None, size);
    Volume { index, name, kind, id, offset, length, source, encryption }
}

/// What of the physical volumes no logical one uses.
fn gaps(
    group: &Group,
    files: &[Shared],
    starts: &[Option<u64>],
    numbers: &[usize],
) -> Vec<(usize, u64, u64)> {
    let mut used: Vec<(usize, u64, u64)> = Vec::new();
    for segment in group.logical.iter().flat_map(|l| &l.segments) {
        let Kind::Stripes(stripes) = &segment.kind else { continue };
        let parts = (stripes.len() as u64).max(1);
        let extents = segment.count.checked_div(parts).unwrap_or(0);
        let length = extents.saturating_mul(group.extent);
        for (member, first) in stripes {
            if let Some(Some(start)) = starts.get(*member) {
                let at = first.saturating_mul(group.extent);
                used.push((*member, at.saturating_add(*start), length));
            }
        }
    }
    used.sort_unstable();
    let mut gaps = Vec::new();
    let present = starts.iter().enumerate().filter(|(_, s)| s.is_some());
    for ((member, _), number) in present.zip(numbers) {
        let size = files.get(member).and_then(|file| file.len()).unwrap_or(0);
        let mut at = 0u64;
        let own = used.iter().filter(|range| range.0 == member);
        for (_, start, length) in own {
            if *start > at {
                let end = (*start).min(size);
                gaps.push((*number, at, end.saturating_sub(at)));
            }
            at = at.max(start.saturating_add(*length));
        }
        if size > at {
            gaps.push((*number, at, size.saturating_sub(at)));
        }
    }
    gaps.retain(|gap| gap.2 > 0);
    gaps
}

#[cfg(test)]
mod tests;

//! The map of a medium: every object with its place, and who owns what.
//!
//! Made from metadata only. The map is in the order in which the bytes lie
//! in the file of the image, which for a compact image is another one than
//! that of the disk. What nobody owns becomes unallocated objects, so that
//! no byte is left out; who claims what somebody else has is counted once.

use dragnet_engine::source::ExtentKind;

use super::{Medium, Mounted, What};
use crate::memory::Unit;
use crate::{Form, Item, Object, ObjectKind, Problem, Run, Shared};

/// Most places on the medium for which one run is looked up.
const MAX_ORIGINS: usize = 1 << 20;

/// An object and where it is.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its volume: a place in [`Medium::volumes`].
    pub volume: usize,
    /// What it is.
    pub object: Object,
    /// An image that was opened: what is in it is scanned instead.
    pub opened: bool,
}

/// Bytes of the medium and what becomes of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Scanned as part of an entry.
    Scanned,
    /// Structures of file systems.
    Metadata,
    /// Cannot be decoded.
    Opaque,
    /// A hole of the container: there is nothing.
    Hole,
}

/// Everything that there is to scan.
pub struct Map {
    /// All objects, in the order in which the file has them.
    pub entries: Vec<Entry>,
    /// What is wrong, with the place of the volume.
    pub problems: Vec<(usize, Problem)>,
    /// The medium from front to back as `(offset, length, claim)`, without
    /// gaps and overlaps; what no volume knows is not in it.
    pub tiles: Vec<(u64, u64, Claim)>,
}

impl Medium {
    /// Walks all file systems.
    pub fn map(&self) -> Map {
        let mut map = Map {
            entries: Vec::new(),
            problems: Vec::new(),
            tiles: Vec::new(),
        };
        let mut claims = Vec::new();
        for (volume, mounted) in self.volumes.iter().enumerate() {
            let length = mounted.source.len().unwrap_or(0);
            match &mounted.what {
                What::System(system) => {
                    system.walk(&mut |item| match item {
                        Item::Object(object) => {
                            map.entries.push(entry(volume, object));
                        }
                        Item::Problem(problem) => {
                            map.problems.push((volume, problem));
                        }
                    });
                    let free = free_space(&map.entries, volume, mounted);
                    for object in free {
                        map.entries.push(entry(volume, object));
                    }
                }
                What::Raw => {
                    let object = stretch(ObjectKind::Raw, 0, length);
                    map.entries.push(entry(volume, object));
                }
                What::Gap => {
                    let kind = ObjectKind::Unpartitioned;
                    for object in pieces(kind, &mounted.source, 0, length) {
                        map.entries.push(entry(volume, object));
                    }
                }
                What::Memory(space) => {
                    for problem in space.all_problems(self.unit) {
                        map.problems.push((volume, problem));
                    }
                    let objects = space.objects(self.unit).into_iter();
                    map.entries.extend(objects.map(|o| entry(volume, o)));
                    // Headers, notes, and whatever hides behind them.
                    if !space.is_live && self.unit != Unit::Module {
                        let rest = free_space(&map.entries, volume, mounted);
                        let rest = rest.into_iter();
                        map.entries.extend(rest.map(|o| entry(volume, o)));
                    }
                }
                What::Encrypted => {
                    claim(
                        &mounted.source,
                        0,
                        length,
                        Claim::Opaque,
                        &mut claims,
                    );
                }
            }
        }
        for entry in &mut map.entries {
            if let Some(mounted) = self.volumes.get(entry.volume) {
                let path = &entry.object.path;
                entry.opened = !mounted.nested && self.opened.contains(path);
                if !mounted.nested {
                    claim_all(mounted, &entry.object, &mut claims);
                }
            }
        }
        for extent in self.source.extents(0) {
            let hole = matches!(
                extent.kind,
                ExtentKind::Zero | ExtentKind::Unallocated
            );
            if hole {
                claims.push((extent.offset, extent.length, Claim::Hole));
            }
        }
        map.tiles = tile(claims);
        let key = |entry: &Entry| {
            let mounted = self.volumes.get(entry.volume);
            let first = entry.object.runs.iter().find_map(|run| run.physical);
            let at = match &entry.object.form {
                Form::Inline { physical, .. } => *physical,
                _ => first,
            };
            let origin =
                mounted.zip(at).and_then(|(m, at)| m.source.origin(at));
            origin.map_or((u64::MAX, 0), |o| {
                (o.file_offset.unwrap_or(o.physical), o.physical)
            })
        };
        map.entries.sort_by_cached_key(key);
        map
    }
}

fn entry(volume: usize, object: Object) -> Entry {
    Entry { volume, object, opened: false }
}

/// An object that is one stretch of its volume.
fn stretch(kind: ObjectKind, at: u64, length: u64) -> Object {
    let path = match kind {
        ObjectKind::Raw => Vec::new(),
        _ => format!("${}/{at:#x}", kind.name()).into_bytes(),
    };
    let run = Run { logical: 0, physical: Some(at), length };
    Object::new(kind, path, String::new()).with_runs(vec![run])
}

/// The stretches between the holes of a range.
fn pieces(
    kind: ObjectKind,
    source: &Shared,
    start: u64,
    length: u64,
) -> Vec<Object> {
    let end = start.saturating_add(length);
    let mut stored: Vec<(u64, u64)> = Vec::new();
    for extent in source.extents(start) {
        if extent.offset >= end {
            break;
        }
        let to = extent.offset.saturating_add(extent.length).min(end);
        let data =
            matches!(extent.kind, ExtentKind::Data | ExtentKind::Unreadable);
        match stored.last_mut() {
            _ if !data => {}
            Some(last) if last.1 == extent.offset => last.1 = to,
            _ => stored.push((extent.offset, to)),
        }
    }
    stored
        .into_iter()
        .map(|(from, to)| stretch(kind, from, to.saturating_sub(from)))
        .collect()
}

/// What no object of a volume owns.
fn free_space(
    entries: &[Entry],
    volume: usize,
    mounted: &Mounted,
) -> Vec<Object> {
    let size = mounted.source.len().unwrap_or(0);
    let mut owned: Vec<(u64, u64)> = entries
        .iter()
        .filter(|entry| entry.volume == volume)
        .flat_map(|entry| &entry.object.runs)
        .filter_map(|run| Some((run.physical?, run.length)))
        .collect();
    owned.sort_unstable();
    let mut free = Vec::new();
    let mut at = 0;
    for (start, length) in owned.into_iter().chain([(size, 0)]) {
        if start > at {
            let length = start.min(size).saturating_sub(at);
            let kind = ObjectKind::Unallocated;
            free.extend(pieces(kind, &mounted.source, at, length));
        }
        at = at.max(start.saturating_add(length)).min(size);
    }
    free
}

type Claims = Vec<(u64, u64, Claim)>;

fn claim_all(mounted: &Mounted, object: &Object, claims: &mut Claims) {
    let what = match object {
        Object { kind: ObjectKind::Metadata, .. } => Claim::Metadata,
        Object { form: Form::Opaque, .. } => Claim::Opaque,
        _ => Claim::Scanned,
    };
    for run in &object.runs {
        if let Some(physical) = run.physical {
            claim(&mounted.source, physical, run.length, what, claims);
        }
    }
}

/// Adds a claim on a range of a volume, as ranges of the medium.
fn claim(
    source: &Shared,
    physical: u64,
    length: u64,
    what: Claim,
    claims: &mut Claims,
) {
    let end = physical.saturating_add(length);
    let mut at = physical;
    for _ in 0..MAX_ORIGINS {
        let Some(origin) = source.origin(at).filter(|_| at < end) else {
            break;
        };
        let length = origin.length.min(end.saturating_sub(at)).max(1);
        claims.push((origin.physical, length, what));
        at = at.saturating_add(length);
    }
}

/// Lays the claims side by side. Holes hold nothing, whoever claims them;
/// else what is scanned counts as scanned.
fn tile(claims: Claims) -> Claims {
    let order = |claim: Claim| match claim {
        Claim::Hole => 0_usize,
        Claim::Scanned => 1,
        Claim::Opaque => 2,
        Claim::Metadata => 3,
    };
    let all = [Claim::Hole, Claim::Scanned, Claim::Opaque, Claim::Metadata];
    let mut edges: Vec<(u64, usize, bool)> = Vec::new();
    for (at, length, claim) in claims.into_iter().filter(|claim| claim.1 > 0) {
        edges.push((at, order(claim), true));
        edges.push((at.saturating_add(length), order(claim), false));
    }
    edges.sort_unstable();
    let mut open = [0_usize; 4];
    let mut tiles: Claims = Vec::new();
    let mut last = 0;
    for (at, which, opens) in edges {
        let first = open.iter().position(|count| *count > 0);
        if let Some(claim) = first.and_then(|first| all.get(first))
            && at > last
        {
            let length = at.saturating_sub(last);
            match tiles.last_mut() {
                Some(tile)
                    if tile.2 == *claim
                        && tile.0.saturating_add(tile.1) == last =>
                {
                    tile.1 = tile.1.saturating_add(length);
                }
                _ => tiles.push((last, length, *claim)),
            }
        }
        last = at;
        if let Some(count) = open.get_mut(which) {
            *count = match opens {
                true => count.saturating_add(1),
                false => count.saturating_sub(1),
            };
        }
    }
    tiles
}

impl Map {
    /// Bytes of the medium with this claim.
    pub fn bytes(&self, wanted: Claim) -> u64 {
        let of = |tile: &&(u64, u64, Claim)| tile.2 == wanted;
        let lengths = self.tiles.iter().filter(of).map(|tile| tile.1);
        lengths.fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_lie_side_by_side() {
        let tiles = tile(vec![
            (0, 100, Claim::Metadata),
            (10, 20, Claim::Scanned),
            (20, 30, Claim::Scanned),
            (25, 5, Claim::Hole),
            (200, 10, Claim::Opaque),
        ]);
        let expected = [
            (0, 10, Claim::Metadata),
            (10, 15, Claim::Scanned),
            (25, 5, Claim::Hole),
            (30, 20, Claim::Scanned),
            (50, 50, Claim::Metadata),
            (200, 10, Claim::Opaque),
        ];
        assert_eq!(tiles, expected);
    }
}

//! Images as work: opens one, names what is in it, and tells where it lies.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use dragnet::memory::View;
use dragnet::{
    Claim, Content, Entry, Form, Map, Medium, ObjectKind, OpenError, Problem,
    Unit, What, path_bytes, path_from_bytes,
};

use crate::report::{InMemory, Place, Whole};

/// An opened image and its map.
pub(crate) struct Image {
    pub(crate) path: PathBuf,
    pub(crate) medium: Medium,
    pub(crate) map: Map,
    /// Bytes of objects that were left out after all.
    left_out: AtomicU64,
    /// Bytes of objects that belong to other parts of the work.
    elsewhere: AtomicU64,
    /// What an earlier run, that this one goes on, found wrong.
    earlier: OnceLock<Vec<Problem>>,
}

impl Image {
    /// What stands between an image, a volume and an object.
    pub(crate) const SEPARATOR: &[u8] = b"::";

    /// Opens a file as an image; `None` if it is none.
    pub(crate) fn open(
        path: &Path,
        unit: Unit,
    ) -> Result<Option<Image>, OpenError> {
        if let Some(pid) = Image::pid_of(path) {
            return Image::process(pid, unit).map(Some);
        }
        let Some(mut medium) = Medium::open(path)? else { return Ok(None) };
        medium.unit = unit;
        Ok(Some(Image::of(path.to_owned(), medium)))
    }

    /// A process that runs.
    pub(crate) fn process(pid: u64, unit: Unit) -> Result<Image, OpenError> {
        let medium = Medium::process(pid, unit)?;
        Ok(Image::of(Image::name_of_process(pid), medium))
    }

    /// What a process is called in place of a path.
    pub(crate) fn name_of_process(pid: u64) -> PathBuf {
        PathBuf::from(format!("pid:{pid}"))
    }

    /// The process that has this name, unless a file has it.
    pub(crate) fn pid_of(path: &Path) -> Option<u64> {
        let pid = path.to_str()?.strip_prefix("pid:")?.parse().ok()?;
        (!path.exists()).then_some(pid)
    }

    fn of(path: PathBuf, medium: Medium) -> Image {
        let map = medium.map();
        let (left_out, elsewhere) = (AtomicU64::new(0), AtomicU64::new(0));
        let earlier = OnceLock::new();
        Image { path, medium, map, left_out, elsewhere, earlier }
    }

    /// The entries that are scanned each as an object.
    pub(crate) fn scannable(&self) -> impl Iterator<Item = usize> + '_ {
        let all = self.map.entries.iter().enumerate();
        all.filter(|(_, e)| is_scannable(e) && !self.is_part(e))
            .map(|(at, _)| at)
    }

    /// The entries that are scanned as parts of memory that is one object.
    fn is_part(&self, entry: &Entry) -> bool {
        self.medium.unit.is_whole()
            && entry.object.address.is_some()
            && is_scannable(entry)
    }

    /// Volumes with memory that is scanned as one object.
    pub(crate) fn spaces(&self) -> Vec<usize> {
        let parts = self.map.entries.iter().filter(|e| self.is_part(e));
        let mut all: Vec<usize> = parts.map(|entry| entry.volume).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The parts of such memory.
    pub(crate) fn parts_of_space(
        &self,
        volume: usize,
    ) -> impl Iterator<Item = &Entry> {
        let all = self.map.entries.iter();
        all.filter(move |e| e.volume == volume && self.is_part(e))
    }

    /// What such memory is called: as the dump or the process, or as the
    /// volume if the image has several.
    pub(crate) fn name_of_space(&self, volume: usize) -> PathBuf {
        let is_only = self.medium.spaces().nth(1).is_none();
        let mounted = self.medium.volumes.get(volume);
        match mounted.is_some_and(|mounted| mounted.nested) || !is_only {
            true => self.join(Some(volume), b""),
            false => self.path.clone(),
        }
    }

    /// What an object is called: image, volume and path.
    pub(crate) fn name(&self, entry: &Entry) -> PathBuf {
        self.join(Some(entry.volume), &entry.object.path)
    }

    /// What is wrong with containers, tables and file systems, and what each
    /// is about.
    pub(crate) fn problems(
        &self,
    ) -> impl Iterator<Item = (PathBuf, &Problem)> {
        let own = self.medium.problems.iter().map(|problem| (None, problem));
        let of_volumes = self.map.problems.iter().map(|(v, p)| (Some(*v), p));
        own.chain(of_volumes).map(|(volume, problem)| {
            (self.name_of_problem(volume, problem), problem)
        })
    }

    /// What a problem is about.
    pub(crate) fn name_of_problem(
        &self,
        volume: Option<usize>,
        problem: &Problem,
    ) -> PathBuf {
        self.join(volume, &problem.path)
    }

    fn join(&self, volume: Option<usize>, path: &[u8]) -> PathBuf {
        let mounted = volume.and_then(|at| self.medium.volumes.get(at));
        let label = mounted.map_or("", |mounted| mounted.label.as_str());
        let parts = [label.as_bytes(), path];
        let mut name = path_bytes(&self.path).to_vec();
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            name.extend_from_slice(Image::SEPARATOR);
            name.extend_from_slice(part);
        }
        path_from_bytes(&name).into_owned()
    }

    /// The bytes of an object.
    pub(crate) fn content(&self, entry: &Entry) -> Option<Content> {
        let mounted = self.medium.volumes.get(entry.volume)?;
        Some(Content::new(mounted.source.clone(), entry.object.clone()))
    }

    /// Where an object is, for a row.
    pub(crate) fn place<'a>(&'a self, entry: &'a Entry) -> Place<'a> {
        let mounted = self.medium.volumes.get(entry.volume);
        let fs = mounted.and_then(|mounted| match &mounted.what {
            What::System(system) => Some(system.name()),
            What::Memory(space) => Some(space.format),
            _ => None,
        });
        Place {
            image: &self.path,
            image_size: self.medium.size(),
            formats: &self.medium.formats,
            volume: mounted.map_or("", |mounted| &mounted.label),
            fs,
            kind: entry.object.kind,
            memory: self.memory(entry),
            path: &entry.object.path,
            inode: &entry.object.inode,
            size: entry.object.size,
        }
    }

    /// Where memory is that is one object, for a row.
    pub(crate) fn place_of_space(&self, volume: usize) -> Option<Place<'_>> {
        let first = self.parts_of_space(volume).next()?;
        let lengths = self.parts_of_space(volume).map(|e| e.object.size);
        let memory = self.memory(first)?;
        let kind = match memory.space.view {
            View::Process => ObjectKind::Process,
            View::Physical => ObjectKind::Physical,
        };
        // Addresses count from the first one.
        let memory = Some(InMemory { base: 0, ..memory });
        let size = lengths.fold(0, u64::saturating_add);
        Some(Place { kind, memory, size, path: b"", ..self.place(first) })
    }

    fn memory(&self, entry: &Entry) -> Option<InMemory<'_>> {
        let space = self.medium.space(entry)?;
        let base = entry.object.address?;
        Some(InMemory { space, base, unit: self.medium.unit })
    }

    /// Bytes of the medium that count as scanned with an object.
    pub(crate) fn weight(&self, entry: &Entry) -> u64 {
        // Of an image within an archive the archive's member counts.
        let mounted = self.medium.volumes.get(entry.volume);
        if mounted.is_some_and(|mounted| mounted.nested) {
            return 0;
        }
        let runs = entry.object.runs.iter();
        let stored = runs.filter(|run| run.physical.is_some());
        let lengths = stored.map(|run| run.length);
        lengths.fold(0_u64, u64::saturating_add)
    }

    /// Objects of this weight were not scanned after all.
    pub(crate) fn leave_out(&self, bytes: u64) {
        self.left_out.fetch_add(bytes, Ordering::Relaxed);
    }

    /// An object belongs to another part of the work.
    pub(crate) fn leave_to_others(&self, entry: &Entry) {
        let bytes = self.weight(entry);
        self.elsewhere.fetch_add(bytes, Ordering::Relaxed);
    }

    /// What was left out so far.
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out.load(Ordering::Relaxed)
    }

    /// Goes on where an earlier run stopped.
    pub(crate) fn resume(&self, left_out: u64, problems: Vec<Problem>) {
        self.leave_out(left_out);
        let _ = self.earlier.set(problems);
    }

    /// What turned out to be wrong while it was read, each once, in the
    /// order of the medium.
    pub(crate) fn late_problems(&self) -> Vec<Problem> {
        let mut all = self.medium.late_problems();
        for problem in self.earlier.get().into_iter().flatten() {
            if !all.contains(problem) {
                all.push(problem.clone());
            }
        }
        all.sort_by_key(|problem| (problem.physical, problem.reason));
        all
    }

    /// What became of all bytes of the medium.
    pub(crate) fn whole(&self) -> Whole<'_> {
        let size = self.medium.size();
        let bytes = |claim| self.map.bytes(claim);
        let elsewhere = self.elsewhere.load(Ordering::Relaxed);
        let left_out = self.left_out().saturating_add(elsewhere);
        let (holes, metadata) = (bytes(Claim::Hole), bytes(Claim::Metadata));
        let scanned = bytes(Claim::Scanned).saturating_sub(left_out);
        let unread = size.saturating_sub(scanned + holes + metadata);
        let path = &self.path;
        let is_live = self.medium.spaces().any(|space| space.is_live);
        Whole { is_live, path, size, scanned, holes, metadata, unread }
    }
}

/// Does the object have bytes that are scanned by default?
fn is_scannable(entry: &Entry) -> bool {
    let object = &entry.object;
    let is_content = object.kind != ObjectKind::Metadata;
    is_content && object.form != Form::Opaque && !entry.opened
}

//! tar archives, and with them OVA appliances, without extraction.
//!
//! A member is a range of the archive, so a disk in an appliance is read
//! where it lies.

mod header;

use std::sync::Arc;

use super::field::peek;
use super::late::problem;
use super::{Cx, Opened, Result, Siblings};
use crate::{
    FileSystem, Item, Object, ObjectKind, OpenError, Part, Problem, Reason,
    Run, Shared,
};

use header::{Header, Kind, Names, SECTOR};

/// Longest name or extended header that is read.
const MAX_EXTENDED: u64 = 1 << 20;
/// Most names that are listed for the sets of files inside.
const MAX_NAMES: usize = 100_000;

/// An archive as a file system.
#[derive(Clone)]
pub struct Archive {
    source: Shared,
}

/// What a header leads to.
struct Member {
    path: Vec<u8>,
    /// Where its first header begins.
    head: u64,
    at: u64,
    size: u64,
    header: Header,
}

/// One step of the walk.
enum Step {
    Member(Member),
    /// Something wrong; the walk goes on where it was.
    Problem(Problem),
}

/// Goes from header to header.
struct Walk<'a> {
    source: &'a Shared,
    /// The next header; behind the last one, what is not archive any more.
    at: u64,
    ended: bool,
}

impl Walk<'_> {
    fn end(&mut self, why: Option<&str>) -> Option<Step> {
        self.ended = true;
        let held = self.source.len().unwrap_or(0);
        let bytes = held.saturating_sub(self.at);
        let reason = match bytes {
            0 => Reason::Truncated,
            _ => Reason::CorruptMetadata,
        };
        why.map(|why| Step::Problem(problem(reason, self.at, bytes, why)))
    }

    fn header(&mut self) -> std::result::Result<Option<Header>, &'static str> {
        let block = peek(self.source, self.at, SECTOR as usize);
        if block.is_empty() {
            return Ok(None);
        }
        if block.len() < SECTOR as usize {
            return Err("a header is cut off");
        }
        if block.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        Header::parse(&block).map(Some).ok_or("a header is wrong")
    }
}

impl Iterator for Walk<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        if self.ended {
            return None;
        }
        let head = self.at;
        let mut names = Names::default();
        loop {
            let header = match self.header() {
                Ok(Some(header)) => header,
                Ok(None) => return self.end(None),
                Err(why) => return self.end(Some(why)),
            };
            let at = self.at.saturating_add(SECTOR);
            let is_extension = matches!(
                header.kind,
                Kind::LongName
                    | Kind::LongLink
                    | Kind::Extended
                    | Kind::Global
            );
            let size = match (names.size, is_extension) {
                (Some(size), false) => size,
                _ => header.size,
            };
            let next = size
                .checked_next_multiple_of(SECTOR)
                .and_then(|padded| at.checked_add(padded));
            let Some(next) = next else {
                return self.end(Some("a size that cannot be"));
            };
            self.at = next;
            if is_extension {
                if size <= MAX_EXTENDED {
                    let content = peek(self.source, at, size as usize);
                    names.take(header.kind, &content);
                }
                continue;
            }
            let path = names.path.unwrap_or_else(|| header.path.clone());
            let held = self.source.len().unwrap_or(0);
            if next > held {
                self.ended = true;
            }
            return Some(Step::Member(Member {
                path,
                head,
                at,
                size,
                header,
            }));
        }
    }
}

impl Archive {
    /// The archive, if there is one.
    fn open(source: &Shared, head: &[u8], name: &str) -> Option<Archive> {
        let block = head.get(..SECTOR as usize)?;
        let header = Header::parse(block)?;
        let is_named = name
            .rsplit_once('.')
            .is_some_and(|(_, end)| matches!(end, "tar" | "ova"));
        let is_one = header.is_marked || is_named && !header.path.is_empty();
        is_one.then(|| Archive { source: source.clone() })
    }

    fn steps(&self) -> Walk<'_> {
        Walk { source: &self.source, at: 0, ended: false }
    }

    /// Where what is not archive any more begins.
    fn rest(&self) -> u64 {
        let mut walk = self.steps();
        while walk.next().is_some() {}
        walk.at
    }

    fn files(&self) -> impl Iterator<Item = Member> {
        self.steps().filter_map(|step| match step {
            Step::Member(member) if member.header.kind == Kind::File => {
                Some(member)
            }
            _ => None,
        })
    }
}

/// A name as sets of files use it.
fn plain(path: &[u8]) -> Option<&str> {
    let path = path.strip_prefix(b"./").unwrap_or(path);
    std::str::from_utf8(path).ok().filter(|path| !path.contains('/'))
}

impl Siblings for Archive {
    fn open(&self, name: &str) -> std::result::Result<Shared, OpenError> {
        let found = self.files().find(|m| plain(&m.path) == Some(name));
        let gone = || OpenError::new(Reason::Gone, "not in the archive");
        let member = found.ok_or_else(gone)?;
        let part = Part::new(self.source.clone(), member.at, member.size);
        Ok(Arc::new(part))
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .files()
            .filter_map(|member| plain(&member.path).map(str::to_owned))
            .take(MAX_NAMES)
            .collect();
        names.sort_unstable();
        names
    }
}

impl Member {
    /// The objects of a member: its content, its header, and what is left
    /// of its last block.
    fn objects(self, held: u64, sink: &mut dyn FnMut(Item)) {
        let Member { path, head, at, size, header } = self;
        let object = |kind, from: u64, to: u64| {
            let to = to.min(held);
            let length = to.saturating_sub(from);
            let inode = (at.saturating_sub(SECTOR) / SECTOR).to_string();
            let object = Object::new(kind, path.clone(), inode);
            let run = (length > 0).then(|| Run::new(0, from, length));
            object.with_runs(run.into_iter().collect())
        };
        let mut put = |object| sink(Item::Object(object));
        put(object(ObjectKind::Metadata, head, at));
        let end = at.saturating_add(size);
        if header.kind == Kind::File {
            let mut file = object(ObjectKind::File, at, end);
            file.times.modified = header.modified;
            put(file);
        } else if size > 0 {
            put(object(ObjectKind::Metadata, at, end));
        }
        let padded = end.checked_next_multiple_of(SECTOR).unwrap_or(end);
        if padded.min(held) > end {
            put(object(ObjectKind::Slack, end, padded));
        }
        let lost = end.saturating_sub(at.max(held));
        if lost > 0 {
            let detail = "the archive ends before its member".to_owned();
            let (reason, physical) = (Reason::Truncated, Some(held));
            let bytes = lost;
            let problem = Problem { reason, path, physical, bytes, detail };
            sink(Item::Problem(problem));
        } else if header.is_sparse {
            let detail = "holes of the file are not put back".to_owned();
            let (reason, physical) = (Reason::UnsupportedFormat, Some(at));
            let bytes = size;
            let problem = Problem { reason, path, physical, bytes, detail };
            sink(Item::Problem(problem));
        }
    }
}

impl FileSystem for Archive {
    fn name(&self) -> &'static str {
        "tar"
    }

    fn cluster(&self) -> u64 {
        SECTOR
    }

    fn walk(&self, sink: &mut dyn FnMut(Item)) {
        let held = self.source.len().unwrap_or(0);
        for step in self.steps() {
            match step {
                Step::Member(member) => member.objects(held, sink),
                Step::Problem(problem) => sink(Item::Problem(problem)),
            }
        }
    }

    fn free(&self) -> Vec<(u64, u64)> {
        let at = self.rest();
        let left = self.source.len().unwrap_or(0).saturating_sub(at);
        if left > 0 { vec![(at, left)] } else { Vec::new() }
    }
}

pub(super) fn open(cx: &Cx<'_>) -> Result<Option<Opened>> {
    let archive = Archive::open(cx.source, cx.head, cx.name);
    Ok(archive.map(|archive| {
        let mut opened = Opened::new("tar", cx.source.clone());
        opened.archive = Some(archive);
        opened
    }))
}

#[cfg(test)]
mod tests;

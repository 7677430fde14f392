//! From allocated space to objects: content, what was never written, slack.

use super::free::Free;
use super::layout::Layout;
use crate::Reason;
use crate::object::{Item, Object, ObjectKind, Problem, Run};

/// Where the bytes of a plain object lie.
#[derive(Debug, Default)]
pub(super) struct Space {
    /// Space that was written.
    pub(super) written: Layout,
    /// Space that was allocated only.
    pub(super) unwritten: Layout,
    /// Logical size.
    pub(super) size: u64,
    /// From here on nothing was written.
    pub(super) valid: u64,
}

/// Gives an object that is in use, and objects of what its space holds
/// besides of its content.
pub(super) fn in_use(
    mut object: Object,
    space: &Space,
    sink: &mut dyn FnMut(Item),
) {
    let Space { written, unwritten, size, .. } = space;
    let valid = space.valid.min(*size);
    let beside = |kind, runs: Vec<Run>| {
        let path = object.path.clone();
        let mut beside = Object::new(kind, path, object.inode.clone());
        beside.sequence = object.sequence;
        beside.times = object.times;
        Item::Object(beside.with_runs(from_zero(runs)))
    };
    let mut stale = unwritten.clip(0, *size);
    stale.extend(written.clip(valid, *size));
    let mut slack = written.clip(*size, u64::MAX);
    slack.extend(unwritten.clip(*size, u64::MAX));
    let besides: Vec<Item> =
        [(ObjectKind::Uninitialised, stale), (ObjectKind::Slack, slack)]
            .into_iter()
            .filter(|(_, runs)| !runs.is_empty())
            .map(|(kind, runs)| beside(kind, runs))
            .collect();
    object.size = *size;
    object.valid = valid;
    object.runs = written.clip(0, valid);
    sink(Item::Object(object));
    besides.into_iter().for_each(sink);
}

/// Sorted by place, without overlap, and counted from the first byte.
fn from_zero(runs: Vec<Run>) -> Vec<Run> {
    let (layout, _) = Layout::new(runs);
    layout.cut_out(0, u64::MAX)
}

/// Gives what is left of a deleted object: only the space that is still
/// free.
pub(super) fn deleted(
    mut object: Object,
    space: &Space,
    free: &Free,
    sink: &mut dyn FnMut(Item),
) {
    let valid = space.valid.min(space.size);
    let runs = space.written.clip(0, valid);
    let (left, lost) = free.still_free(&runs);
    if lost > 0 {
        sink(Item::Problem(reused(&object.path, lost)));
    }
    if left.is_empty() && lost > 0 {
        return;
    }
    object.size = space.size;
    object.valid = valid;
    object.reused = lost;
    object.runs = left;
    sink(Item::Object(object));
}

/// Space of a deleted object belongs to others.
pub(super) fn reused(path: &[u8], bytes: u64) -> Problem {
    Problem {
        reason: Reason::Reused,
        path: path.to_vec(),
        physical: None,
        bytes,
        detail: "belongs to another object by now".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(kind: ObjectKind) -> Object {
        Object::new(kind, b"/file".to_vec(), "5".to_owned())
    }

    fn objects(run: impl FnOnce(&mut dyn FnMut(Item))) -> Vec<Object> {
        let mut objects = Vec::new();
        run(&mut |item| {
            if let Item::Object(object) = item {
                objects.push(object);
            }
        });
        objects
    }

    #[test]
    fn content_stale_bytes_and_slack_share_nothing() {
        let (written, _) = Layout::new(vec![Run::new(0, 100, 20)]);
        let (unwritten, _) = Layout::new(vec![Run::new(24, 200, 8)]);
        let space = Space { written, unwritten, size: 30, valid: 15 };
        let found =
            objects(|sink| in_use(file(ObjectKind::File), &space, sink));
        let [content, stale, slack] = &found[..] else { panic!("{found:?}") };
        assert_eq!(content.runs, [Run::new(0, 100, 15)]);
        assert_eq!((content.size, content.valid), (30, 15));
        assert_eq!(stale.runs, [Run::new(0, 115, 5), Run::new(9, 200, 6)]);
        assert_eq!(stale.kind, ObjectKind::Uninitialised);
        assert_eq!(stale.size, 15);
        assert_eq!(slack.runs, [Run::new(0, 206, 2)]);
        assert_eq!(slack.kind, ObjectKind::Slack);
    }

    #[test]
    fn of_deleted_objects_only_free_space_is_left() {
        let (written, _) = Layout::new(vec![Run::new(0, 100, 20)]);
        let space = Space { written, size: 18, valid: 18, ..Space::default() };
        let mut free = Free::default();
        free.add(110, 10);
        let kind = ObjectKind::Deleted;
        let found = objects(|sink| deleted(file(kind), &space, &free, sink));
        assert_eq!(found[0].runs, [Run::new(10, 110, 8)]);
        assert_eq!((found[0].size, found[0].reused), (18, 10));
        let none = Free::default();
        let found = objects(|sink| deleted(file(kind), &space, &none, sink));
        assert_eq!(found, []);
    }
}

//! A tree of values that is laid out as a schema says.
//!
//! Hides how values lie in memory. Parsers build it with `record!`, which
//! resolves the names of members when the program is compiled.

use std::borrow::Cow;

use super::schema::{Struct, Type};
use super::{Index, Value};

/// A value of a field: `'d` is the object it may be borrowed from.
pub(super) enum Node<'d> {
    Int(i64),
    Float(f64),
    Bool(bool),
    Bytes(Cow<'d, [u8]>),
    /// One place for each member.
    Struct(Box<[Option<Node<'d>>]>),
    Array(Box<[Option<Node<'d>>]>),
    /// Ordered by key.
    Map(Box<[(Cow<'d, [u8]>, Node<'d>)]>),
}

impl<'d> Node<'d> {
    /// A map; of several entries with one key, the last one counts.
    pub(super) fn map(entries: Vec<(Cow<'d, [u8]>, Node<'d>)>) -> Self {
        let mut sorted = entries;
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        sorted.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                std::mem::swap(next, kept);
            }
            same
        });
        Node::Map(sorted.into_boxed_slice())
    }

    /// A structure of `size` members; the values go to the places named.
    pub(super) fn record<const N: usize>(
        size: usize,
        places: [usize; N],
        values: [Option<Node<'d>>; N],
    ) -> Self {
        let mut members: Vec<Option<Node<'d>>> = Vec::with_capacity(size);
        members.resize_with(size, || None);
        for (place, value) in places.into_iter().zip(values) {
            members[place] = value;
        }
        Node::Struct(members.into_boxed_slice())
    }

    /// The value at a path. An index is used up by the first array or map
    /// that is met.
    pub(super) fn find(
        &self,
        path: &[u16],
        index: &[Index<'_>],
    ) -> Option<&Node<'d>> {
        let mut at = self;
        let mut index = index.iter();
        for &step in path {
            let Node::Struct(members) = at else { return None };
            at = members.get(usize::from(step))?.as_ref()?;
            at = at.indexed(&mut index)?;
        }
        Some(at)
    }

    /// The item that the next index means, if this is an array or a map and
    /// there is one; otherwise the value itself.
    pub(super) fn indexed<'i, 'k: 'i>(
        &self,
        index: &mut impl Iterator<Item = &'i Index<'k>>,
    ) -> Option<&Node<'d>> {
        match self {
            Node::Array(_) | Node::Map(_) => match index.next() {
                Some(&key) => self.item(key),
                None => Some(self),
            },
            _ => Some(self),
        }
    }

    fn item(&self, index: Index<'_>) -> Option<&Node<'d>> {
        match (self, index) {
            (Node::Array(items), Index::Int(at)) => {
                items.get(usize::try_from(at).ok()?)?.as_ref()
            }
            (Node::Map(items), Index::Key(key)) => {
                let at = items.binary_search_by(|item| (*item.0).cmp(key));
                Some(&items[at.ok()?].1)
            }
            _ => None,
        }
    }

    /// The value of a scalar.
    pub(super) fn value(&self) -> Option<Value<'_>> {
        match self {
            Node::Int(int) => Some(Value::Int(*int)),
            Node::Float(float) => Some(Value::Float(*float)),
            Node::Bool(bool) => Some(Value::Bool(*bool)),
            Node::Bytes(bytes) => Some(Value::Bytes(Cow::Borrowed(bytes))),
            Node::Struct(_) | Node::Array(_) | Node::Map(_) => None,
        }
    }

    /// The number of items of an array or a map.
    pub(super) fn len(&self) -> Option<u64> {
        match self {
            Node::Array(items) => Some(items.len() as u64),
            Node::Map(items) => Some(items.len() as u64),
            _ => None,
        }
    }

    /// The key at a position of a map.
    pub(super) fn key(&self, position: u64) -> Option<&[u8]> {
        let Node::Map(items) = self else { return None };
        Some(&items.get(usize::try_from(position).ok()?)?.0)
    }
}

/// What a field may be set to. `None` is undefined.
pub(super) trait IntoNode<'d> {
    fn into_node(self) -> Option<Node<'d>>;
}

/// Implements [`IntoNode`] for types that always have a value.
macro_rules! into_node {
    ($($from:ty: |$value:ident| $node:expr;)*) => { $(
        impl<'d> IntoNode<'d> for $from {
            fn into_node(self) -> Option<Node<'d>> {
                let $value = self;
                Some($node)
            }
        }
    )* };
}

into_node! {
    u8: |v| Node::Int(i64::from(v));
    u16: |v| Node::Int(i64::from(v));
    u32: |v| Node::Int(i64::from(v));
    i32: |v| Node::Int(i64::from(v));
    i64: |v| Node::Int(v);
    // Rules know signed numbers only; both engines let the bits stand.
    u64: |v| Node::Int(v as i64);
    usize: |v| Node::Int(v as i64);
    f64: |v| Node::Float(v);
    bool: |v| Node::Bool(v);
    &'d [u8]: |v| Node::Bytes(Cow::Borrowed(v));
    &'d str: |v| Node::Bytes(Cow::Borrowed(v.as_bytes()));
    Vec<u8>: |v| Node::Bytes(Cow::Owned(v));
    String: |v| Node::Bytes(Cow::Owned(v.into_bytes()));
    Cow<'d, [u8]>: |v| Node::Bytes(v);
    Node<'d>: |v| v;
}

impl<'d, T: IntoNode<'d>> IntoNode<'d> for Option<T> {
    fn into_node(self) -> Option<Node<'d>> {
        self?.into_node()
    }
}

/// An array of what an iterator gives.
pub(super) fn array<'d, T: IntoNode<'d>>(
    items: impl IntoIterator<Item = T>,
) -> Node<'d> {
    Node::Array(items.into_iter().map(IntoNode::into_node).collect())
}

/// The place of each named member in a structure. A name that stands twice
/// means the two halves of a dual field, in their order.
///
/// Panics, while the program is compiled, if a name is unknown or a field
/// of the structure is not named.
pub(super) const fn places<const N: usize>(
    structure: &Struct,
    names: [&str; N],
) -> [usize; N] {
    let mut places = [0; N];
    let mut at = 0;
    while at < N {
        let mut from = 0;
        let mut before = 0;
        while before < at {
            if same(names[before], names[at]) {
                from = places[before] + 1;
            }
            before += 1;
        }
        places[at] = place_from(structure, names[at], from);
        at += 1;
    }
    let mut fields = 0;
    let mut member = 0;
    while member < structure.members.len() {
        if !matches!(structure.members[member].ty, Type::Func(_)) {
            fields += 1;
        }
        member += 1;
    }
    assert!(fields == N, "a field of the structure is missing");
    places
}

/// The place of a member, for `members!`.
pub(super) const fn place(structure: &Struct, name: &str) -> u16 {
    place_from(structure, name, 0) as u16
}

const fn place_from(structure: &Struct, name: &str, from: usize) -> usize {
    let mut at = from;
    while at < structure.members.len() {
        if same(structure.members[at].name, name) {
            return at;
        }
        at += 1;
    }
    panic!("the structure has no such member")
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Builds a structure: `record!(SECTION { name: name, size: 7_u32 })`. Every
/// field of the schema is named; one that is undefined is `None::<u32>`.
macro_rules! record {
    ($structure:path { $( $name:ident : $value:expr ),* $(,)? }) => {{
        const COUNT: usize = [$( stringify!($name) ),*].len();
        const PLACES: [usize; COUNT] = $crate::module::node::places(
            &$structure,
            [$( stringify!($name) ),*],
        );
        $crate::module::node::Node::record(
            $structure.members.len(),
            PLACES,
            [$( $crate::module::node::IntoNode::into_node($value) ),*],
        )
    }};
}

/// The value of the member at a place, computed when asked for:
/// `members!(PE, at; machine: self.machine(), …)`. Every field is named.
macro_rules! members {
    ($structure:path, $at:expr; $( $name:ident : $value:expr ),* $(,)?) => {{
        const COUNT: usize = [$( stringify!($name) ),*].len();
        const _: [usize; COUNT] = $crate::module::node::places(
            &$structure,
            [$( stringify!($name) ),*],
        );
        match $at {
            $( at if at == const {
                $crate::module::node::place(&$structure, stringify!($name))
            } => $crate::module::node::IntoNode::into_node($value), )*
            _ => None,
        }
    }};
}

pub(super) use {members, record};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::table::schema;

    schema! {
        struct INNER {
            first: int;
            second: str;
            call: (() -> int);
        }
    }

    schema! {
        struct OUTER {
            twice: dual;
            twice: str;
            list: [INNER];
            by_key: {int};
        }
    }

    #[test]
    fn members_are_found_whatever_order_they_are_given_in() {
        let inner = |n: u32| record!(INNER { second: "b", first: n });
        let outer = record!(OUTER {
            list: array([inner(1), inner(2)]),
            twice: 7_u8,
            by_key: None::<u32>,
            twice: "seven",
        });
        let text = |text: &'static str| {
            Some(Value::Bytes(Cow::Borrowed(text.as_bytes())))
        };
        let get = |path: &[u16], index: &[Index<'_>]| {
            outer.find(path, index).and_then(|node| match node.value()? {
                Value::Bytes(bytes) => {
                    Some(Value::Bytes(Cow::Owned(bytes.into_owned())))
                }
                Value::Int(int) => Some(Value::Int(int)),
                _ => None,
            })
        };
        assert_eq!(get(&[0], &[]), Some(Value::Int(7)));
        assert_eq!(get(&[1], &[]), text("seven"));
        let second = [Index::Int(1)];
        assert_eq!(get(&[2, 0], &second), Some(Value::Int(2)));
        assert_eq!(get(&[2, 1], &second), text("b"));
        assert_eq!(get(&[2, 2], &second), None);
        assert_eq!(get(&[2, 0], &[Index::Int(2)]), None);
        assert_eq!(get(&[3], &[]), None);
        let lazily = |at: u16| -> Option<Node<'static>> {
            members!(INNER, at; second: "x", first: 3_u8)
        };
        let first = lazily(0).and_then(|node| node.find(&[], &[])?.len());
        assert_eq!(first, None);
        assert!(matches!(lazily(0), Some(Node::Int(3))));
        assert!(matches!(lazily(1), Some(Node::Bytes(_))));
        assert!(lazily(2).is_none());
        assert!(lazily(9).is_none());
    }

    #[test]
    fn the_last_of_several_entries_of_a_map_counts() {
        let entry = |key: &'static [u8], value: i64| {
            (Cow::Borrowed(key), Node::Int(value))
        };
        let map = Node::map(vec![
            entry(b"b", 1),
            entry(b"a", 2),
            entry(b"b", 3),
            entry(b"b", 4),
        ]);
        assert_eq!(map.len(), Some(2));
        assert_eq!(map.key(0), Some(&b"a"[..]));
        let b = map.item(Index::Key(b"b")).and_then(Node::value);
        assert_eq!(b, Some(Value::Int(4)));
    }
}

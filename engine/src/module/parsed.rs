//! An opened module: values given by the user, else those that a parser
//! finds, each kept from the first time that somebody asks for it.
//!
//! Hides when what is parsed. A parser gives one tree for each member of the
//! module itself, so that a rule which reads a header never pays for the
//! rest.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::call::last_name;
use super::given;
use super::node::Node;
use super::schema::{Member, Schema, Type};
use super::{Arg, CallCx, Fields, Index, OpenCx, Value};

/// Reads one object of the kind that a module knows.
pub(super) trait Parser<'d> {
    /// The value of the member at this place of the module's structure; ask
    /// once. Written with `members!`.
    fn member(&self, at: u16) -> Option<Node<'d>>;

    /// Calls the function of this name, whichever structure it is in. There
    /// are no functions by default.
    fn call(
        &self,
        _name: &str,
        _index: &[Index<'_>],
        _args: &[Arg<'_>],
        _cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        None
    }

    /// Calls a function over data that the user gave: `given` is the
    /// structure that the function belongs to.
    fn call_given(
        &self,
        _given: &Node<'_>,
        _name: &str,
        _args: &[Arg<'_>],
    ) -> Option<Value<'static>> {
        None
    }
}

/// Opens a module. `parser` is `None` if the object is of another kind: the
/// predicates are then false, arrays are empty and the rest is undefined.
pub(super) fn open<'d, P: Parser<'d> + 'd>(
    schema: &'static Schema,
    cx: OpenCx<'d>,
    parser: Option<P>,
) -> Box<dyn Fields<'d> + 'd> {
    let cells = schema.root.members.iter().map(|_| OnceCell::new());
    Box::new(Opened {
        parser,
        cells: cells.collect(),
        given: Given { schema, data: cx.module_data, root: OnceCell::new() },
    })
}

struct Opened<'d, P> {
    parser: Option<P>,
    given: Given<'d>,
    /// One for each member of the module.
    cells: Box<[OnceCell<Option<Node<'d>>>]>,
}

impl<'d, P: Parser<'d>> Opened<'d, P> {
    /// The value of a member of the module.
    fn top(&self, at: u16) -> Option<&Node<'d>> {
        if let Some(given) = self.given.member(at) {
            return Some(given);
        }
        let cell = self.cells.get(usize::from(at))?;
        let parse = || self.parser.as_ref()?.member(at);
        cell.get_or_init(parse).as_ref()
    }

    fn find(&self, path: &[u16], index: &[Index<'_>]) -> Option<&Node<'d>> {
        let (&first, rest) = path.split_first()?;
        let mut index = index;
        let mut at = self.top(first)?;
        if matches!(at, Node::Array(_) | Node::Map(_)) && !index.is_empty() {
            at = at.indexed(&mut index.iter())?;
            index = &index[1..];
        }
        at.find(rest, index)
    }
}

impl<'d, P: Parser<'d>> Fields<'d> for Opened<'d, P> {
    fn get(&self, path: &[u16], index: &[Index<'_>]) -> Option<Value<'_>> {
        match self.find(path, index) {
            Some(node) => node.value(),
            None => self
                .given
                .top(path)
                .filter(|member| member.is_predicate())
                .map(|_| Value::Bool(false)),
        }
    }

    fn len(&self, path: &[u16], index: &[Index<'_>]) -> Option<u64> {
        match self.find(path, index) {
            Some(node) => node.len(),
            // What an object lacks altogether is empty, not undefined.
            None => match self.given.top(path)?.ty {
                Type::Array(_) | Type::Map(_) => Some(0),
                _ => None,
            },
        }
    }

    fn key(
        &self,
        path: &[u16],
        index: &[Index<'_>],
        position: u64,
    ) -> Option<Cow<'_, [u8]>> {
        let key = self.find(path, index)?.key(position)?;
        Some(Cow::Borrowed(key))
    }

    fn call(
        &self,
        path: &[u16],
        _signature: u16,
        index: &[Index<'_>],
        args: &[Arg<'_>],
        cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        // The arguments say which overload is meant.
        let name = last_name(self.given.schema.root, path)?;
        let parser = self.parser.as_ref()?;
        let (_, before) = path.split_last()?;
        let given = self.given.root().and_then(|all| all.find(before, index));
        given
            .and_then(|given| parser.call_given(given, name, args))
            .or_else(|| parser.call(name, index, args, cx))
    }
}

/// The values that the user gave, read when first asked for.
struct Given<'d> {
    schema: &'static Schema,
    data: Option<&'d [u8]>,
    root: OnceCell<Option<Node<'static>>>,
}

impl Given<'_> {
    fn root(&self) -> Option<&Node<'static>> {
        let data = self.data?;
        let read = || given::root(self.schema, data);
        self.root.get_or_init(read).as_ref()
    }

    fn member(&self, at: u16) -> Option<&Node<'static>> {
        match self.root()? {
            Node::Struct(all) => all.get(usize::from(at))?.as_ref(),
            _ => None,
        }
    }

    /// The member of the module itself that a path of one step means.
    fn top(&self, path: &[u16]) -> Option<&'static Member> {
        let &[step] = path else { return None };
        self.schema.root.members.get(usize::from(step))
    }
}

//! The registers, kept from evaluation to evaluation so that none allocates.

use super::{ExternalValue, MAX_ARGS, Pools};
use crate::module::Index;

/// Bytes that a text register keeps for its next value.
const KEEP: usize = 1 << 16;

/// Registers of the evaluator. One serves all conditions, one at a time.
#[derive(Debug, Default)]
pub struct Frame {
    pub(super) numbers: Vec<u64>,
    pub(super) texts: Vec<Text>,
    pub(super) args: [Slot; MAX_ARGS],
    /// Scratch of the tests without case.
    pub(super) folded: [Vec<u8>; 2],
}

impl Frame {
    /// A frame without registers; it grows when it is used.
    pub fn new() -> Frame {
        Frame::default()
    }

    /// A number; 0 if there is no such register.
    #[inline]
    pub(super) fn num(&self, register: u32) -> u64 {
        self.numbers.get(register as usize).copied().unwrap_or(0)
    }

    /// A text; empty if there is no such register.
    pub(super) fn text<'a, P: Pools + ?Sized>(
        &'a self,
        register: u16,
        pools: &'a P,
        externals: &'a [ExternalValue],
    ) -> &'a [u8] {
        match self.texts.get(usize::from(register)) {
            Some(text) => text.get(pools, externals),
            None => &[],
        }
    }

    /// The first `count` arguments as indexes.
    pub(super) fn indexes<'a, 'b, P: Pools + ?Sized>(
        &'a self,
        count: usize,
        pools: &'a P,
        externals: &'a [ExternalValue],
        buffer: &'b mut [Index<'a>; MAX_ARGS],
    ) -> &'b [Index<'a>] {
        let count = count.min(MAX_ARGS);
        let slots = self.args.iter().take(count);
        for (to, slot) in buffer.iter_mut().zip(slots) {
            *to = match *slot {
                Slot::Text(register) => {
                    Index::Key(self.text(register, pools, externals))
                }
                Slot::Int(register) => {
                    Index::Int(self.num(register.into()) as i64)
                }
                _ => Index::Int(-1),
            };
        }
        buffer.get(..count).unwrap_or(&[])
    }

    /// Makes room for a condition.
    pub(super) fn fit(&mut self, numbers: u16, texts: u16) {
        if self.numbers.len() < usize::from(numbers) {
            self.numbers.resize(usize::from(numbers), 0);
        }
        if self.texts.len() < usize::from(texts) {
            self.texts.resize_with(usize::from(texts), Text::default);
        }
    }

    /// Gives back what large values took.
    pub(super) fn trim(&mut self, texts: u16) {
        let used = self.texts.iter_mut().take(usize::from(texts));
        let own = used.map(|text| &mut text.bytes);
        for bytes in own.chain(&mut self.folded) {
            if bytes.capacity() > KEEP {
                *bytes = Vec::new();
            }
        }
    }
}

/// Where the value of a text register is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Space {
    /// In the register.
    #[default]
    Own,
    /// In the pool of texts.
    Pool(u32),
    /// In an external variable.
    External(u32),
}

/// A text register.
#[derive(Debug, Default)]
pub(super) struct Text {
    pub(super) space: Space,
    pub(super) bytes: Vec<u8>,
}

impl Text {
    /// Its value.
    pub(super) fn get<'a, P: Pools + ?Sized>(
        &'a self,
        pools: &'a P,
        externals: &'a [ExternalValue],
    ) -> &'a [u8] {
        match self.space {
            Space::Own => &self.bytes,
            Space::Pool(id) => pools.text(id),
            Space::External(id) => {
                externals.get(id as usize).map_or(&[], |value| value.text())
            }
        }
    }

    /// Refers to a value elsewhere.
    pub(super) fn refer(&mut self, space: Space) {
        self.space = space;
    }

    /// Takes a copy.
    pub(super) fn copy(&mut self, bytes: &[u8]) {
        self.space = Space::Own;
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
    }
}

/// An argument: which register holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Slot {
    #[default]
    Nothing,
    Int(u16),
    Float(u16),
    Bool(u16),
    Text(u16),
    Regex(u32),
}

//! Conditions: the compiled form and its evaluation.
//!
//! A condition is flat code ([`op`]) that [`verify`] has checked when the
//! rule set was loaded and [`run`] executes against an [`Env`].

mod entrypoint;
mod env;
mod frame;
mod matching;
pub mod op;
#[cfg(test)]
mod testing;
mod text;
mod verify;
mod vm;

pub mod disasm;

pub(crate) use entrypoint::is_library;
pub use entrypoint::{entrypoint, entrypoint_in};
pub use env::{
    BitSet, Budget, Env, ExternalValue, FieldRef, Modules, Pools, Regexes,
    Stop,
};
pub use frame::Frame;
pub use verify::{Bounds, CodeError, Fault, verify};
pub use vm::{RuleCode, run};

/// Most arguments and indexes that one access to a module may have.
pub const MAX_ARGS: usize = 32;

/// Longest path to a member of a module.
pub const MAX_PATH: usize = 16;

/// Fixed-width reads: `int8(e)`, `uint32be(e)`, `float64(e)` …
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum ReadKind {
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F32,
    F64,
    I8Be,
    I16Be,
    I32Be,
    I64Be,
    U8Be,
    U16Be,
    U32Be,
    U64Be,
    F32Be,
    F64Be,
}

impl ReadKind {
    /// All kinds; the place of each is its number in the code.
    pub const ALL: [ReadKind; 20] = {
        use ReadKind::*;
        [
            I8, I16, I32, I64, U8, U16, U32, U64, F32, F64, I8Be, I16Be,
            I32Be, I64Be, U8Be, U16Be, U32Be, U64Be, F32Be, F64Be,
        ]
    };

    /// Its number.
    pub fn number(self) -> u16 {
        self as u16
    }

    /// The kind of this number.
    pub fn from_number(number: u16) -> Option<ReadKind> {
        ReadKind::ALL.get(usize::from(number)).copied()
    }

    /// Reads at `offset`: the 64 bits of an int, a uint or a float. `None`
    /// if any byte is outside of `data`.
    pub fn read(self, data: &[u8], offset: u64) -> Option<u64> {
        fn at<const N: usize>(data: &[u8], offset: u64) -> Option<[u8; N]> {
            let rest = data.get(usize::try_from(offset).ok()?..)?;
            rest.first_chunk::<N>().copied()
        }
        Some(match self {
            ReadKind::I8 | ReadKind::I8Be => {
                i8::from_le_bytes(at(data, offset)?) as u64
            }
            ReadKind::I16 => i16::from_le_bytes(at(data, offset)?) as u64,
            ReadKind::I32 => i32::from_le_bytes(at(data, offset)?) as u64,
            ReadKind::I64 | ReadKind::U64 => {
                u64::from_le_bytes(at(data, offset)?)
            }
            ReadKind::U8 | ReadKind::U8Be => {
                u64::from(u8::from_le_bytes(at(data, offset)?))
            }
            ReadKind::U16 => u64::from(u16::from_le_bytes(at(data, offset)?)),
            ReadKind::U32 => u64::from(u32::from_le_bytes(at(data, offset)?)),
            ReadKind::F32 => {
                f64::from(f32::from_le_bytes(at(data, offset)?)).to_bits()
            }
            ReadKind::F64 => f64::from_le_bytes(at(data, offset)?).to_bits(),
            ReadKind::I16Be => i16::from_be_bytes(at(data, offset)?) as u64,
            ReadKind::I32Be => i32::from_be_bytes(at(data, offset)?) as u64,
            ReadKind::I64Be | ReadKind::U64Be => {
                u64::from_be_bytes(at(data, offset)?)
            }
            ReadKind::U16Be => {
                u64::from(u16::from_be_bytes(at(data, offset)?))
            }
            ReadKind::U32Be => {
                u64::from(u32::from_be_bytes(at(data, offset)?))
            }
            ReadKind::F32Be => {
                f64::from(f32::from_be_bytes(at(data, offset)?)).to_bits()
            }
            ReadKind::F64Be => f64::from_be_bytes(at(data, offset)?).to_bits(),
        })
    }

    /// Bytes that it reads.
    pub fn width(self) -> usize {
        use ReadKind::*;
        match self {
            I8 | U8 | I8Be | U8Be => 1,
            I16 | U16 | I16Be | U16Be => 2,
            I32 | U32 | F32 | I32Be | U32Be | F32Be => 4,
            I64 | U64 | F64 | I64Be | U64Be | F64Be => 8,
        }
    }

    /// Where, from `from` on and before `end`, the next integer begins that
    /// has these lowest bits. No integer with this value is passed over.
    pub(crate) fn find(
        self,
        data: &[u8],
        (from, end): (usize, usize),
        value: u32,
    ) -> Option<usize> {
        /// Places that are looked at one by one.
        const NEAR: usize = 16;
        let width = self.width();
        // Of eight bytes the lowest half is looked for: that is what `value`
        // has.
        let big = self as u16 >= ReadKind::I8Be as u16;
        let (bytes, at) = match (big, width) {
            (false, _) => (value.to_le_bytes(), 0),
            (true, 8) => (value.to_be_bytes(), 4),
            (true, _) => {
                let bits = 32 - 8 * width.min(4) as u32;
                ((value << bits).to_be_bytes(), 0)
            }
        };
        let needle = &bytes[..width.min(4)];
        let end = end.saturating_add(at + needle.len() - 1).min(data.len());
        let data = data.get(from..end)?.get(at..)?;
        if let [byte] = needle {
            return memchr::memchr(*byte, data).map(|found| from + found);
        }
        // To make a search ready takes longer than to look at some places.
        let mut near = data.windows(needle.len()).take(NEAR);
        let found = near.position(|window| window == needle);
        let far = || {
            let rest = data.get(NEAR..)?;
            memchr::memmem::find(rest, needle).map(|found| NEAR + found)
        };
        found.or_else(far).map(|found| from + found)
    }

    /// The value is a float.
    pub fn is_float(self) -> bool {
        use ReadKind::*;
        matches!(self, F32 | F64 | F32Be | F64Be)
    }
}

/// Tests on two strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum StrOp {
    Contains,
    IContains,
    StartsWith,
    IStartsWith,
    EndsWith,
    IEndsWith,
    IEquals,
}

impl StrOp {
    /// All tests; the place of each is its number in the code.
    pub const ALL: [StrOp; 7] = [
        StrOp::Contains,
        StrOp::IContains,
        StrOp::StartsWith,
        StrOp::IStartsWith,
        StrOp::EndsWith,
        StrOp::IEndsWith,
        StrOp::IEquals,
    ];

    /// The test of this number.
    pub fn from_number(number: u32) -> Option<StrOp> {
        StrOp::ALL.get(usize::try_from(number).ok()?).copied()
    }
}

/// How two numbers compare, where an instruction holds it as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Cmp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Cmp {
    /// All of them; the place of each is its number in the code.
    pub const ALL: [Cmp; 6] =
        [Cmp::Eq, Cmp::Ne, Cmp::Lt, Cmp::Le, Cmp::Gt, Cmp::Ge];

    /// Does `a` compare so to `b`?
    pub fn holds(self, a: u64, b: u64) -> bool {
        match self {
            Cmp::Eq => a == b,
            Cmp::Ne => a != b,
            Cmp::Lt => a < b,
            Cmp::Le => a <= b,
            Cmp::Gt => a > b,
            Cmp::Ge => a >= b,
        }
    }
}

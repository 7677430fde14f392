//! The instructions of compiled conditions: the one table that says what
//! exists, what each operand is and what it does.
//!
//! An instruction works on two register files: *numbers* (the 64 bits of an
//! int, uint or float, a bool as 0 or 1, a pattern of the rule by its place)
//! and *texts*. No instruction leaves an undefined value anywhere: one that
//! may fail has a target to go on at. A test has a *sense* `s`: it jumps to
//! `to` if its outcome is `s`, else the next instruction follows.

use zerocopy::little_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// One instruction, as it stands in a compiled set.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    FromBytes,
    IntoBytes,
    Immutable,
    KnownLayout,
    Unaligned,
)]
#[repr(C)]
pub struct Inst {
    /// Number of the [`Op`].
    pub op: U16,
    /// First operand; the register written, if one is.
    pub a: U16,
    /// Second operand.
    pub b: U16,
    /// Third operand; the sense of a test.
    pub c: U16,
    /// A constant, or an index outside the register files.
    pub imm: U32,
    /// Where to go on, counted in instructions from the start of the rule.
    pub to: U32,
}

impl Inst {
    /// An instruction without operands.
    pub fn new(op: Op) -> Inst {
        let (zero, none) = (U16::ZERO, U32::ZERO);
        let op = U16::new(op as u16);
        Inst { op, a: zero, b: zero, c: zero, imm: none, to: none }
    }

    /// Sets the register operands.
    pub fn regs(mut self, a: u16, b: u16, c: u16) -> Inst {
        (self.a, self.b, self.c) = (U16::new(a), U16::new(b), U16::new(c));
        self
    }

    /// Sets the constant.
    pub fn imm(mut self, imm: u32) -> Inst {
        self.imm = U32::new(imm);
        self
    }

    /// Sets the target.
    pub fn to(mut self, to: u32) -> Inst {
        self.to = U32::new(to);
        self
    }

    /// The distances that [`Operand::KindAhead`] has room for are below this.
    pub const AHEAD: u16 = 1 << 11;

    /// The two halves of [`Operand::KindAhead`].
    pub(crate) fn kind_ahead(operand: u16) -> (u16, u16) {
        (operand / Inst::AHEAD, operand % Inst::AHEAD)
    }

    /// A count of patterns spread over two operands.
    pub(crate) fn wide(low: U16, high: U16) -> u32 {
        u32::from(low.get()) | u32::from(high.get()) << 16
    }
}

/// What a 16-bit operand is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// Not used: 0.
    Zero,
    /// A number register.
    Num,
    /// A text register.
    Txt,
    /// The sense of a test: 0 or 1.
    Sense,
    /// A [`super::ReadKind`].
    Kind,
    /// Any value.
    Any,
    /// A place in the list of arguments.
    Slot,
    /// Number of indexes before the arguments.
    Indexes,
    /// Numbers of indexes (low byte) and of arguments (high byte).
    Packed,
    /// A [`super::Cmp`].
    Compare,
    /// A sense (bit 0) and a [`super::ReadKind`] of integers (from bit 1).
    KindSense,
    /// Half of a count of patterns; with `imm` the first of them.
    Half,
    /// A distance in bytes (11 bits) and a [`super::ReadKind`] of integers
    /// (from bit 11).
    KindAhead,
}

/// What the 32-bit constant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imm {
    /// Not used: 0.
    Zero,
    /// Any value.
    Any,
    /// A pattern of the rule.
    Pattern,
    /// A number register that holds a pattern of the rule.
    Num,
    /// A rule before this one.
    Rule,
    /// A constant number.
    Word,
    /// A constant text.
    Text,
    /// A list of patterns of the rule.
    Patterns,
    /// A list of constant numbers.
    Words,
    /// A list of constant texts.
    Texts,
    /// A field or function of a module.
    Field,
    /// A regular expression.
    Regex,
    /// An external variable.
    External,
    /// A [`super::StrOp`].
    StrOp,
    /// So many jumps follow.
    Jumps,
}

/// What the target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Not used: 0.
    Zero,
    /// A later instruction.
    Ahead,
    /// This or an earlier instruction; the only way back, and it costs fuel.
    Back,
}

/// The operands of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Name in listings.
    pub name: &'static str,
    /// Of `a`, `b` and `c`.
    pub operands: [Operand; 3],
    /// Of `imm`.
    pub imm: Imm,
    /// Of `to`.
    pub to: Target,
}

macro_rules! opcodes {
    ($(
        $(#[$doc:meta])*
        $op:ident($a:ident, $b:ident, $c:ident, $imm:ident, $to:ident);
    )*) => {
        /// What an instruction does. In the texts below `a`, `b`, `c` stand
        /// for the registers of these numbers where the operand is one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Op { $($(#[$doc])* $op,)* }

        impl Op {
            /// All operations; the place of each is its number.
            pub const ALL: &'static [Op] = &[$(Op::$op,)*];

            /// The operation of this number.
            #[inline]
            pub fn from_number(number: u16) -> Option<Op> {
                // A chain of comparisons with consecutive numbers: the
                // optimiser reduces it to one test of the range.
                $(if number == Op::$op as u16 {
                    return Some(Op::$op);
                })*
                None
            }

            /// Its operands.
            pub fn shape(self) -> Shape {
                match self {
                    $(Op::$op => Shape {
                        name: stringify!($op),
                        operands: [Operand::$a, Operand::$b, Operand::$c],
                        imm: Imm::$imm,
                        to: Target::$to,
                    },)*
                }
            }
        }
    };
}

opcodes! {
    /// Ends: the condition holds if operand `a` is not 0.
    End(Any, Zero, Zero, Zero, Zero);
    /// Goes on at `to`.
    Jump(Zero, Zero, Zero, Zero, Ahead);
    /// If `a < b` (signed): adds 1 to `a` and goes back.
    Loop(Num, Num, Zero, Zero, Back);
    /// Moves `a` up to the next place, `b` at most, where the lowest 32 bits
    /// of the integer so many bytes ahead are `imm`; jumps if there is none.
    Seek(Num, Num, KindAhead, Any, Ahead);
    /// Skips `a` of the `imm` jumps that follow (none if that is too many).
    Switch(Num, Zero, Zero, Jumps, Zero);
    /// Adds 1 to `a`; jumps if then `a >= b` (unsigned).
    Tally(Num, Num, Zero, Zero, Ahead);
    /// Tests `a != 0`.
    Test(Num, Zero, Sense, Zero, Ahead);

    /// `a = imm`
    LoadImm(Num, Zero, Zero, Any, Zero);
    /// `a =` the constant number.
    LoadWord(Num, Zero, Zero, Word, Zero);
    /// `a =` the constant text.
    LoadText(Txt, Zero, Zero, Text, Zero);
    /// `a = b`
    Move(Num, Num, Zero, Zero, Zero);
    /// `a = b`
    MoveText(Txt, Txt, Zero, Zero, Zero);
    /// `a =` item `b` of the list.
    ItemWord(Num, Num, Zero, Words, Zero);
    /// `a =` item `b` of the list.
    ItemText(Txt, Num, Zero, Texts, Zero);
    /// `a =` item `b` of the list.
    ItemPattern(Num, Num, Zero, Patterns, Zero);
    /// `a =` the external variable.
    External(Num, Zero, Zero, External, Zero);
    /// `a =` the external variable.
    ExternalText(Txt, Zero, Zero, External, Zero);
    /// Tests whether the rule matched.
    Rule(Zero, Zero, Sense, Rule, Ahead);
    /// `a =` size of the object; jumps if it has none.
    Filesize(Num, Zero, Zero, Zero, Ahead);
    /// Tests size of the object `a` `imm`; false if it has no size.
    FilesizeIs(Compare, Zero, Sense, Any, Ahead);
    /// `a =` file offset of the entry point; jumps if there is none.
    Entrypoint(Num, Zero, Zero, Zero, Ahead);
    /// `a =` the number at offset `b`; jumps if it is not there.
    Read(Num, Num, Kind, Zero, Ahead);
    /// `a =` the number at offset `imm`; jumps if it is not there.
    ReadAt(Num, Zero, Kind, Any, Ahead);
    /// Tests whether the integer at offset `a + 65536·b` is `imm`; false if
    /// it is not there.
    ReadIs(Any, Any, KindSense, Any, Ahead);

    /// `a = b + c`
    Add(Num, Num, Num, Zero, Zero);
    /// `a = b - c`
    Sub(Num, Num, Num, Zero, Zero);
    /// `a = b * c`
    Mul(Num, Num, Num, Zero, Zero);
    /// `a = b \ c`, signed; jumps on `\ 0` and on overflow.
    Div(Num, Num, Num, Zero, Ahead);
    /// `a = b \ c`, unsigned; jumps on `\ 0`.
    UDiv(Num, Num, Num, Zero, Ahead);
    /// `a = b % c`, signed; jumps on `% 0`.
    Rem(Num, Num, Num, Zero, Ahead);
    /// `a = b % c`, unsigned; jumps on `% 0`.
    URem(Num, Num, Num, Zero, Ahead);
    /// `a = b << c`; 0 from 64 on; jumps if `c` is negative.
    Shl(Num, Num, Num, Zero, Ahead);
    /// `a = b >> c`, arithmetic; 0 from 64 on; jumps if `c` is negative.
    Shr(Num, Num, Num, Zero, Ahead);
    /// `a = b << c`, `c` unsigned; 0 from 64 on.
    UShl(Num, Num, Num, Zero, Zero);
    /// `a = b >> c`, logical, `c` unsigned; 0 from 64 on.
    UShr(Num, Num, Num, Zero, Zero);
    /// `a = b & c`
    And(Num, Num, Num, Zero, Zero);
    /// `a = b | c`
    Or(Num, Num, Num, Zero, Zero);
    /// `a = b ^ c`
    Xor(Num, Num, Num, Zero, Zero);
    /// `a = b + imm`
    AddImm(Num, Num, Zero, Any, Zero);
    /// `a = b - imm`
    SubImm(Num, Num, Zero, Any, Zero);
    /// `a = b * imm`
    MulImm(Num, Num, Zero, Any, Zero);
    /// `a = b & imm`
    AndImm(Num, Num, Zero, Any, Zero);
    /// `a = b | imm`
    OrImm(Num, Num, Zero, Any, Zero);
    /// `a = b ^ imm`
    XorImm(Num, Num, Zero, Any, Zero);
    /// `a = -b`
    Neg(Num, Num, Zero, Zero, Zero);
    /// `a = ~b`
    BitNot(Num, Num, Zero, Zero, Zero);
    /// `a = b + c`, floats.
    FAdd(Num, Num, Num, Zero, Zero);
    /// `a = b - c`, floats.
    FSub(Num, Num, Num, Zero, Zero);
    /// `a = b * c`, floats.
    FMul(Num, Num, Num, Zero, Zero);
    /// `a = b \ c`, floats.
    FDiv(Num, Num, Num, Zero, Zero);
    /// `a = -b`, float.
    FNeg(Num, Num, Zero, Zero, Zero);
    /// `a =` the int `b` as float.
    IntToFloat(Num, Num, Zero, Zero, Zero);
    /// `a =` the uint `b` as float.
    UIntToFloat(Num, Num, Zero, Zero, Zero);
    /// `a =` number of ints in `b..=c`, at most `i64::MAX`.
    Span(Num, Num, Num, Zero, Zero);
    /// `a = ⌈b·c/100⌉`; −1 if `b` is negative.
    Percent(Num, Num, Num, Zero, Zero);

    /// Tests `a == b`, bit by bit.
    Eq(Num, Num, Sense, Zero, Ahead);
    /// Tests `a < b`, ints.
    Lt(Num, Num, Sense, Zero, Ahead);
    /// Tests `a <= b`, ints.
    Le(Num, Num, Sense, Zero, Ahead);
    /// Tests `a < b`, uints.
    ULt(Num, Num, Sense, Zero, Ahead);
    /// Tests `a <= b`, uints.
    ULe(Num, Num, Sense, Zero, Ahead);
    /// Tests int `a` == uint `b`.
    MixEq(Num, Num, Sense, Zero, Ahead);
    /// Tests int `a` < uint `b`.
    MixLt(Num, Num, Sense, Zero, Ahead);
    /// Tests int `a` <= uint `b`.
    MixLe(Num, Num, Sense, Zero, Ahead);
    /// Tests `a == b`, floats.
    FEq(Num, Num, Sense, Zero, Ahead);
    /// Tests `a < b`, floats.
    FLt(Num, Num, Sense, Zero, Ahead);
    /// Tests `a <= b`, floats.
    FLe(Num, Num, Sense, Zero, Ahead);
    /// Tests `a == imm`.
    EqImm(Num, Zero, Sense, Any, Ahead);
    /// Tests `a < imm`, ints.
    LtImm(Num, Zero, Sense, Any, Ahead);
    /// Tests `a <= imm`, ints.
    LeImm(Num, Zero, Sense, Any, Ahead);
    /// Tests float `a != 0`.
    FTest(Num, Zero, Sense, Zero, Ahead);

    /// `a =` length of `b`.
    TextLen(Num, Txt, Zero, Zero, Zero);
    /// Tests whether `a` has bytes.
    TextTest(Txt, Zero, Sense, Zero, Ahead);
    /// Tests `a == b`.
    TextEq(Txt, Txt, Sense, Zero, Ahead);
    /// Tests `a < b`.
    TextLt(Txt, Txt, Sense, Zero, Ahead);
    /// Tests `a <= b`.
    TextLe(Txt, Txt, Sense, Zero, Ahead);
    /// Tests `a` against `b`.
    TextIs(Txt, Txt, Sense, StrOp, Ahead);
    /// Tests whether the regular expression matches in `a`.
    Matches(Txt, Zero, Sense, Regex, Ahead);

    /// Tests whether the pattern matched.
    Hit(Zero, Zero, Sense, Pattern, Ahead);
    /// Tests whether the pattern matched at `a`.
    HitAt(Num, Zero, Sense, Pattern, Ahead);
    /// Tests whether the pattern matched in `a..=b`.
    HitIn(Num, Num, Sense, Pattern, Ahead);
    /// `a =` number of matches.
    Count(Num, Zero, Zero, Pattern, Zero);
    /// `a =` number of matches in `b..=c`.
    CountIn(Num, Num, Num, Pattern, Zero);
    /// `a =` offset of match `b` (from 1); jumps if there is none.
    Offset(Num, Num, Zero, Pattern, Ahead);
    /// `a =` length of match `b` (from 1); jumps if there is none.
    Length(Num, Num, Zero, Pattern, Ahead);
    /// As `Hit`, for a pattern in a register.
    HitVar(Zero, Zero, Sense, Num, Ahead);
    /// As `HitAt`, for a pattern in a register.
    HitAtVar(Num, Zero, Sense, Num, Ahead);
    /// As `HitIn`, for a pattern in a register.
    HitInVar(Num, Num, Sense, Num, Ahead);
    /// As `Count`, for a pattern in a register.
    CountVar(Num, Zero, Zero, Num, Zero);
    /// As `CountIn`, for a pattern in a register.
    CountInVar(Num, Num, Num, Num, Zero);
    /// As `Offset`, for a pattern in a register.
    OffsetVar(Num, Num, Zero, Num, Ahead);
    /// As `Length`, for a pattern in a register.
    LengthVar(Num, Num, Zero, Num, Ahead);
    /// Tests whether any of the `a + 65536·b` patterns from `imm` matched.
    Any(Half, Half, Sense, Pattern, Ahead);
    /// Tests whether all of the `a + 65536·b` patterns from `imm` matched.
    All(Half, Half, Sense, Pattern, Ahead);
    /// `a =` how many of the `b + 65536·c` patterns from `imm` matched.
    Of(Num, Half, Half, Pattern, Zero);
    /// Tests whether any pattern of the list matched.
    AnyList(Zero, Zero, Sense, Patterns, Ahead);
    /// Tests whether all patterns of the list matched.
    AllList(Zero, Zero, Sense, Patterns, Ahead);
    /// `a =` how many patterns of the list matched.
    OfList(Num, Zero, Zero, Patterns, Zero);
    /// `a =` how many patterns of the list matched at `b`.
    OfAt(Num, Num, Zero, Patterns, Zero);
    /// `a =` how many patterns of the list matched in `b..=c`.
    OfIn(Num, Num, Num, Patterns, Zero);

    /// Argument or index `a` of what follows is the int `b`.
    ArgInt(Slot, Num, Zero, Zero, Zero);
    /// Argument `a` of what follows is the float `b`.
    ArgFloat(Slot, Num, Zero, Zero, Zero);
    /// Argument `a` of what follows is the bool `b`.
    ArgBool(Slot, Num, Zero, Zero, Zero);
    /// Argument or index `a` of what follows is `b`.
    ArgText(Slot, Txt, Zero, Zero, Zero);
    /// Argument `a` of what follows is the regular expression.
    ArgRegex(Slot, Zero, Zero, Regex, Zero);
    /// `a =` the field under the first `b` arguments; jumps if undefined.
    FieldInt(Num, Indexes, Zero, Field, Ahead);
    /// `a =` the field under the first `b` arguments; jumps if undefined.
    FieldFloat(Num, Indexes, Zero, Field, Ahead);
    /// `a =` the field under the first `b` arguments; jumps if undefined.
    FieldBool(Num, Indexes, Zero, Field, Ahead);
    /// `a =` the field under the first `b` arguments; jumps if undefined.
    FieldText(Txt, Indexes, Zero, Field, Ahead);
    /// `a =` number of items of the array or map; jumps if undefined.
    Items(Num, Indexes, Zero, Field, Ahead);
    /// `a =` key at position `c` of the map; jumps if undefined.
    Key(Txt, Indexes, Num, Field, Ahead);
    /// `a =` result of the function, signature `c`; jumps if undefined.
    CallInt(Num, Packed, Any, Field, Ahead);
    /// `a =` result of the function, signature `c`; jumps if undefined.
    CallFloat(Num, Packed, Any, Field, Ahead);
    /// `a =` result of the function, signature `c`; jumps if undefined.
    CallBool(Num, Packed, Any, Field, Ahead);
    /// `a =` result of the function, signature `c`; jumps if undefined.
    CallText(Txt, Packed, Any, Field, Ahead);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_takes_sixteen_bytes_without_alignment() {
        assert_eq!(size_of::<Inst>(), 16);
        assert_eq!(align_of::<Inst>(), 1);
    }

    #[test]
    fn numbers_are_places_in_the_table() {
        for (place, op) in Op::ALL.iter().enumerate() {
            assert_eq!(*op as usize, place);
            assert_eq!(Op::from_number(place as u16), Some(*op));
        }
        assert_eq!(Op::from_number(Op::ALL.len() as u16), None);
    }
}

//! The static description of a module: names, types, functions, constants.
//!
//! The compiler resolves names against it, `docs/modules/` is generated from
//! it, and implementations are written against its numeric paths. A path is
//! a list of *member indexes*: the place of a member in [`Struct::members`].

/// A module's schema.
#[derive(Debug)]
pub struct Schema {
    /// Name, as in `import "name"`.
    pub name: &'static str,
    /// What it is about, one sentence.
    pub doc: &'static str,
    /// The module as a structure.
    pub root: &'static Struct,
    /// False if no parser stands behind it yet: every field is undefined
    /// (predicates `is_…` are false) unless module data are given.
    pub implemented: bool,
}

/// A structure.
#[derive(Debug)]
pub struct Struct {
    /// Members; names are unique, except that a function may share its name
    /// with no field.
    pub members: &'static [Member],
    /// Constants (`pe.MACHINE_AMD64`): they belong to the structure's name
    /// and fold away.
    pub constants: &'static [Constant],
    /// Qualified enumerations (`lnk.DriveType.FIXED`).
    pub enums: &'static [Enum],
}

/// Which engine has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// libyara and YARA-X.
    Both,
    /// libyara only.
    Libyara,
    /// YARA-X only.
    YaraX,
}

/// A field or a function.
#[derive(Debug)]
pub struct Member {
    /// Name.
    pub name: &'static str,
    /// Type.
    pub ty: Type,
    /// Who has it.
    pub origin: Origin,
    /// What to use instead, if it is superseded (lint only).
    pub deprecated: Option<&'static str>,
    /// One sentence; may be empty where the name says it all.
    pub doc: &'static str,
}

/// A type.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// Signed 64-bit integer.
    Int,
    /// 64-bit float.
    Float,
    /// Boolean.
    Bool,
    /// Bytes.
    Str,
    /// Bytes of a fixed form.
    Hash(HashForm),
    /// An int or a string, whichever the other operand is: two numeric
    /// paths, `self` for the int and the member right after it (same name,
    /// `Type::Str`) for the string.
    Dual,
    /// A structure.
    Struct(&'static Struct),
    /// An array.
    Array(&'static Type),
    /// A map from string.
    Map(&'static Type),
    /// A function.
    Func(&'static Func),
}

/// The form of a hash value: comparing it with a constant of another case
/// or length can never hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashForm {
    /// Number of characters.
    pub length: u16,
    /// Upper case? Else lower case.
    pub uppercase: bool,
}

/// A function and its overloads.
#[derive(Debug)]
pub struct Func {
    /// Overloads; a call picks the one whose argument types fit exactly.
    pub signatures: &'static [Signature],
}

/// One overload.
#[derive(Debug)]
pub struct Signature {
    /// Argument types.
    pub args: &'static [ArgType],
    /// Result type: `Int`, `Float`, `Bool`, `Str` or `Hash`.
    pub result: Type,
    /// Who has it.
    pub origin: Origin,
}

/// The type of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ArgType {
    Int,
    Float,
    Bool,
    Str,
    Regex,
}

/// A constant.
#[derive(Debug)]
pub struct Constant {
    /// Name.
    pub name: &'static str,
    /// Value.
    pub value: ConstantValue,
    /// Who has it.
    pub origin: Origin,
}

/// The value of a constant.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum ConstantValue {
    Int(i64),
    Float(f64),
    Str(&'static [u8]),
}

/// A qualified enumeration.
#[derive(Debug)]
pub struct Enum {
    /// Name.
    pub name: &'static str,
    /// Its items.
    pub items: &'static [(&'static str, i64)],
    /// Enumerations inside (`vt.Http.Method`).
    pub enums: &'static [Enum],
}

impl Struct {
    /// The member of this name and its index. A dual field gives the first
    /// of the two.
    pub fn member(&self, name: &str) -> Option<(u16, &'static Member)> {
        let at = self.members.iter().position(|m| m.name == name)?;
        Some((at as u16, &self.members[at]))
    }

    /// The constant of this name.
    pub fn constant(&self, name: &str) -> Option<&'static Constant> {
        self.constants.iter().find(|c| c.name == name)
    }

    /// The qualified enumeration of this name.
    pub fn enumeration(&self, name: &str) -> Option<&'static Enum> {
        self.enums.iter().find(|e| e.name == name)
    }
}

impl Member {
    /// True for a field that says whether the object is of the module's
    /// kind: it is false rather than undefined for any other object.
    pub fn is_predicate(&self) -> bool {
        matches!(self.ty, Type::Bool)
            && self.name != "is_signed"
            && (self.name.starts_with("is_") || self.name == "has_macros")
    }
}

impl Type {
    /// The structure that a value of this type is, or that each item of an
    /// array or a map is.
    pub fn structure(&self) -> Option<&'static Struct> {
        match *self {
            Type::Struct(inside) => Some(inside),
            Type::Array(item) | Type::Map(item) => item.structure(),
            _ => None,
        }
    }
}

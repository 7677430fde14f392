//! The notation in which the schemas are written.
//!
//! A row is `name: type;`, with `(L)` or `(X)` behind the type if only
//! libyara or only YARA-X has it, and `, use "…"` if it is superseded. Types
//! are `int`, `float`, `bool`, `str`, `dual`, a hash (`s32`, `s40`, `s64`,
//! `S72`), the name of a structure, `[type]` for an array, `{type}` for a
//! map, and `((int, str) -> bool, (regex) -> int)` for a function. In the table
//! of qualified enumerations `.Method { … }` is one inside another.

/// Turns rows into statics of [`crate::module::schema`].
///
/// An `X` before `struct` or `constants` says that only YARA-X has all of it.
macro_rules! schema {
    (X struct $($rest:tt)+) => { schema!(@struct YaraX $($rest)+); };
    (struct $($rest:tt)+) => { schema!(@struct Both $($rest)+); };
    (X constants $($rest:tt)+) => { schema!(@constants YaraX $($rest)+); };
    (constants $($rest:tt)+) => { schema!(@constants Both $($rest)+); };

    (@struct $all:ident $struct:ident { $(
        $(#[doc = $doc:literal])*
        $name:ident : $ty:tt $( ($origin:ident) )? $(, use $instead:literal)?;
    )* } $(constants $constants:ident)? $(enums $enums:ident)?) => {
        pub(in crate::module) static $struct: $crate::module::schema::Struct =
            $crate::module::schema::Struct {
                members: &[ $( $crate::module::schema::Member {
                    name: stringify!($name),
                    ty: schema!(@row $all $($origin)?; $ty),
                    origin: schema!(@origin $all $($origin)?),
                    deprecated: schema!(@option $($instead)?),
                    doc: concat!($($doc),*).trim_ascii(),
                } ),* ],
                constants: schema!(@list $($constants)?),
                enums: schema!(@list $($enums)?),
            };
    };

    (@constants $all:ident $table:ident { $(
        $name:ident = $($kind:ident)? $value:literal $( ($origin:ident) )?;
    )* }) => {
        pub(in crate::module) const $table:
            &[$crate::module::schema::Constant] =
            &[ $( $crate::module::schema::Constant {
                name: stringify!($name),
                value: schema!(@value $($kind)? $value),
                origin: schema!(@origin $all $($origin)?),
            } ),* ];
    };

    (enums $table:ident { $( $name:ident {
        $( $item:ident = $value:literal; )*
        $( .$inner:ident {
            $( $inner_item:ident = $inner_value:literal; )*
        } )*
    } )* }) => {
        pub(in crate::module) const $table: &[$crate::module::schema::Enum] =
            &[ $( $crate::module::schema::Enum {
                name: stringify!($name),
                items: &[ $( (stringify!($item), $value) ),* ],
                enums: &[ $( $crate::module::schema::Enum {
                    name: stringify!($inner),
                    items: &[ $( (stringify!($inner_item), $inner_value) ),* ],
                    enums: &[],
                } ),* ],
            } ),* ];
    };

    (@row $all:ident; $ty:tt) => { schema!(@type $all $ty) };
    (@row $all:ident L; $ty:tt) => { schema!(@type Libyara $ty) };
    (@row $all:ident X; $ty:tt) => { schema!(@type YaraX $ty) };

    (@type $all:ident int) => { $crate::module::schema::Type::Int };
    (@type $all:ident float) => { $crate::module::schema::Type::Float };
    (@type $all:ident bool) => { $crate::module::schema::Type::Bool };
    (@type $all:ident str) => { $crate::module::schema::Type::Str };
    (@type $all:ident dual) => { $crate::module::schema::Type::Dual };
    (@type $all:ident s32) => { schema!(@hash 32, false) };
    (@type $all:ident s40) => { schema!(@hash 40, false) };
    (@type $all:ident s64) => { schema!(@hash 64, false) };
    (@type $all:ident S72) => { schema!(@hash 72, true) };
    (@type $all:ident [$item:tt]) => {
        $crate::module::schema::Type::Array(&schema!(@type $all $item))
    };
    (@type $all:ident {$item:tt}) => {
        $crate::module::schema::Type::Map(&schema!(@type $all $item))
    };
    (@type $all:ident ( $(
        ( $($arg:ident),* ) -> $result:ident $( ($origin:ident) )?
    ),+ $(,)? )) => {
        $crate::module::schema::Type::Func(&$crate::module::schema::Func {
            signatures: &[ $( $crate::module::schema::Signature {
                args: &[ $( schema!(@arg $arg) ),* ],
                result: schema!(@type $all $result),
                origin: schema!(@origin $all $($origin)?),
            } ),+ ],
        })
    };
    (@type $all:ident $struct:ident) => {
        $crate::module::schema::Type::Struct(&$struct)
    };

    (@hash $length:literal, $uppercase:literal) => {
        $crate::module::schema::Type::Hash($crate::module::schema::HashForm {
            length: $length,
            uppercase: $uppercase,
        })
    };

    (@arg int) => { $crate::module::schema::ArgType::Int };
    (@arg float) => { $crate::module::schema::ArgType::Float };
    (@arg bool) => { $crate::module::schema::ArgType::Bool };
    (@arg str) => { $crate::module::schema::ArgType::Str };
    (@arg regex) => { $crate::module::schema::ArgType::Regex };

    (@origin $all:ident) => { $crate::module::schema::Origin::$all };
    (@origin $all:ident L) => { $crate::module::schema::Origin::Libyara };
    (@origin $all:ident X) => { $crate::module::schema::Origin::YaraX };

    (@value $value:literal) => {
        $crate::module::schema::ConstantValue::Int($value)
    };
    (@value float $value:literal) => {
        $crate::module::schema::ConstantValue::Float($value)
    };
    (@value str $value:literal) => {
        $crate::module::schema::ConstantValue::Str($value)
    };

    (@option) => { None };
    (@option $value:literal) => { Some($value) };

    (@list) => { &[] };
    (@list $table:ident) => { $table };
}

pub(crate) use schema;

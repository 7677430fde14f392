//! The fields and functions of `string`.

use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    struct STRING {
        /// The number that the whole string is, in base 10 or the given one (2
        /// to 36); a sign is allowed, prefixes and spaces are not.
        to_int: ((str) -> int, (str, int) -> int);
        /// Number of bytes.
        length: ((str) -> int);
    }
}

/// The schema of `string`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "string",
    doc: "Work with strings.",
    root: &STRING,
    implemented: true,
};

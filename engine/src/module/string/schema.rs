//! The fields and functions of `string`.

use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    struct STRING {
        to_int: ((str) -> int, (str, int) -> int);
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

//! The fields and functions of `time`.

use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    struct TIME {
        /// Seconds since 1970.
        now: (() -> int);
    }
}

/// The schema of `time`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "time",
    doc: "The time of the scan.",
    root: &TIME,
    implemented: true,
};

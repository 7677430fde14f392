//! The fields and functions of `console`.

use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    struct CONSOLE {
        /// Logs a value, or the bytes at (offset, length), perhaps after a
        /// label; always true.
        log: (
            (str) -> bool,
            (str, str) -> bool,
            (int) -> bool,
            (str, int) -> bool,
            (float) -> bool,
            (str, float) -> bool,
            (bool) -> bool (X),
            (str, bool) -> bool (X),
            (int, int) -> bool (X),
            (str, int, int) -> bool (X),
        );
        /// Logs a number in base 16, perhaps after a label; always true.
        hex: ((int) -> bool, (str, int) -> bool);
    }
}

/// The schema of `console`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "console",
    doc: "Lines to the console while rules are evaluated.",
    root: &CONSOLE,
    implemented: true,
};

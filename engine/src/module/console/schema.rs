//! The fields and functions of `console`.

use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    struct CONSOLE {
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

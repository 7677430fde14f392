//! The fields and functions of `math`.

use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    struct MATH {
        min: ((int, int) -> int);
        max: ((int, int) -> int);
        abs: ((int) -> int);
        in_range: (
            (float, float, float) -> bool,
            (int, int, int) -> bool (X),
        );
        to_string: ((int) -> str, (int, int) -> str);
        to_number: ((bool) -> int);
        count: ((int) -> int, (int, int, int) -> int);
        percentage: ((int) -> float, (int, int, int) -> float);
        mode: (() -> int, (int, int) -> int);
        entropy: ((int, int) -> float, (str) -> float);
        deviation: ((int, int, float) -> float, (str, float) -> float);
        mean: ((int, int) -> float, (str) -> float);
        serial_correlation: ((int, int) -> float, (str) -> float);
        monte_carlo_pi: ((int, int) -> float, (str) -> float);
    } constants CONSTANTS
}

schema! {
    constants CONSTANTS {
        MEAN_BYTES = float 127.5;
    }
}

/// The schema of `math`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "math",
    doc: "Numbers and statistics over bytes.",
    root: &MATH,
    implemented: true,
};

//! The fields and functions of `math`.

use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    struct MATH {
        /// The smaller of two signed numbers.
        min: ((int, int) -> int);
        /// The larger of two signed numbers.
        max: ((int, int) -> int);
        /// The absolute value.
        abs: ((int) -> int);
        /// Whether the first is at least the second and at most the third.
        in_range: (
            (float, float, float) -> bool,
            (int, int, int) -> bool (X),
        );
        /// The number as text, in base 10, 8 or 16; negative numbers as two's
        /// complement in the last two.
        to_string: ((int) -> str, (int, int) -> str);
        /// 1 for true, 0 for false.
        to_number: ((bool) -> int);
        /// How often a byte occurs in the object or in (offset, length).
        count: ((int) -> int, (int, int, int) -> int);
        /// The share of a byte, from 0 to 1, in the object or in (offset,
        /// length).
        percentage: ((int) -> float, (int, int, int) -> float);
        /// The most frequent byte of the object or of (offset, length), the
        /// lowest of several.
        mode: (() -> int, (int, int) -> int);
        /// Bits per byte of (offset, length) or of a string.
        entropy: ((int, int) -> float, (str) -> float);
        /// Mean distance of the bytes of (offset, length) or of a string from
        /// a mean.
        deviation: ((int, int, float) -> float, (str, float) -> float);
        /// The mean byte of (offset, length) or of a string.
        mean: ((int, int) -> float, (str) -> float);
        /// How much each byte depends on the one before it, from -1 to 1.
        serial_correlation: ((int, int) -> float, (str) -> float);
        /// How far π estimated from the bytes is from π, relative to π.
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

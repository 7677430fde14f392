//! The fields and functions of `hash`.

use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    struct HASH {
        /// Of (offset, length), which must lie inside the object, or of a
        /// string.
        md5: ((int, int) -> s32, (str) -> s32);
        /// Of (offset, length), which must lie inside the object, or of a
        /// string.
        sha1: ((int, int) -> s40, (str) -> s40);
        /// Of (offset, length), which must lie inside the object, or of a
        /// string.
        sha256: ((int, int) -> s64, (str) -> s64);
        /// Of (offset, length), which must lie inside the object, or of a
        /// string.
        crc32: ((int, int) -> int, (str) -> int);
        /// The sum of the bytes, modulo 2^32.
        checksum32: ((int, int) -> int, (str) -> int);
    }
}

/// The schema of `hash`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "hash",
    doc: "Hashes and checksums of bytes.",
    root: &HASH,
    implemented: true,
};

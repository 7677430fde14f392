//! The fields and functions of `hash`.

use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    struct HASH {
        md5: ((int, int) -> s32, (str) -> s32);
        sha1: ((int, int) -> s40, (str) -> s40);
        sha256: ((int, int) -> s64, (str) -> s64);
        crc32: ((int, int) -> int, (str) -> int);
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

//! The fields and functions of `zip`.

use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    X struct ENTRY {
        file_path: str;
        /// One of the constants below.
        compression: int;
        uncompressed_size: int;
        compressed_size: int;
    }
}

schema! {
    X struct ZIP {
        /// True if the object is a ZIP archive.
        is_zip: bool;
        entries: [ENTRY];
    } constants CONSTANTS
}

schema! {
    X constants CONSTANTS {
        STORED = 0;
        SHRUNK = 1;
        REDUCED_1 = 2;
        REDUCED_2 = 3;
        REDUCED_3 = 4;
        REDUCED_4 = 5;
        IMPLODED = 6;
        DEFLATED = 8;
        DEFLATE64 = 9;
        PKWARE_IMPLODING = 10;
        BZIP2 = 12;
        LZMA = 14;
        ZSTD = 93;
        XZ = 95;
        UNKNOWN = 255;
    }
}

/// The schema of `zip`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "zip",
    doc: "Entries of ZIP archives.",
    root: &ZIP,
    implemented: true,
};

//! The fields and functions of `olecf`.

use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    X struct STREAM {
        name: str;
        /// One of `StreamType`.
        type: int;
        size: int;
    }
}

schema! {
    X struct OLECF {
        /// True if the object is an OLE compound file.
        is_olecf: bool;
        streams: [STREAM];
    } enums ENUMS
}

schema! {
    enums ENUMS {
        StreamType {
            UNKNOWN = 0;
            STORAGE = 1;
            STREAM = 2;
            ROOT = 5;
        }
    }
}

/// The schema of `olecf`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "olecf",
    doc: "Streams of OLE compound files.",
    root: &OLECF,
    implemented: true,
};

//! The fields and functions of `vba`.

use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    X struct MODULE {
        name: str;
        /// One of `MODULE_TYPE_…`.
        type: int;
        /// The source text, decompressed.
        code: str;
    }
}

schema! {
    X struct PROJECT_INFO {
        name: str;
        version: str;
        references: [str];
        module_count: int;
    }
}

schema! {
    X struct VBA {
        /// True if the object holds VBA code.
        has_macros: bool;
        modules: [MODULE];
        project_info: PROJECT_INFO;
    } constants CONSTANTS
}

schema! {
    X constants CONSTANTS {
        MODULE_TYPE_STANDARD = 1;
        MODULE_TYPE_CLASS = 2;
        MODULE_TYPE_UNKNOWN = 3;
    }
}

/// The schema of `vba`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "vba",
    doc: "VBA projects inside documents.",
    root: &VBA,
    implemented: true,
};

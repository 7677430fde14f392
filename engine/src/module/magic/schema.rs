//! The fields and functions of `magic`.

use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    struct MAGIC {
        /// The description.
        type: (() -> str);
        /// The media type.
        mime_type: (() -> str);
    }
}

/// The schema of `magic`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "magic",
    doc: "File types as libmagic names them.",
    root: &MAGIC,
    implemented: true,
};

//! The fields and functions of `msi`.

use crate::module::pe::SIGNATURE;
use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    X struct MSI {
        /// True if there is a signature, whether or not it fits.
        is_signed: bool;
        signatures: [SIGNATURE];
    }
}

/// The schema of `msi`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "msi",
    doc: "Signatures of Windows installer packages.",
    root: &MSI,
    implemented: true,
};

//! The fields and functions of `crx`.

use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    X struct CRX_SIGNATURE {
        key: str;
        verified: bool;
    }
}

schema! {
    X struct CRX {
        /// True if the object is a Chrome extension.
        is_crx: bool;
        crx_version: int;
        header_size: int;
        id: str;
        version: str;
        name: str;
        description: str;
        /// The name before messages of the default language are put in.
        raw_name: str;
        /// The description before messages of the default language are put in.
        raw_description: str;
        minimum_chrome_version: str;
        homepage_url: str;
        permissions: [str];
        host_permissions: [str];
        optional_permissions: [str];
        optional_host_permissions: [str];
        signatures: [CRX_SIGNATURE];
        /// SHA-256 over the permissions.
        permhash: (() -> s64);
    }
}

/// The schema of `crx`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "crx",
    doc: "Chrome extensions.",
    root: &CRX,
    implemented: true,
};

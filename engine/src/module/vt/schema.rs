//! The fields and functions of `vt`.

use super::behaviour::BEHAVIOUR_SUMMARY;
use super::enums::ENUMS;
use super::metadata::FILE_METADATA;
use super::net::ENRICHED_NETLOC;
use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    X struct VT {
        /// About a file.
        metadata: FILE_METADATA;
        /// What sandboxes saw when they ran a file.
        behaviour: BEHAVIOUR_SUMMARY;
        /// About an address, a domain or a URL.
        net: ENRICHED_NETLOC;
    } enums ENUMS
}

/// The schema of `vt`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "vt",
    doc: "What VirusTotal knows about a file, a URL, a domain or an address.",
    root: &VT,
    implemented: false,
};

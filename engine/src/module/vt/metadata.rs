//! `vt.metadata`: a file.

use super::common::{ANALYSIS_STATS, HUNTING_GTI_SCORE, SUBMITTER};
use super::net::ENRICHED_NETLOC;
use crate::module::table::schema;

schema! {
    X struct MAIN_ICON {
        dhash: str;
        raw_md5: str;
    }
}

schema! {
    X struct GO_BUILD_INFO {
        path: str;
        dependencies: {str};
        settings: {str};
    }
}

schema! {
    X struct GO_SUMMARY {
        num_user_functions: int;
        num_std_functions: int;
        num_interfaces: int;
        num_types: int;
        num_dependencies: int;
    }
}

schema! {
    X struct GO_RE_SYM {
        version: str;
        arch: str;
        os: str;
        build_id: str;
        build_info: GO_BUILD_INFO;
        summary: GO_SUMMARY;
    }
}

schema! {
    X struct FILE_METADATA {
        sha256: s64;
        sha1: s40;
        md5: s32;
        ssdeep: str;
        imphash: s32;
        vhash: str;
        telfhash: str;
        file_name: str;
        /// One of `FileType`.
        file_type: int;
        file_size: int;
        times_submitted: int;
        /// True if it was never seen before.
        new_file: bool;
        tags: [str];
        signatures: {str};
        submitter: SUBMITTER;
        subfile: bool;
        unique_sources: int;
        analysis_stats: ANALYSIS_STATS;
        magic: str;
        file_type_tags: [str];
        first_submission_date: int;
        exiftool: {str};
        main_icon: MAIN_ICON;
        goresym: GO_RE_SYM;
        malware_families: [str];
        tlsh: str;
        /// Where the file was downloaded from.
        itw: ENRICHED_NETLOC;
        gti_assessment: HUNTING_GTI_SCORE;
    }
}

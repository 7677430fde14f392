//! Structures that several parts of `vt` share.

use crate::module::table::schema;

schema! {
    X struct SUBMITTER {
        city: str;
        country: str;
    }
}

schema! {
    X struct ANALYSIS_STATS {
        malicious: int;
        suspicious: int;
        undetected: int;
        harmless: int;
        failure: int;
        type_unsupported: int;
    }
}

schema! {
    X struct HUNTING_GTI_VERDICT {
        /// One of `GtiVerdict`.
        value: int;
    }
}

schema! {
    X struct HUNTING_GTI_THREAT_SCORE {
        value: int;
    }
}

schema! {
    X struct HUNTING_GTI_SEVERITY {
        /// One of `GtiSeverity`.
        value: int;
    }
}

schema! {
    X struct HUNTING_GTI_SCORE {
        verdict: HUNTING_GTI_VERDICT;
        threat_score: HUNTING_GTI_THREAT_SCORE;
        severity: HUNTING_GTI_SEVERITY;
    }
}

//! Authenticode signatures, as `pe` and `msi` show them.

use crate::module::table::schema;

schema! {
    struct CERTIFICATE {
        issuer: str;
        subject: str;
        /// SHA-1 of the certificate.
        thumbprint: str;
        version: int;
        algorithm: str;
        algorithm_oid: str;
        serial: str;
        /// Start of validity, in seconds since 1970.
        not_before: int;
        /// End of validity, in seconds since 1970.
        not_after: int;
    }
}

schema! {
    struct SIGNER_INFO {
        program_name: str;
        more_info: str (X);
        digest: str;
        digest_alg: str;
        length_of_chain: int (L);
        chain: [CERTIFICATE];
    }
}

schema! {
    struct COUNTER_SIGNATURE {
        verified: bool;
        /// In seconds since 1970.
        sign_time: int;
        digest: str;
        digest_alg: str;
        length_of_chain: int (L);
        chain: [CERTIFICATE];
    }
}

schema! {
    struct SIGNATURE {
        subject: str;
        issuer: str;
        /// SHA-1 of the signer's certificate.
        thumbprint: str;
        version: int;
        algorithm: str;
        algorithm_oid: str;
        serial: str;
        /// Start of validity, in seconds since 1970.
        not_before: int;
        /// End of validity, in seconds since 1970.
        not_after: int;
        /// True if digest and certificates fit together; no root store is
        /// asked.
        verified: bool;
        digest_alg: str;
        /// The digest that was signed.
        digest: str;
        /// The digest of the file as it is.
        file_digest: str;
        number_of_certificates: int;
        number_of_countersignatures: int;
        signer_info: SIGNER_INFO;
        certificates: [CERTIFICATE];
        countersignatures: [COUNTER_SIGNATURE];
        /// True if the certificate was valid at this time.
        valid_on: ((int) -> bool);
    }
}

//! `vt.net`: addresses, domains and URLs.

use super::common::{ANALYSIS_STATS, HUNTING_GTI_SCORE, SUBMITTER};
use crate::module::table::schema;

schema! {
    X struct TRACKER {
        name: str;
        id: str;
        url: str;
    }
}

schema! {
    X struct FAVICON {
        raw_md5: s32;
        dhash: str;
    }
}

schema! {
    X struct META_TAG {
        key: str;
        values: [str];
    }
}

schema! {
    X struct RELATED_FILE {
        sha256: s64;
        new_for_vt: bool;
        analysis_stats: ANALYSIS_STATS;
        file_type: int;
        new_for_url: bool;
        new_for_ip: bool;
        new_for_domain: bool;
        signatures: {str};
    }
}

schema! {
    X struct RESOURCE_FILE {
        sha256: s64;
        analysis_stats: ANALYSIS_STATS;
        file_type: int;
        new_for_url: bool;
        signatures: {str};
    }
}

schema! {
    X struct URL_RESOURCE {
        url: str;
        method: int;
        sha256: s64;
        response_code: int;
        serving_ip_address: str;
        content_length: int;
        reverse_dns: str;
        type: int;
        browser_type: int;
        response_headers: {str};
        net_error: int;
        redirects: [str];
    }
}

schema! {
    X struct EXTENDED_COOKIE {
        name: str;
        value: str;
        domain: str;
        expires: int;
        secure: bool;
        http_only: bool;
        session: bool;
        size: int;
        priority: int;
    }
}

schema! {
    X struct CONSOLE_MESSAGE {
        content: str;
        source_file: str;
        level: int;
    }
}

schema! {
    X struct WEB_TECHNOLOGY {
        name: str;
        version: str;
    }
}

schema! {
    X struct SUBJECT {
        common_name: str;
        country: str;
        organization: str;
        organizational_unit: str;
        locality: str;
        state: str;
        alternative_names: [str];
        street_address: str;
        postal_code: str;
    }
}

schema! {
    X struct VALIDITY {
        not_after: int;
        not_before: int;
    }
}

schema! {
    X struct SSL_CERTIFICATE {
        thumbprint: str;
        subject: SUBJECT;
        validity: VALIDITY;
        subject_alternative_name: [str];
        signature: str;
        serial_number: str;
        issuer: SUBJECT;
        host: str;
        version: str;
        algorithm: str;
        signature_algorithm: str;
    }
}

schema! {
    X struct ENRICHED_URL {
        port: int;
        trackers: [TRACKER];
        response_headers: {str};
        number_of_response_headers: int;
        response_code: int;
        cookies: {str};
        favicon: FAVICON;
        outgoing_links: [str];
        redirects: [str];
        html_title: str;
        html_meta_tags: [META_TAG];
        new_url: bool;
        analysis_stats: ANALYSIS_STATS;
        first_submission_date: int;
        signatures: {str};
        submitter: SUBMITTER;
        tags: [str];
        query: str;
        params: {str};
        path: str;
        hostname: str;
        raw: str;
        downloaded_file: RELATED_FILE;
        communicating_file: RELATED_FILE;
        embedded_resources: [RESOURCE_FILE];
        categories: {str};
        gti_assessment: HUNTING_GTI_SCORE;
        resources: [URL_RESOURCE];
        cookies_extended: [EXTENDED_COOKIE];
        javascript_variables: {str};
        console_messages: [CONSOLE_MESSAGE];
        web_technologies: [WEB_TECHNOLOGY];
        filename: str;
        tls: [SSL_CERTIFICATE];
        dom_sha256: str;
    }
}

schema! {
    X struct PORT_SERVICE {
        product: str;
        version: str;
        cpe: str;
    }
}

schema! {
    X struct ENRICHED_PORT_INFO {
        port: int;
        protocol: str;
        port_banner: str;
        port_service: [PORT_SERVICE];
        fingerprint: str;
        os_type: str;
        device_type: str;
        port_status: str;
    }
}

schema! {
    X struct ENRICHED_IP {
        whois: {str};
        whois_raw: str;
        https_certificate: SSL_CERTIFICATE;
        jarm: str;
        ip_as_owner: str;
        ip_asn: int;
        ip_country: str;
        analysis_stats: ANALYSIS_STATS;
        signatures: {str};
        tags: [str];
        raw: str;
        downloaded_file: RELATED_FILE;
        communicating_file: RELATED_FILE;
        ip_as_int: int;
        first_whois: bool;
        new_whois: bool;
        reverse_lookup: str;
        gti_assessment: HUNTING_GTI_SCORE;
        ports: [ENRICHED_PORT_INFO];
        /// Whether the address is in a network such as `10.0.0.0/8`.
        in_range: ((str) -> bool);
    }
}

schema! {
    X struct DNS_RECORD {
        type: str;
        dns_class: str;
        ttl: int;
        mname: str;
        rname: str;
        priority: int;
        serial: int;
        retry: int;
        refresh: int;
        expire: int;
        minimum: int;
        value: str;
    }
}

schema! {
    X struct POPULARITY_RANK {
        position: int;
        ingestion_time: int;
        rank: str;
    }
}

schema! {
    X struct ENRICHED_DOMAIN {
        raw: str;
        root: str;
        whois: {str};
        whois_raw: str;
        https_certificate: SSL_CERTIFICATE;
        jarm: str;
        dns_records: [DNS_RECORD];
        favicon: FAVICON;
        analysis_stats: ANALYSIS_STATS;
        signatures: {str};
        new_domain: bool;
        tags: [str];
        downloaded_file: RELATED_FILE;
        communicating_file: RELATED_FILE;
        first_whois: bool;
        new_whois: bool;
        first_resolution: bool;
        new_resolution: bool;
        categories: {str};
        popularity_ranks: [POPULARITY_RANK];
        number_of_popularity_ranks: int;
        root_popularity_ranks: [POPULARITY_RANK];
        number_of_root_popularity_ranks: int;
        gti_assessment: HUNTING_GTI_SCORE;
        /// Whether the domain could be mistaken for another one; the int picks
        /// kinds of `Domain.Permutation`.
        permutation_of: ((str) -> bool, (str, int) -> bool);
    }
}

schema! {
    X struct ENRICHED_NETLOC {
        url: ENRICHED_URL;
        ip: ENRICHED_IP;
        domain: ENRICHED_DOMAIN;
    }
}

//! `vt.behaviour`: what sandboxes saw.

use crate::module::table::schema;

schema! {
    X struct TIMESTAMP {
        seconds: int;
        nanos: int;
    }
}

schema! {
    X struct FILE_COPY {
        source: str;
        destination: str;
    }
}

schema! {
    X struct DROPPED_FILE {
        path: str;
        sha256: str;
        type: int;
        download_url: str;
        process_name: str;
        process_id: str;
    }
}

schema! {
    X struct EXTRACTED_PAYLOAD {
        sha256: str;
        type: int;
        size: int;
        payload_type: str;
        process_name: str;
        timestamp: TIMESTAMP;
    }
}

schema! {
    X struct PROCESS_ITEM {
        process_id: str;
        parent_process_id: str;
        name: str;
        parent_name: str;
        ancestor_names: [str];
        start_time: int;
        termination_time: int;
        files_opened: [str];
        files_written: [str];
        files_deleted: [str];
        files_copied: [FILE_COPY];
    }
}

schema! {
    X struct PERMISSION_CHECK {
        permission: str;
        owner: str;
    }
}

schema! {
    X struct KEY_VALUE {
        key: str;
        value: str;
    }
}

schema! {
    X struct HTTP_CONVERSATION {
        url: str;
        /// One of `Http.Method`.
        request_method: int;
        request_headers: {str};
        response_headers: {str};
        response_status_code: int;
        response_body_filetype: int;
        response_body_first_ten_bytes: str;
    }
}

schema! {
    X struct DNS_LOOKUP {
        hostname: str;
        resolved_ips: [str];
        txt_records: [str];
    }
}

schema! {
    X struct IP_TRAFFIC {
        destination_ip: str;
        destination_port: int;
        /// One of `Net.Protocol`.
        transport_layer_protocol: int;
        destination_ip_asn: int;
        destination_ip_as_int: int;
    }
}

schema! {
    X struct SMS {
        destination: str;
        body: str;
    }
}

schema! {
    X struct SMTP_CONVERSATION {
        hostname: str;
        destination_ip: str;
        destination_port: int;
        smtp_from: str;
        smtp_to: [str];
        message_from: [str];
        message_to: [str];
        message_cc: [str];
        message_bcc: [str];
        timestamp: str;
        subject: str;
        html_body: str;
        txt_body: str;
        auth_user: str;
        auth_pass: str;
        headers: [KEY_VALUE];
        attachments: [DROPPED_FILE];
        x_mailer: str;
    }
}

schema! {
    X struct IDS_CONTEXT {
        protocol: int;
        src_ip: str;
        src_port: int;
        dest_ip: str;
        dest_port: int;
        hostname: str;
        url: str;
        ja3: [str];
        ja3s: [str];
    }
}

schema! {
    X struct IDS_ALERT {
        rule_msg: str;
        rule_category: str;
        rule_id: str;
        alert_severity: int;
        rule_source: str;
        alert_context: IDS_CONTEXT;
        rule_url: str;
        rule_references: [str];
        tags: [str];
        rule_raw: str;
    }
}

schema! {
    X struct TLS {
        subject: {str};
        issuer: {str};
        serial_number: str;
        thumbprint: str;
        version: str;
        sni: str;
        ja3: str;
        ja3s: str;
        ja4: str;
    }
}

schema! {
    X struct MITRE_ATTACK_TECHNIQUE {
        id: str;
        severity: int;
        signature_description: str;
    }
}

schema! {
    X struct SIGMA_MATCH_CONTEXT {
        values: {str};
    }
}

schema! {
    X struct SIGMA_MATCH {
        match_context: [SIGMA_MATCH_CONTEXT];
        rule_level: int;
        rule_id: str;
        rule_source: str;
        rule_title: str;
        rule_description: str;
        rule_author: str;
    }
}

schema! {
    X struct SIGNATURE_MATCH {
        id: str;
        format: int;
        name: str;
        description: str;
        authors: [str];
        events: [str];
        match_data: [str];
        rule_src: str;
        severity: int;
    }
}

schema! {
    X struct MALWARE_BEHAVIOR_CATALOG {
        id: str;
        objective: str;
        behavior: str;
        method: str;
    }
}

schema! {
    X struct BEHAVIOUR_SUMMARY {
        files_opened: [str];
        files_written: [str];
        files_deleted: [str];
        files_copied: [FILE_COPY];
        files_attribute_changed: [str];
        files_dropped: [DROPPED_FILE];
        payloads_extracted: [EXTRACTED_PAYLOAD];
        hosts_file: str;
        processes_list: [PROCESS_ITEM];
        processes_created: [str];
        processes_terminated: [str];
        processes_killed: [str];
        processes_injected: [str];
        command_executions: [str];
        services_opened: [str];
        services_created: [str];
        services_started: [str];
        services_stopped: [str];
        services_deleted: [str];
        services_bound: [str];
        windows_searched: [str];
        windows_hidden: [str];
        permissions_checked: [PERMISSION_CHECK];
        permissions_requested: [str];
        mutexes_opened: [str];
        mutexes_created: [str];
        signals_observed: [str];
        signals_hooked: [str];
        modules_loaded: [str];
        calls_highlighted: [str];
        invokes: [str];
        crypto_algorithms_observed: [str];
        crypto_keys: [str];
        crypto_plain_text: [str];
        encoding_algorithms_observed: [str];
        text_decoded: [str];
        text_highlighted: [str];
        /// Of `BehaviourTrait`.
        traits: [int];
        databases_opened: [str];
        databases_deleted: [str];
        registry_keys_opened: [str];
        registry_keys_set: [KEY_VALUE];
        registry_keys_deleted: [str];
        system_property_lookups: [str];
        system_property_sets: [KEY_VALUE];
        shared_preferences_lookups: [str];
        shared_preferences_sets: [KEY_VALUE];
        content_model_observers: [str];
        content_model_sets: [KEY_VALUE];
        activities_started: [str];
        http_conversations: [HTTP_CONVERSATION];
        dns_lookups: [DNS_LOOKUP];
        ip_traffic: [IP_TRAFFIC];
        sms_sent: [SMS];
        /// Of `BehaviourVerdict`.
        verdicts: [int];
        verdict_confidence: int;
        verdict_labels: [str];
        ja3_digests: [str];
        memory_pattern_ips: [str];
        memory_pattern_domains: [str];
        memory_pattern_urls: [str];
        smtp_conversations: [SMTP_CONVERSATION];
        ids_alerts: [IDS_ALERT];
        tls: [TLS];
        mitre_attack_techniques: [MITRE_ATTACK_TECHNIQUE];
        sigma_analysis_results: [SIGMA_MATCH];
        signature_matches: [SIGNATURE_MATCH];
        mbc: [MALWARE_BEHAVIOR_CATALOG];
    }
}

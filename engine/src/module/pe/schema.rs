//! The fields and functions of `pe`.

use super::constants::CONSTANTS;
use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    struct VERSION {
        major: int;
        minor: int;
    }
}

schema! {
    struct KEY_VALUE {
        key: str;
        value: str;
    }
}

schema! {
    struct RICH_TOOL {
        toolid: int (X);
        version: int (X);
        times: int (X);
    }
}

schema! {
    struct RICH_SIGNATURE {
        offset: int;
        length: int;
        key: int;
        raw_data: str;
        clear_data: str;
        version_data: str (L);
        tools: [RICH_TOOL] (X);
        version: ((int) -> int, (int, int) -> int);
        toolid: ((int) -> int, (int, int) -> int);
    }
}

schema! {
    struct SECTION {
        name: str;
        full_name: str;
        characteristics: int;
        raw_data_size: int;
        raw_data_offset: int;
        virtual_address: int;
        virtual_size: int;
        pointer_to_relocations: int;
        pointer_to_line_numbers: int;
        number_of_relocations: int;
        number_of_line_numbers: int;
    }
}

schema! {
    struct DIR_ENTRY {
        virtual_address: int;
        size: int;
    }
}

schema! {
    struct RESOURCE {
        length: int;
        rva: int;
        offset: int;
        type: int;
        id: int;
        language: int;
        type_string: str;
        name_string: str;
        language_string: str;
    }
}

schema! {
    struct FUNCTION {
        name: str;
        ordinal: int;
        rva: int;
    }
}

schema! {
    struct IMPORT {
        library_name: str;
        number_of_functions: int;
        functions: [FUNCTION];
    }
}

schema! {
    struct EXPORT {
        name: str;
        ordinal: int;
        rva: int;
        offset: int;
        forward_name: str;
    }
}

schema! {
    struct CERTIFICATE {
        issuer: str;
        subject: str;
        thumbprint: str;
        version: int;
        algorithm: str;
        algorithm_oid: str;
        serial: str;
        not_before: int;
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
        thumbprint: str;
        version: int;
        algorithm: str;
        algorithm_oid: str;
        serial: str;
        not_before: int;
        not_after: int;
        verified: bool;
        digest_alg: str;
        digest: str;
        file_digest: str;
        number_of_certificates: int;
        number_of_countersignatures: int;
        signer_info: SIGNER_INFO;
        certificates: [CERTIFICATE];
        countersignatures: [COUNTER_SIGNATURE];
        valid_on: ((int) -> bool);
    }
}

schema! {
    struct OVERLAY {
        offset: int;
        size: int;
    }
}

schema! {
    struct PE {
        is_pe: bool;
        machine: int;
        subsystem: int;
        os_version: VERSION;
        subsystem_version: VERSION;
        image_version: VERSION;
        linker_version: VERSION;
        opthdr_magic: int;
        characteristics: int;
        dll_characteristics: int;
        timestamp: int;
        image_base: int;
        checksum: int;
        base_of_code: int;
        base_of_data: int;
        entry_point: int;
        entry_point_raw: int;
        dll_name: str;
        export_timestamp: int;
        section_alignment: int;
        file_alignment: int;
        loader_flags: int;
        size_of_optional_header: int;
        size_of_code: int;
        size_of_initialized_data: int;
        size_of_uninitialized_data: int;
        size_of_image: int;
        size_of_headers: int;
        size_of_stack_reserve: int;
        size_of_stack_commit: int;
        size_of_heap_reserve: int;
        size_of_heap_commit: int;
        pointer_to_symbol_table: int;
        win32_version_value: int;
        number_of_symbols: int;
        number_of_rva_and_sizes: int;
        number_of_sections: int, use "sections.len()";
        number_of_imported_functions: int;
        number_of_delayed_imported_functions: int;
        number_of_resources: int, use "resources.len()";
        number_of_version_infos: int;
        number_of_imports: int;
        number_of_delayed_imports: int;
        number_of_exports: int;
        number_of_signatures: int, use "signatures.len()";
        version_info: {str};
        version_info_list: [KEY_VALUE];
        rich_signature: RICH_SIGNATURE;
        pdb_path: str;
        sections: [SECTION];
        data_directories: [DIR_ENTRY];
        resource_timestamp: int;
        resource_version: VERSION;
        resources: [RESOURCE];
        import_details: [IMPORT];
        delayed_import_details: [IMPORT];
        export_details: [EXPORT];
        is_signed: bool;
        signatures: [SIGNATURE];
        overlay: OVERLAY;
        is_32bit: (() -> bool);
        is_64bit: (() -> bool);
        is_dll: (() -> bool);
        rva_to_offset: ((int) -> int);
        offset_to_rva: ((int) -> int) (X);
        calculate_checksum: (() -> int);
        section_index: ((str) -> int, (int) -> int);
        imphash: (() -> s32);
        imports: (
            (str) -> int,
            (str, str) -> bool,
            (str, int) -> int,
            (regex, regex) -> int,
            (int, str) -> int,
            (int, str, str) -> bool,
            (int, str, int) -> bool,
            (int, regex, regex) -> int,
        );
        import_rva: ((str, str) -> int, (str, int) -> int);
        delayed_import_rva: ((str, str) -> int, (str, int) -> int);
        exports: ((str) -> bool, (int) -> bool, (regex) -> bool);
        exports_index: ((str) -> int, (int) -> int, (regex) -> int);
        locale: ((int) -> bool);
        language: ((int) -> bool);
    } constants CONSTANTS
}

/// The schema of `pe`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "pe",
    doc: "Windows executables: PE headers, sections, imports, exports, resources and signatures.",
    root: &PE,
    implemented: false,
};

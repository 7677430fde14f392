//! The fields and functions of `pe`.

use super::constants::CONSTANTS;
use super::signatures::SIGNATURE;
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
        /// What the header is XORed with.
        key: int;
        /// The header as it is in the file.
        raw_data: str;
        /// The header after the XOR.
        clear_data: str;
        version_data: str (L);
        tools: [RICH_TOOL] (X);
        /// How often tools of a version (and a tool) were used.
        version: ((int) -> int, (int, int) -> int);
        /// How often a tool (of a version) was used.
        toolid: ((int) -> int, (int, int) -> int);
    }
}

schema! {
    struct SECTION {
        /// Name in the section table, at most eight bytes.
        name: str;
        /// Name with references to the string table resolved.
        full_name: str;
        /// Flags `SECTION_…`.
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
        /// One of `RESOURCE_TYPE_…`, or another number.
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
    struct OVERLAY {
        offset: int;
        size: int;
    }
}

schema! {
    struct PE {
        /// True if the object is a PE file.
        is_pe: bool;
        /// One of `MACHINE_…`.
        machine: int;
        /// One of `SUBSYSTEM_…`.
        subsystem: int;
        os_version: VERSION;
        subsystem_version: VERSION;
        image_version: VERSION;
        linker_version: VERSION;
        /// One of `IMAGE_…_MAGIC`: tells 32-bit from 64-bit images.
        opthdr_magic: int;
        /// Flags of the file header: `DLL`, `EXECUTABLE_IMAGE` and so on.
        characteristics: int;
        /// Flags such as `DYNAMIC_BASE` and `NX_COMPAT`.
        dll_characteristics: int;
        /// When the file was linked, in seconds since 1970.
        timestamp: int;
        image_base: int;
        checksum: int;
        base_of_code: int;
        base_of_data: int;
        /// File offset of the entry point.
        entry_point: int;
        /// Relative virtual address of the entry point, as in the header.
        entry_point_raw: int;
        /// The name that the export directory gives.
        dll_name: str;
        /// Time of the export directory, in seconds since 1970.
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
        /// Number of functions imported from all libraries.
        number_of_imported_functions: int;
        /// Number of functions imported when first used.
        number_of_delayed_imported_functions: int;
        number_of_resources: int, use "resources.len()";
        number_of_version_infos: int;
        /// Number of libraries imported.
        number_of_imports: int;
        /// Number of libraries imported when first used.
        number_of_delayed_imports: int;
        number_of_exports: int;
        number_of_signatures: int, use "signatures.len()";
        /// Strings of the version resource, by name; the last of several wins.
        version_info: {str};
        /// All strings of the version resource, in order.
        version_info_list: [KEY_VALUE];
        /// The header that Microsoft's linker leaves behind the DOS stub.
        rich_signature: RICH_SIGNATURE;
        /// Path of the debug symbols.
        pdb_path: str;
        sections: [SECTION];
        /// Indexed by `IMAGE_DIRECTORY_ENTRY_…`.
        data_directories: [DIR_ENTRY];
        /// Time of the resource directory, in seconds since 1970.
        resource_timestamp: int;
        resource_version: VERSION;
        resources: [RESOURCE];
        import_details: [IMPORT];
        delayed_import_details: [IMPORT];
        export_details: [EXPORT];
        /// True if an Authenticode signature is present and verifies.
        is_signed: bool;
        signatures: [SIGNATURE];
        /// Data behind the last section.
        overlay: OVERLAY;
        /// True for a 32-bit image.
        is_32bit: (() -> bool);
        /// True for a 64-bit image.
        is_64bit: (() -> bool);
        /// True for a library.
        is_dll: (() -> bool);
        /// File offset of a relative virtual address.
        rva_to_offset: ((int) -> int);
        /// Relative virtual address of a file offset.
        offset_to_rva: ((int) -> int) (X);
        /// The checksum that the header ought to have.
        calculate_checksum: (() -> int);
        /// Place of the section with this name, or that holds this file
        /// offset.
        section_index: ((str) -> int, (int) -> int);
        /// MD5 over the imported names, in order.
        imphash: (() -> s32);
        /// Whether, or how often, a function is imported; a leading int picks
        /// `IMPORT_STANDARD`, `IMPORT_DELAYED` or `IMPORT_ANY`.
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
        /// Address of the import table's entry for a function.
        import_rva: ((str, str) -> int, (str, int) -> int);
        /// Address of the delayed import table's entry for a function.
        delayed_import_rva: ((str, str) -> int, (str, int) -> int);
        /// Whether a function is exported, by name or ordinal.
        exports: ((str) -> bool, (int) -> bool, (regex) -> bool);
        /// Place of an exported function in `export_details`.
        exports_index: ((str) -> int, (int) -> int, (regex) -> int);
        /// Whether a resource has this language identifier with sublanguage.
        locale: ((int) -> bool);
        /// Whether a resource has this primary language.
        language: ((int) -> bool);
    } constants CONSTANTS
}

/// The schema of `pe`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "pe",
    doc: "Windows executables: headers, imports, exports, resources.",
    root: &PE,
    implemented: true,
};

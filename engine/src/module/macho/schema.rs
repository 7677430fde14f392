//! The fields and functions of `macho`.

use super::constants::CONSTANTS;
use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    struct NLIST {
        n_strx: int (X);
        n_type: int (X);
        n_sect: int (X);
        n_desc: int (X);
        n_value: int (X);
    }
}

schema! {
    struct SYMTAB {
        symoff: int (X);
        nsyms: int (X);
        stroff: int (X);
        strsize: int (X);
        entries: [str] (X);
        nlists: [NLIST] (X);
    }
}

schema! {
    struct DYSYMTAB {
        ilocalsym: int (X);
        nlocalsym: int (X);
        iextdefsym: int (X);
        nextdefsym: int (X);
        iundefsym: int (X);
        nundefsym: int (X);
        tocoff: int (X);
        ntoc: int (X);
        modtaboff: int (X);
        nmodtab: int (X);
        extrefsymoff: int (X);
        nextrefsyms: int (X);
        indirectsymoff: int (X);
        nindirectsyms: int (X);
        extreloff: int (X);
        nextrel: int (X);
        locreloff: int (X);
        nlocrel: int (X);
    }
}

schema! {
    struct LINKED_IT_DATA {
        dataoff: int (X);
        datasize: int (X);
    }
}

schema! {
    struct SECTION {
        segname: str;
        sectname: str;
        addr: int;
        size: int;
        offset: int;
        align: int;
        reloff: int;
        nreloc: int;
        /// A type `S_…` and flags `S_ATTR_…`.
        flags: int;
        reserved1: int;
        reserved2: int;
        reserved3: int;
    }
}

schema! {
    struct SEGMENT {
        segname: str;
        vmaddr: int;
        vmsize: int;
        fileoff: int;
        filesize: int (X);
        /// Size in the file, the same as `filesize`.
        fsize: int (L);
        maxprot: int;
        initprot: int;
        nsects: int;
        /// Flags `SG_…`.
        flags: int;
        sections: [SECTION];
    }
}

schema! {
    struct DYLIB {
        name: str (X);
        timestamp: int (X);
        compatibility_version: str (X);
        current_version: str (X);
    }
}

schema! {
    struct DYLD_INFO {
        rebase_off: int (X);
        rebase_size: int (X);
        bind_off: int (X);
        bind_size: int (X);
        weak_bind_off: int (X);
        weak_bind_size: int (X);
        lazy_bind_off: int (X);
        lazy_bind_size: int (X);
        export_off: int (X);
        export_size: int (X);
    }
}

schema! {
    struct CERTIFICATE {
        issuer: str (X);
        subject: str (X);
        is_self_signed: bool (X);
    }
}

schema! {
    struct BUILD_TOOL {
        tool: int (X);
        version: str (X);
    }
}

schema! {
    struct BUILD_VERSION {
        platform: int (X);
        minos: str (X);
        sdk: str (X);
        ntools: int (X);
        tools: [BUILD_TOOL] (X);
    }
}

schema! {
    struct MIN_VERSION {
        /// One of `MACOSX`, `IPHONEOS`, `TVOS`, `WATCHOS`.
        device: int (X);
        version: str (X);
        sdk: str (X);
    }
}

schema! {
    struct FAT_ARCH {
        cputype: int;
        cpusubtype: int;
        offset: int;
        size: int;
        align: int;
        reserved: int (X);
    }
}

schema! {
    struct FILE {
        magic: int;
        cputype: int;
        cpusubtype: int;
        filetype: int;
        ncmds: int;
        sizeofcmds: int;
        flags: int;
        reserved: int;
        number_of_segments: int, use "segments.len()";
        dynamic_linker: str (X);
        entry_point: int;
        stack_size: int;
        source_version: str (X);
        segments: [SEGMENT];
        dylibs: [DYLIB] (X);
        rpaths: [str] (X);
        entitlements: [str] (X);
        symtab: SYMTAB (X);
        dysymtab: DYSYMTAB (X);
        dyld_info: DYLD_INFO (X);
        code_signature_data: LINKED_IT_DATA (X);
        certificates: [CERTIFICATE] (X);
        uuid: str (X);
        build_version: BUILD_VERSION (X);
        min_version: MIN_VERSION (X);
        exports: [str] (X);
        imports: [str] (X);
        linker_options: [str] (X);
    }
}

schema! {
    struct MACHO {
        /// One of `MH_MAGIC`, `MH_CIGAM` and their 64-bit twins.
        magic: int;
        /// One of `CPU_TYPE_…`.
        cputype: int;
        /// One of `CPU_SUBTYPE_…`.
        cpusubtype: int;
        /// One of `MH_OBJECT`, `MH_EXECUTE`, `MH_DYLIB` and so on.
        filetype: int;
        ncmds: int;
        sizeofcmds: int;
        /// Flags `MH_…`.
        flags: int;
        reserved: int;
        number_of_segments: int, use "segments.len()";
        dynamic_linker: str (X);
        /// File offset of the entry point.
        entry_point: int;
        stack_size: int;
        source_version: str (X);
        symtab: SYMTAB (X);
        dysymtab: DYSYMTAB (X);
        code_signature_data: LINKED_IT_DATA (X);
        segments: [SEGMENT];
        dylibs: [DYLIB] (X);
        dyld_info: DYLD_INFO (X);
        rpaths: [str] (X);
        entitlements: [str] (X);
        certificates: [CERTIFICATE] (X);
        uuid: str (X);
        build_version: BUILD_VERSION (X);
        min_version: MIN_VERSION (X);
        exports: [str] (X);
        imports: [str] (X);
        linker_options: [str] (X);
        /// One of `FAT_…`, for a universal binary.
        fat_magic: int;
        nfat_arch: int;
        fat_arch: [FAT_ARCH];
        /// The files inside a universal binary.
        file: [FILE];
        /// Place in `file` of an architecture.
        file_index_for_arch: ((int) -> int, (int, int) -> int);
        /// File offset of the entry point of an architecture.
        entry_point_for_arch: ((int) -> int, (int, int) -> int);
        /// Whether the signature asks for this entitlement.
        has_entitlement: ((str) -> bool) (X);
        /// Whether this library is loaded.
        has_dylib: ((str) -> bool) (X);
        /// Whether this path is searched for libraries.
        has_rpath: ((str) -> bool) (X);
        /// Whether this symbol is imported.
        has_import: ((str) -> bool) (X);
        /// Whether this symbol is exported.
        has_export: ((str) -> bool) (X);
        /// MD5 over the names of the libraries.
        dylib_hash: (() -> s32) (X);
        /// MD5 over the entitlements.
        entitlement_hash: (() -> s32) (X);
        /// MD5 over the exported symbols.
        export_hash: (() -> s32) (X);
        /// MD5 over the imported symbols.
        import_hash: (() -> s32) (X);
        /// MD5 over the external symbols.
        symhash: (() -> s32) (X);
    } constants CONSTANTS
}

/// The schema of `macho`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "macho",
    doc: "Mach-O executables, single and universal.",
    root: &MACHO,
    implemented: true,
};

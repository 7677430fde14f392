//! The fields and functions of `elf`.

use super::constants::CONSTANTS;
use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    struct SECTION {
        /// One of `SHT_…`.
        type: int;
        /// Flags `SHF_…`.
        flags: int;
        address: int;
        size: int;
        offset: int;
        name: str;
    }
}

schema! {
    struct SEGMENT {
        /// One of `PT_…`.
        type: int;
        /// Flags `PF_…`.
        flags: int;
        offset: int;
        virtual_address: int;
        physical_address: int;
        file_size: int;
        memory_size: int;
        alignment: int;
    }
}

schema! {
    struct SYM {
        name: str;
        value: int;
        size: int;
        /// One of `STT_…`.
        type: int;
        /// One of `STB_…`.
        bind: int;
        shndx: int;
        /// One of `STV_…`.
        visibility: int (X);
    }
}

schema! {
    struct DYN {
        /// One of `DT_…`.
        type: int;
        val: int;
    }
}

schema! {
    struct ELF {
        /// One of `ET_…`.
        type: int;
        /// One of `EM_…`.
        machine: int;
        /// One of `OSABI_…`.
        osabi: int (X);
        /// File offset of the entry point.
        entry_point: int;
        sh_offset: int;
        sh_entry_size: int;
        ph_offset: int;
        ph_entry_size: int;
        number_of_sections: int, use "sections.len()";
        number_of_segments: int, use "segments.len()";
        symtab_entries: int;
        dynsym_entries: int;
        dynamic_section_entries: int;
        sections: [SECTION];
        segments: [SEGMENT];
        symtab: [SYM];
        dynsym: [SYM];
        dynamic: [DYN];
        /// MD5 over the imported names.
        import_md5: (() -> s32);
        /// Locality sensitive hash of the imported names.
        telfhash: (() -> S72);
    } constants CONSTANTS
}

/// The schema of `elf`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "elf",
    doc: "ELF executables: headers, sections, segments and symbols.",
    root: &ELF,
    implemented: true,
};

//! The fields and functions of `elf`.

use super::constants::CONSTANTS;
use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    struct SECTION {
        type: int;
        flags: int;
        address: int;
        size: int;
        offset: int;
        name: str;
    }
}

schema! {
    struct SEGMENT {
        type: int;
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
        type: int;
        bind: int;
        shndx: int;
        visibility: int (X);
    }
}

schema! {
    struct DYN {
        type: int;
        val: int;
    }
}

schema! {
    struct ELF {
        type: int;
        machine: int;
        osabi: int (X);
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
        import_md5: (() -> s32);
        telfhash: (() -> S72);
    } constants CONSTANTS
}

/// The schema of `elf`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "elf",
    doc: "ELF executables: headers, sections, segments and symbols.",
    root: &ELF,
    implemented: false,
};

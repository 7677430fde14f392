//! The fields and functions of `dex`.

use super::constants::CONSTANTS;
use super::libyara::{
    CLASS_DATA, FIELD, FIELD_ID, METHOD, METHOD_ID, PROTO_ID, STRING_ID,
    TYPE_ID,
};
use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    struct DEX_HEADER {
        /// A str where the other operand is one, else an int.
        magic: dual;
        magic: str;
        version: int (X);
        checksum: int;
        signature: str;
        file_size: int;
        header_size: int;
        endian_tag: int;
        link_size: int;
        link_off: int (X);
        data_size: int;
        data_off: int (X);
        container_size: int (X);
        header_offset: int (X);
        link_offset: int (L);
        map_offset: int (L);
        data_offset: int (L);
        string_ids_size: int (L);
        string_ids_offset: int (L);
        type_ids_size: int (L);
        type_ids_offset: int (L);
        proto_ids_size: int (L);
        proto_ids_offset: int (L);
        field_ids_size: int (L);
        field_ids_offset: int (L);
        method_ids_size: int (L);
        method_ids_offset: int (L);
        class_defs_size: int (L);
        class_defs_offset: int (L);
    }
}

schema! {
    struct PROTO_ITEM {
        shorty: str (X);
        return_type: str (X);
        parameters_count: int (X);
        parameters: [str] (X);
    }
}

schema! {
    struct FIELD_ITEM {
        class: str (X);
        type: str (X);
        name: str (X);
    }
}

schema! {
    struct METHOD_ITEM {
        class: str (X);
        proto: PROTO_ITEM (X);
        name: str (X);
    }
}

schema! {
    struct CLASS_ITEM {
        class: str (X);
        /// Flags `ACC_…`.
        access_flags: int;
        superclass: str (X);
        source_file: str (X);
        class_idx: int (L);
        super_class_idx: int (L);
        interfaces_offset: int (L);
        source_file_idx: int (L);
        annotations_offset: int (L);
        class_data_offset: int (L);
        static_values_offset: int (L);
    }
}

schema! {
    struct MAP_ITEM {
        /// One of `TYPE_…`.
        type: int;
        unused: int;
        size: int;
        offset: int;
    }
}

schema! {
    struct MAP_LIST {
        size: int;
        items: [MAP_ITEM] (X);
        map_item: [MAP_ITEM] (L);
    }
}

schema! {
    struct DEX {
        /// True if the object is a Dalvik executable.
        is_dex: bool (X);
        header: DEX_HEADER;
        strings: [str] (X);
        types: [str] (X);
        protos: [PROTO_ITEM] (X);
        fields: [FIELD_ITEM] (X);
        methods: [METHOD_ITEM] (X);
        class_defs: [CLASS_ITEM];
        map_list: MAP_LIST;
        string_ids: [STRING_ID] (L);
        type_ids: [TYPE_ID] (L);
        proto_ids: [PROTO_ID] (L);
        field_ids: [FIELD_ID] (L);
        method_ids: [METHOD_ID] (L);
        class_data_item: [CLASS_DATA] (L);
        number_of_fields: int (L);
        field: [FIELD] (L);
        number_of_methods: int (L);
        method: [METHOD] (L);
        /// The Adler-32 checksum of what the header covers.
        checksum: (() -> int) (X);
        /// The SHA-1 digest of what the header covers.
        signature: (() -> s40) (X);
        /// Whether this string is in the string table.
        contains_string: ((str) -> bool) (X);
        /// Whether a method has this name.
        contains_method: ((str) -> bool) (X);
        /// Whether a class has this name.
        contains_class: ((str) -> bool) (X);
        /// Whether a method (of a class) has this name.
        has_method: (
            (str) -> int,
            (regex) -> int,
            (str, str) -> int,
            (regex, regex) -> int,
        ) (L);
        /// Whether a class has this name.
        has_class: ((str) -> int, (regex) -> int) (L);
    } constants CONSTANTS
}

/// The schema of `dex`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "dex",
    doc: "Dalvik executables of Android.",
    root: &DEX,
    implemented: true,
};

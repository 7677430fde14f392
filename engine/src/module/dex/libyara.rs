//! Structures of `dex` that only libyara has.

use crate::module::table::schema;

schema! {
    struct STRING_ID {
        offset: int (L);
        size: int (L);
        value: str (L);
    }
}

schema! {
    struct TYPE_ID {
        descriptor_idx: int (L);
    }
}

schema! {
    struct PROTO_ID {
        shorty_idx: int (L);
        return_type_idx: int (L);
        parameters_offset: int (L);
    }
}

schema! {
    struct FIELD_ID {
        class_idx: int (L);
        type_idx: int (L);
        name_idx: int (L);
    }
}

schema! {
    struct METHOD_ID {
        class_idx: int (L);
        proto_idx: int (L);
        name_idx: int (L);
    }
}

schema! {
    struct CLASS_DATA {
        static_fields_size: int (L);
        instance_fields_size: int (L);
        direct_methods_size: int (L);
        virtual_methods_size: int (L);
    }
}

schema! {
    struct FIELD {
        class_name: str (L);
        name: str (L);
        proto: str (L);
        static: int (L);
        instance: int (L);
        field_idx_diff: int (L);
        access_flags: int (L);
    }
}

schema! {
    struct CODE_ITEM {
        registers_size: int (L);
        ins_size: int (L);
        outs_size: int (L);
        tries_size: int (L);
        debug_info_off: int (L);
        insns_size: int (L);
        insns: str (L);
    }
}

schema! {
    struct METHOD {
        class_name: str (L);
        name: str (L);
        proto: str (L);
        direct: int (L);
        virtual: int (L);
        method_idx_diff: int (L);
        access_flags: int (L);
        code_off: int (L);
        code_item: CODE_ITEM (L);
    }
}

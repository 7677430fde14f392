//! The constants of `dex`.

use crate::module::table::schema;

schema! {
    constants CONSTANTS {
        TYPE_HEADER_ITEM = 0x0;
        TYPE_STRING_ID_ITEM = 0x1;
        TYPE_TYPE_ID_ITEM = 0x2;
        TYPE_PROTO_ID_ITEM = 0x3;
        TYPE_FIELD_ID_ITEM = 0x4;
        TYPE_METHOD_ID_ITEM = 0x5;
        TYPE_CLASS_DEF_ITEM = 0x6;
        TYPE_CALL_SITE_ID_ITEM = 0x7;
        TYPE_METHOD_HANDLE_ITEM = 0x8;
        TYPE_MAP_LIST = 0x1000;
        TYPE_TYPE_LIST = 0x1001;
        TYPE_ANNOTATION_SET_REF_LIST = 0x1002;
        TYPE_ANNOTATION_SET_ITEM = 0x1003;
        TYPE_CLASS_DATA_ITEM = 0x2000;
        TYPE_CODE_ITEM = 0x2001;
        TYPE_STRING_DATA_ITEM = 0x2002;
        TYPE_DEBUG_INFO_ITEM = 0x2003;
        TYPE_ANNOTATION_ITEM = 0x2004;
        TYPE_ENCODED_ARRAY_ITEM = 0x2005;
        TYPE_ANNOTATIONS_DIRECTORY_ITEM = 0x2006;
        TYPE_HIDDENAPI_CLASS_DATA_ITEM = 0xf000 (X);
        ACC_PUBLIC = 0x1;
        ACC_PRIVATE = 0x2;
        ACC_PROTECTED = 0x4;
        ACC_STATIC = 0x8;
        ACC_FINAL = 0x10;
        ACC_SYNCHRONIZED = 0x20;
        ACC_BRIDGE = 0x40;
        ACC_VARARGS = 0x80;
        ACC_NATIVE = 0x100;
        ACC_INTERFACE = 0x200;
        ACC_ABSTRACT = 0x400;
        ACC_STRICT = 0x800;
        ACC_SYNTHETIC = 0x1000;
        ACC_ANNOTATION = 0x2000;
        ACC_ENUM = 0x4000;
        ACC_CONSTRUCTOR = 0x10000;
        ACC_DECLARED_SYNCHRONIZED = 0x20000;
        ACC_VOLATILE = 64;
        ACC_TRANSIENT = 128;
        DEX_FILE_MAGIC_035 = str b"dex\n035\0" (L);
        DEX_FILE_MAGIC_036 = str b"dex\n036\0" (L);
        DEX_FILE_MAGIC_037 = str b"dex\n037\0" (L);
        DEX_FILE_MAGIC_038 = str b"dex\n038\0" (L);
        DEX_FILE_MAGIC_039 = str b"dex\n039\0" (L);
        ENDIAN_CONSTANT = 0x12345678 (L);
        REVERSE_ENDIAN_CONSTANT = 0x78563412 (L);
        NO_INDEX = 0xffffffff (L);
    }
}

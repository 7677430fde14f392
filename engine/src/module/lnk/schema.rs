//! The fields and functions of `lnk`.

use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    X struct TRACKER_DATA {
        version: int;
        machine_id: str;
        droid_volume_id: str;
        droid_file_id: str;
        droid_birth_volume_id: str;
        droid_birth_file_id: str;
    }
}

schema! {
    X struct SHELL_ITEM {
        /// One of `ShellItemType`.
        item_type: int;
        data: str;
        cpl_file_path: str;
        root_folder_id: str;
        volume_name: str;
        volume_id: str;
        file_entry_name: str;
        network_location: str;
    }
}

schema! {
    X struct LNK {
        /// True if the object is a Windows shortcut.
        is_lnk: bool;
        name: str;
        /// Of the target, in seconds since 1970.
        creation_time: int;
        /// Of the target, in seconds since 1970.
        access_time: int;
        /// Of the target, in seconds since 1970.
        write_time: int;
        /// Of the target.
        file_size: int;
        /// Flags `FILE_ATTRIBUTE_…` of the target.
        file_attributes: int;
        icon_location: str;
        icon_index: int;
        /// One of `ShowCommand`.
        show_command: int;
        /// One of `DriveType`.
        drive_type: int;
        drive_serial_number: int;
        volume_label: str;
        local_base_path: str;
        common_path_suffix: str;
        relative_path: str;
        working_dir: str;
        cmd_line_args: str;
        overlay_size: int;
        /// File offset of what follows the shortcut.
        overlay_offset: int;
        tracker_data: TRACKER_DATA;
        target_id_list: [SHELL_ITEM];
    } constants CONSTANTS enums ENUMS
}

schema! {
    X constants CONSTANTS {
        FILE_ATTRIBUTE_READONLY = 0x1;
        FILE_ATTRIBUTE_HIDDEN = 0x2;
        FILE_ATTRIBUTE_SYSTEM = 0x4;
        RESERVED_1 = 0x8;
        FILE_ATTRIBUTE_DIRECTORY = 0x10;
        FILE_ATTRIBUTE_ARCHIVE = 0x20;
        RESERVED_2 = 0x40;
        FILE_ATTRIBUTE_NORMAL = 0x80;
        FILE_ATTRIBUTE_TEMPORARY = 0x100;
        FILE_ATTRIBUTE_SPARSE_FILE = 0x200;
        FILE_ATTRIBUTE_REPARSE_POINT = 0x400;
        FILE_ATTRIBUTE_COMPRESSED = 0x800;
        FILE_ATTRIBUTE_OFFLINE = 0x1000;
        FILE_ATTRIBUTE_NOT_CONTENT_INDEXED = 0x2000;
        FILE_ATTRIBUTE_ENCRYPTED = 0x4000;
    }
}

schema! {
    enums ENUMS {
        ShowCommand {
            NORMAL = 1;
            MAXIMIZED = 3;
            MIN_NO_ACTIVE = 7;
        }
        DriveType {
            UNKNOWN = 0;
            NO_ROOT_DIR = 1;
            REMOVABLE = 2;
            FIXED = 3;
            REMOTE = 4;
            CDROM = 5;
            RAMDISK = 6;
        }
        ShellItemType {
            CONTROL_PANEL_CPL = 0;
            CONTROL_PANEL_CATEGORY = 1;
            ROOT_FOLDER = 31;
            VOLUME = 32;
            FILE_ENTRY = 48;
            NETWORK_LOCATION = 64;
            COMPRESSED_FOLDER = 82;
            URI = 97;
            CONTROL_PANEL = 113;
            PRINTERS = 114;
            COMMON_PLACES_FOLDER = 115;
            USERS_FILES_FOLDER = 116;
        }
    }
}

/// The schema of `lnk`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "lnk",
    doc: "Windows shortcuts.",
    root: &LNK,
    implemented: true,
};

//! A shortcut built here as the format's specification lays it out.

use crate::module::Value;
use crate::module::hostile::survives;
use crate::module::testing::File;

/// A counted text of two bytes a character.
fn counted(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut bytes = (units.len() as u16).to_le_bytes().to_vec();
    bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    bytes
}

fn item(data: &[u8]) -> Vec<u8> {
    [&(data.len() as u16 + 2).to_le_bytes()[..], data].concat()
}

/// A shortcut with every part; the last three bytes do not belong to it.
fn image() -> Vec<u8> {
    let mut bytes = vec![0x4c, 0, 0, 0, 1, 0x14, 2, 0, 0, 0, 0, 0];
    bytes.extend([0xc0, 0, 0, 0, 0, 0, 0, 0x46]);
    bytes.extend(0xff_u32.to_le_bytes());
    bytes.extend(0x20_u32.to_le_bytes());
    // The first second of 1970, no time, and a day later.
    for time in [11_644_473_600_u64, 0, 11_644_560_000] {
        bytes.extend((time * 10_000_000).to_le_bytes());
    }
    for number in [1234_u32, 5, 7, 0, 0, 0] {
        bytes.extend(number.to_le_bytes());
    }
    let mut root = vec![0x1f, 0x50];
    root.extend(0..16);
    let mut file = vec![0x32; 12];
    file.extend(b"a.exe\0rest");
    // A volume has 20 bytes for its name.
    let volume = [&b"/C:\\"[..], &[0; 17]].concat();
    let mut list = [item(&root), item(&volume), item(&file)].concat();
    list.extend([0, 0]);
    bytes.extend((list.len() as u16).to_le_bytes());
    bytes.extend(list);
    let volume = [&[0x15, 0, 0, 0, 3, 0, 0, 0, 9, 0, 0, 0, 16, 0, 0, 0][..]];
    let volume = [volume.concat(), b"disk\0".to_vec()].concat();
    let mut info = Vec::new();
    for number in [0x1c_u32 + 21 + 5 + 2, 0x1c, 3, 0x1c, 0x31, 0, 0x36] {
        info.extend(number.to_le_bytes());
    }
    info.extend(volume);
    info.extend(b"C:\\a\0s\0");
    bytes.extend(info);
    for text in ["name", "..\\a", "C:\\", "-x \u{20ac}", "icon"] {
        bytes.extend(counted(text));
    }
    bytes.extend([8, 0, 0, 0, 1, 0, 0, 0]);
    bytes.extend([0x60, 0, 0, 0, 3, 0, 0, 0xa0, 0x58, 0, 0, 0, 2, 0, 0, 0]);
    bytes.extend(b"machine\0\0\0\0\0\0\0\0\0");
    bytes.extend(0..64);
    bytes.extend([0, 0, 0, 0]);
    bytes.extend(b"end");
    bytes
}

#[test]
fn every_part_is_read() {
    let image = image();
    let file = File::open("lnk", &image);
    assert_eq!(file.get("is_lnk"), Some(Value::Bool(true)));
    file.has_ints(&[
        ("file_attributes", 0x20),
        ("creation_time", 0),
        ("write_time", 86_400),
        ("file_size", 1234),
        ("icon_index", 5),
        ("show_command", 7),
        ("drive_type", 3),
        ("drive_serial_number", 9),
        ("tracker_data.version", 2),
        ("overlay_size", 3),
        ("overlay_offset", image.len() as i64 - 3),
        ("target_id_list.0.item_type", 31),
        ("target_id_list.1.item_type", 32),
        ("target_id_list.2.item_type", 48),
    ]);
    assert_eq!(file.get("access_time"), None);
    assert_eq!(file.len("target_id_list"), Some(3));
    file.has_texts(&[
        ("volume_label", b"disk"),
        ("local_base_path", b"C:\\a"),
        ("common_path_suffix", b"s"),
        ("name", b"name"),
        ("relative_path", b"..\\a"),
        ("working_dir", b"C:\\"),
        ("cmd_line_args", "-x \u{20ac}".as_bytes()),
        ("icon_location", b"icon"),
        ("tracker_data.machine_id", b"machine"),
        (
            "tracker_data.droid_volume_id",
            b"03020100-0504-0706-0809-0a0b0c0d0e0f",
        ),
        (
            "tracker_data.droid_birth_file_id",
            b"33323130-3534-3736-3839-3a3b3c3d3e3f",
        ),
        (
            "target_id_list.0.root_folder_id",
            b"03020100-0504-0706-0809-0a0b0c0d0e0f",
        ),
        ("target_id_list.1.volume_name", b"C:\\"),
        ("target_id_list.2.file_entry_name", b"a.exe"),
    ]);
}

#[test]
fn what_stands_in_front_of_damage_counts() {
    let image = image();
    let file = File::open("lnk", &image[..image.len() - 130]);
    file.has_texts(&[("volume_label", b"disk")]);
    assert_eq!(file.get("tracker_data.version"), None);
    assert_eq!(file.get("overlay_size"), None);
    let short = File::open("lnk", &image[..0x4b]);
    assert_eq!(short.get("is_lnk"), Some(Value::Bool(false)));
}

#[test]
fn no_damage_makes_it_panic() {
    survives("lnk", &image());
}

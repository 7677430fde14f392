//! Items of the shell's namespace: the way to the target of a shortcut.
//!
//! Nobody publishes their layout; this is what is known of it.

use std::borrow::Cow;

use super::schema::SHELL_ITEM;
use super::text::{guid, text};
use crate::module::cursor::View;
use crate::module::node::{Node, record};

/// The items of a list, each without its size.
pub(super) fn items(list: View<'_>) -> Vec<&[u8]> {
    let mut reader = list.reader(0);
    let next = || {
        let size = u64::from(reader.u16().filter(|size| *size != 0)?);
        let rest = reader.rest()?.len();
        reader.take(size.saturating_sub(2).min(rest))
    };
    let all = std::iter::from_fn(next);
    all.filter(|item| !item.is_empty()).collect()
}

/// An item, which has one byte at least.
pub(super) fn node<'d>(item: &'d [u8]) -> Node<'d> {
    let (class, data) = item.split_first().unwrap_or((&0, &[]));
    let view = View::little(item);
    let group = if *class == 0 { 0 } else { class & 0x70 };
    let is_root = matches!(class, 0x1e | 0x1f);
    let volume = |named| group == 0x20 && (class & 1 != 0) == named;
    let name_of_volume = || Some(text(view.slice(1, 20)?, false));
    let from = |at: u64, unicode| -> Option<Cow<'d, [u8]>> {
        Some(text(view.tail(at)?.bytes(), unicode))
    };
    record!(SHELL_ITEM {
        item_type: kind(*class),
        data: data,
        cpl_file_path: (*class == 0).then(|| cpl_file_path(view)).flatten(),
        root_folder_id: is_root.then(|| guid(view, 2)).flatten(),
        volume_name: volume(true).then(name_of_volume).flatten(),
        volume_id: volume(false).then(|| guid(view, 2)).flatten(),
        file_entry_name: (group == 0x30)
            .then(|| from(12, class & 4 != 0))
            .flatten(),
        network_location: (group == 0x40).then(|| from(3, false)).flatten(),
    })
}

/// One of `ShellItemType`, or the class itself.
fn kind(class: u8) -> u8 {
    match class & 0x70 {
        0x20 => 32,
        0x30 => 48,
        0x40 => 64,
        _ => match class {
            0x1e => 31,
            0x70 => 113,
            other => other,
        },
    }
}

/// The path of a file of the control panel, in one of two layouts: where the
/// text has one byte a character, it starts at byte 10.
fn cpl_file_path<'d>(item: View<'d>) -> Option<Cow<'d, [u8]>> {
    let unicode = item.u8(10)? == 0;
    let at = if unicode { 22 } else { 10 };
    Some(text(item.tail(at)?.bytes(), unicode))
}

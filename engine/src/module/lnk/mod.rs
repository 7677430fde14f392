//! `lnk`: Windows shortcuts.

mod link;
mod schema;
mod shell;
#[cfg(test)]
mod tests;
mod text;

use std::cell::OnceCell;

use super::cursor::View;
use super::node::{Node, array, members, record};
use super::parsed::{self, Parser};
use super::schema::Schema;
use super::{Fields, Module, OpenCx};
use link::{Body, Tracker};
use schema::{LNK, TRACKER_DATA};

pub(crate) use schema::SCHEMA;

/// The module.
pub(super) struct Lnk;

impl Module for Lnk {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn open<'d>(&self, cx: OpenCx<'d>) -> Box<dyn Fields<'d> + 'd> {
        parsed::open(&SCHEMA, cx, File::open(cx.data))
    }
}

const HEADER_SIZE: u64 = 0x4c;
const CLASS: [u8; 16] =
    [1, 0x14, 2, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46];
/// From the start of 1601 to the start of 1970.
const SECONDS_BEFORE_1970: u64 = 11_644_473_600;

/// A shortcut.
struct File<'d> {
    view: View<'d>,
    /// What stands behind the header.
    body: OnceCell<Body<'d>>,
}

impl<'d> File<'d> {
    fn open(data: &'d [u8]) -> Option<Self> {
        let view = View::little(data);
        let is_link = view.u32(0)? == HEADER_SIZE as u32
            && view.array(4)? == CLASS
            && view.len() >= HEADER_SIZE;
        is_link.then(|| Self { view, body: OnceCell::new() })
    }

    fn body(&self) -> &Body<'d> {
        self.body.get_or_init(|| Body::read(self.view))
    }

    /// The time at this place of the header, in seconds since 1970.
    fn time(&self, at: u64) -> Option<u64> {
        let ticks = self.view.u64(at)?;
        (ticks / 10_000_000).checked_sub(SECONDS_BEFORE_1970)
    }
}

impl<'d> Parser<'d> for File<'d> {
    fn member(&self, at: u16) -> Option<Node<'d>> {
        let body = || self.body();
        members!(LNK, at;
            is_lnk: true,
            name: body().name.clone(),
            creation_time: self.time(28),
            access_time: self.time(36),
            write_time: self.time(44),
            file_size: self.view.u32(52),
            file_attributes: self.view.u32(24),
            icon_location: body().icon_location.clone(),
            icon_index: self.view.u32(56),
            show_command: small(self.view.u32(60)),
            drive_type: small(body().drive_type),
            drive_serial_number: body().drive_serial_number,
            volume_label: body().volume_label.clone(),
            local_base_path: body().local_base_path.clone(),
            common_path_suffix: body().common_path_suffix.clone(),
            relative_path: body().relative_path.clone(),
            working_dir: body().working_dir.clone(),
            cmd_line_args: body().cmd_line_args.clone(),
            overlay_size: body().overlay.map(|at| self.view.len() - at),
            overlay_offset:
                body().overlay.filter(|at| *at < self.view.len()),
            tracker_data: body().tracker.as_ref().map(tracker),
            target_id_list:
                array(body().items.iter().map(|item| shell::node(item))),
        )
    }
}

/// What does not fit the type of an enumeration is undefined.
fn small(number: Option<u32>) -> Option<i32> {
    i32::try_from(number?).ok()
}

fn tracker<'d>(tracker: &Tracker<'d>) -> Node<'d> {
    let [volume, file, birth_volume, birth_file] = tracker.droids.clone();
    record!(TRACKER_DATA {
        version: tracker.version,
        machine_id: tracker.machine,
        droid_volume_id: volume,
        droid_file_id: file,
        droid_birth_volume_id: birth_volume,
        droid_birth_file_id: birth_file,
    })
}

//! What stands behind the header of a shortcut.
//!
//! Each part starts where the one before it ends; at the first part that is
//! damaged, reading ends, and what was read counts.

use std::borrow::Cow;

use super::text::{guid, text};
use super::{HEADER_SIZE, shell};
use crate::module::cursor::{Reader, View};

const HAS_LINK_TARGET_ID_LIST: u32 = 1;
const HAS_LINK_INFO: u32 = 2;
const HAS_NAME: u32 = 4;
const HAS_RELATIVE_PATH: u32 = 8;
const HAS_WORKING_DIR: u32 = 0x10;
const HAS_ARGUMENTS: u32 = 0x20;
const HAS_ICON_LOCATION: u32 = 0x40;
const IS_UNICODE: u32 = 0x80;

const HAS_VOLUME_AND_BASE_PATH: u32 = 1;
const HAS_PATH_SUFFIX: u32 = 2;

const TRACKER: u32 = 0xa000_0003;

/// Windows shows so many characters of some texts, and goes on right behind
/// them, whatever their length is said to be.
const SHOWN: u16 = 260;

type Text<'d> = Option<Cow<'d, [u8]>>;

/// What was found.
#[derive(Default)]
pub(super) struct Body<'d> {
    pub(super) items: Vec<&'d [u8]>,
    pub(super) drive_type: Option<u32>,
    pub(super) drive_serial_number: Option<u32>,
    pub(super) volume_label: Text<'d>,
    pub(super) local_base_path: Text<'d>,
    pub(super) common_path_suffix: Text<'d>,
    pub(super) name: Text<'d>,
    pub(super) relative_path: Text<'d>,
    pub(super) working_dir: Text<'d>,
    pub(super) cmd_line_args: Text<'d>,
    pub(super) icon_location: Text<'d>,
    pub(super) tracker: Option<Tracker<'d>>,
    /// Where the shortcut ends, if its end is marked.
    pub(super) overlay: Option<u64>,
}

/// What the service that tracks moved files needs.
pub(super) struct Tracker<'d> {
    pub(super) version: u32,
    pub(super) machine: &'d [u8],
    /// Of the volume and the file, now and at first.
    pub(super) droids: [String; 4],
}

impl<'d> Body<'d> {
    pub(super) fn read(view: View<'d>) -> Self {
        let mut body = Self::default();
        let _ = body.parts(view);
        body
    }

    fn parts(&mut self, view: View<'d>) -> Option<()> {
        let flags = view.u32(20)?;
        let has = |flag| flags & flag != 0;
        let unicode = has(IS_UNICODE);
        let mut r = view.reader(HEADER_SIZE);
        if has(HAS_LINK_TARGET_ID_LIST) {
            let size = u64::from(r.u16()?);
            let list = r.take(size.min(r.rest()?.len()))?;
            self.items = shell::items(view.with(list));
        }
        if has(HAS_LINK_INFO) {
            let info = r.rest()?;
            self.link_info(info, info.u32(0)?)?;
            r.skip(u64::from(info.u32(0)?))?;
        }
        let texts = [
            (HAS_NAME, Some(SHOWN), &mut self.name),
            (HAS_RELATIVE_PATH, Some(SHOWN), &mut self.relative_path),
            (HAS_WORKING_DIR, Some(SHOWN), &mut self.working_dir),
            (HAS_ARGUMENTS, None, &mut self.cmd_line_args),
            (HAS_ICON_LOCATION, Some(SHOWN), &mut self.icon_location),
        ];
        for (flag, shown, field) in texts {
            if has(flag) {
                *field = Some(counted(&mut r, unicode, shown)?);
            }
        }
        self.extra_data(view, r)
    }

    fn link_info(&mut self, rest: View<'d>, size: u32) -> Option<()> {
        let mut r = rest.reader(4);
        let header_size = r.u32()?;
        let flags = r.u32()?;
        let volume_at = r.u32()?;
        let base_path_at = r.u32()?;
        let _network_at = r.u32()?;
        let suffix_at = r.u32()?;
        let has_wide = header_size >= 0x24;
        let mut wide = || if has_wide { r.u32() } else { Some(0) };
        let (wide_base_path_at, wide_suffix_at) = (wide()?, wide()?);
        let info = rest.sub(0, u64::from(size))?;
        let text_at = |narrow: u32, wide: u32| -> Text<'d> {
            let at = if wide > 0 { wide } else { narrow };
            Some(text(info.tail(u64::from(at))?.bytes(), wide > 0))
        };
        if flags & HAS_VOLUME_AND_BASE_PATH != 0 {
            let volume = info.tail(u64::from(volume_at));
            let _ = volume.and_then(|volume| self.volume(volume));
            self.local_base_path = text_at(base_path_at, wide_base_path_at);
        }
        if flags & HAS_PATH_SUFFIX != 0 {
            self.common_path_suffix = text_at(suffix_at, wide_suffix_at);
        }
        Some(())
    }

    fn volume(&mut self, rest: View<'d>) -> Option<()> {
        let mut r = rest.reader(0);
        let size = r.u32()?;
        let (kind, serial, mut label_at) = (r.u32()?, r.u32()?, r.u32()?);
        self.drive_type = Some(kind);
        self.drive_serial_number = Some(serial);
        let volume = rest.sub(0, u64::from(size))?;
        // This offset means that another one follows, to a wide text.
        let unicode = label_at == 0x14;
        if unicode {
            label_at = r.u32()?;
        }
        let label = volume.tail(u64::from(label_at))?;
        self.volume_label = Some(text(label.bytes(), unicode));
        Some(())
    }

    /// Blocks, each with its size in front; one of less than four bytes is
    /// the end.
    fn extra_data(&mut self, view: View<'d>, at: Reader<'d>) -> Option<()> {
        let mut r = at;
        loop {
            let size = u64::from(r.u32()?);
            let Some(size) = size.checked_sub(4) else {
                self.overlay = Some(r.at());
                return Some(());
            };
            let block = view.with(r.take(size)?);
            if block.u32(0) == Some(TRACKER)
                && let Some(tracker) = tracker(block)
            {
                self.tracker = Some(tracker);
            }
        }
    }
}

/// A text with the number of its characters in front.
fn counted<'d>(
    r: &mut Reader<'d>,
    unicode: bool,
    shown: Option<u16>,
) -> Option<Cow<'d, [u8]>> {
    let count = r.u16()?;
    let count = u64::from(count.min(shown.unwrap_or(count)));
    if unicode {
        return r.take(2 * count).map(|bytes| text(bytes, true));
    }
    // A zero does not end it.
    r.take(count).map(Cow::Borrowed)
}

fn tracker<'d>(block: View<'d>) -> Option<Tracker<'d>> {
    let droid = |at| guid(block, at);
    Some(Tracker {
        version: block.u32(8)?,
        machine: crate::module::cursor::until_zero(block.slice(12, 16)?),
        droids: [droid(28)?, droid(44)?, droid(60)?, droid(76)?],
    })
}

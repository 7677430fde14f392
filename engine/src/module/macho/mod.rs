//! `macho`: Mach-O executables, single and universal.

mod commands;
mod constants;
mod functions;
mod image;
mod nodes;
mod schema;
mod signature;
mod symbols;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;

use super::cursor::View;
use super::node::{Node, array, members, record};
use super::parsed::{self, Parser};
use super::schema::Schema;
use super::{Arg, CallCx, Fields, Index, Module, OpenCx, Value};
use image::Image;
use schema::{FAT_ARCH, MACHO};

pub(crate) use schema::SCHEMA;

/// The module.
pub(super) struct MachO;

impl Module for MachO {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn open<'d>(&self, cx: OpenCx<'d>) -> Box<dyn Fields<'d> + 'd> {
        // Its questions have answers for other objects too.
        parsed::open(&SCHEMA, cx, Some(File::open(cx.data)))
    }
}

/// Architectures of a universal file that are read.
const MAX_ARCHS: u32 = 10_000;
/// Images may overlap only so far: how often each byte of a universal file
/// is read, in sum.
const MAX_OVERLAP: u64 = 4;

/// A file of this or any other kind.
struct File<'d> {
    /// The whole file; `None` if it is of another kind.
    view: Option<View<'d>>,
    fat: OnceCell<Option<Fat<'d>>>,
    thin: OnceCell<Option<Image<'d>>>,
}

/// A universal file.
struct Fat<'d> {
    magic: u32,
    archs: Vec<Arch>,
    /// The images that can be read, in the order of the architectures.
    images: Vec<Image<'d>>,
}

struct Arch {
    cputype: u32,
    cpusubtype: u32,
    offset: u64,
    size: u64,
    align: u32,
    reserved: u32,
}

impl<'d> File<'d> {
    fn open(data: &'d [u8]) -> Self {
        let view = View::big(data);
        let is_known = view.u32(0).is_some_and(|magic| {
            fat_view(magic, data).is_some() || image::is_magic(magic)
        });
        Self {
            view: is_known.then_some(view),
            fat: OnceCell::new(),
            thin: OnceCell::new(),
        }
    }

    /// The universal file, unless it holds one image only: it is then
    /// treated as that image.
    fn fat(&self) -> Option<&Fat<'d>> {
        self.any_fat().filter(|fat| fat.images.len() != 1)
    }

    /// The only image.
    fn image(&self) -> Option<&Image<'d>> {
        if let Some(fat) = self.any_fat() {
            return match &fat.images[..] {
                [only] => Some(only),
                _ => None,
            };
        }
        let read = || Image::open(self.view?.bytes());
        self.thin.get_or_init(read).as_ref()
    }

    fn any_fat(&self) -> Option<&Fat<'d>> {
        let read = || Fat::read(self.view?.bytes());
        self.fat.get_or_init(read).as_ref()
    }

    /// The images in their order, however many there are.
    fn images(&self) -> &[Image<'d>] {
        match (self.any_fat(), self.image()) {
            (Some(fat), _) => &fat.images,
            (None, Some(image)) => std::slice::from_ref(image),
            (None, None) => &[],
        }
    }
}

/// The file as a universal one, and whether its numbers are wide.
fn fat_view(magic: u32, data: &[u8]) -> Option<(View<'_>, bool)> {
    match magic {
        0xcafe_babe => Some((View::big(data), false)),
        0xbeba_feca => Some((View::little(data), false)),
        0xcafe_babf => Some((View::big(data), true)),
        0xbfba_feca => Some((View::little(data), true)),
        _ => None,
    }
}

impl<'d> Fat<'d> {
    fn read(data: &'d [u8]) -> Option<Self> {
        let magic = View::big(data).u32(0)?;
        let (view, wide) = fat_view(magic, data)?;
        let mut reader = view.reader(4);
        let count = reader.u32()?;
        let one = |_| {
            Some(Arch {
                cputype: reader.u32()?,
                cpusubtype: reader.u32()?,
                offset: reader.word(wide)?,
                size: reader.word(wide)?,
                align: reader.u32()?,
                reserved: if wide { reader.u32()? } else { 0 },
            })
        };
        let count = count.min(MAX_ARCHS);
        let archs: Vec<Arch> = (0..count).map(one).collect::<Option<_>>()?;
        let mut budget = view.len().saturating_mul(MAX_OVERLAP);
        let mut images = Vec::new();
        for arch in &archs {
            let Some(left) = budget.checked_sub(arch.size) else { continue };
            let data = view.slice(arch.offset, arch.size);
            if let Some(image) = data.and_then(Image::open) {
                budget = left;
                images.push(image);
            }
        }
        Some(Self { magic, archs, images })
    }
}

impl<'d> Parser<'d> for File<'d> {
    fn member(&self, at: u16) -> Option<Node<'d>> {
        let one = || self.image();
        let header = || one().map(|image| &image.header);
        let fat = || self.fat();
        members!(MACHO, at;
            magic: header()?.magic,
            cputype: header()?.cputype,
            cpusubtype: header()?.cpusubtype,
            filetype: header()?.filetype,
            ncmds: header()?.ncmds,
            sizeofcmds: header()?.sizeofcmds,
            flags: header()?.flags,
            reserved: header()?.reserved,
            number_of_segments: one()?.commands().segments.len(),
            dynamic_linker: one()?.commands().dynamic_linker,
            entry_point: one()?.entry_point(),
            stack_size: one()?.commands().stack_size,
            source_version: nodes::source_version(one()?),
            symtab: nodes::symtab(one()?),
            dysymtab: nodes::dysymtab(one()?),
            code_signature_data: nodes::code_signature_data(one()?),
            segments: nodes::segments(one()?),
            dylibs: nodes::dylibs(one()?),
            dyld_info: nodes::dyld_info(one()?),
            rpaths: array(one()?.commands().rpaths.iter().copied()),
            entitlements: nodes::entitlements(one()?),
            certificates: nodes::certificates(one()?),
            uuid: nodes::uuid(one()?),
            build_version: nodes::build_version(one()?),
            min_version: nodes::min_version(one()?),
            exports: array(one()?.exports().iter().cloned()),
            imports: array(one()?.imports().iter().copied()),
            linker_options: nodes::linker_options(one()?),
            fat_magic: fat()?.magic,
            nfat_arch: fat()?.archs.len(),
            fat_arch: array(fat()?.archs.iter().map(arch_node)),
            file: array(fat()?.images.iter().map(nodes::file)),
        )
    }

    fn call(
        &self,
        name: &str,
        _index: &[Index<'_>],
        args: &[Arg<'_>],
        cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        functions::call(self, name, args, cx)
    }
}

fn arch_node<'d>(arch: &Arch) -> Node<'d> {
    record!(FAT_ARCH {
        cputype: arch.cputype,
        cpusubtype: arch.cpusubtype,
        offset: arch.offset,
        size: arch.size,
        align: arch.align,
        reserved: arch.reserved,
    })
}

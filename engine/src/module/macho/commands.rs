//! The load commands of an image.
//!
//! A command that is damaged is left out, the others count.

use super::image::Image;
use crate::module::cursor::{Reader, View, until_zero};

const LC_REQ_DYLD: u32 = 0x8000_0000;

/// Load commands that are kept.
const MAX_COMMANDS: u32 = 200_000;

pub(super) struct Segment<'d> {
    pub(super) name: &'d [u8],
    pub(super) vmaddr: u64,
    pub(super) vmsize: u64,
    pub(super) fileoff: u64,
    pub(super) filesize: u64,
    pub(super) maxprot: u32,
    pub(super) initprot: u32,
    pub(super) nsects: u32,
    pub(super) flags: u32,
    pub(super) sections: Vec<Section<'d>>,
}

pub(super) struct Section<'d> {
    pub(super) sectname: &'d [u8],
    pub(super) segname: &'d [u8],
    pub(super) addr: u64,
    pub(super) size: u64,
    /// Offset, alignment, offset and number of relocations, flags, and two
    /// reserved numbers.
    pub(super) rest: [u32; 7],
    pub(super) reserved3: Option<u32>,
}

pub(super) struct Dylib<'d> {
    pub(super) name: &'d [u8],
    pub(super) timestamp: u32,
    pub(super) current: u32,
    pub(super) compatibility: u32,
}

pub(super) struct BuildVersion {
    pub(super) platform: u32,
    pub(super) minos: u32,
    pub(super) sdk: u32,
    /// Tools and their versions.
    pub(super) tools: Vec<[u32; 2]>,
}

/// What the load commands say. Of commands that say the same thing, the last
/// one counts.
#[derive(Default)]
pub(super) struct Commands<'d> {
    pub(super) segments: Vec<Segment<'d>>,
    pub(super) dylibs: Vec<Dylib<'d>>,
    pub(super) rpaths: Vec<&'d [u8]>,
    pub(super) linker_options: Vec<&'d [u8]>,
    pub(super) dynamic_linker: Option<&'d [u8]>,
    pub(super) entry_offset: Option<u64>,
    pub(super) entry_address: Option<u64>,
    pub(super) stack_size: Option<u64>,
    pub(super) source_version: Option<u64>,
    pub(super) uuid: Option<[u8; 16]>,
    pub(super) build_version: Option<BuildVersion>,
    /// The command itself, the version and that of the SDK.
    pub(super) min_version: Option<[u32; 3]>,
    /// Offset and number of symbols, offset and size of strings.
    pub(super) symtab: Option<[u32; 4]>,
    pub(super) dysymtab: Option<[u32; 18]>,
    pub(super) dyld_info: Option<[u32; 10]>,
    /// Offset and size, here and below.
    pub(super) code_signature: Option<[u32; 2]>,
    pub(super) exports_trie: Option<[u32; 2]>,
    pub(super) chained_fixups: Option<[u32; 2]>,
}

impl<'d> Commands<'d> {
    pub(super) fn read(image: &Image<'d>) -> Self {
        let mut commands = Self::default();
        let start = if image.wide { 32 } else { 28 };
        let mut reader = image.view.reader(start);
        for _ in 0..image.header.ncmds.min(MAX_COMMANDS) {
            let next = (|| {
                let (command, size) = (reader.u32()?, reader.u32()?);
                // The size includes the two numbers just read.
                let data = reader.take(u64::from(size.saturating_sub(8)))?;
                Some((command, image.view.with(data)))
            })();
            let Some((command, data)) = next else { break };
            // What is damaged is undefined.
            let _ = commands.add(image, command, data);
        }
        commands
    }

    fn add(
        &mut self,
        image: &Image<'d>,
        command: u32,
        data: View<'d>,
    ) -> Option<()> {
        let mut r = data.reader(0);
        match command {
            0x1 | 0x19 => self.segments.push(segment(&mut r, image.wide)?),
            0x2 => self.symtab = Some(numbers(&mut r)?),
            0x5 => self.entry_address = Some(thread(image, data)?),
            0xb => self.dysymtab = Some(numbers(&mut r)?),
            0xc | 0xd | 0x20 | 0x8000_0018 | 0x8000_001f | 0x8000_0023 => {
                let [_, timestamp, current, compatibility] = numbers(&mut r)?;
                let name = until_zero(r.rest()?.bytes());
                self.dylibs.push(Dylib {
                    name,
                    timestamp,
                    current,
                    compatibility,
                });
            }
            0xe | 0xf | 0x27 => {
                let [_offset] = numbers(&mut r)?;
                self.dynamic_linker = Some(until_zero(r.rest()?.bytes()));
            }
            0x1b => self.uuid = Some(data.array(0)?),
            0x1d => self.code_signature = Some(numbers(&mut r)?),
            0x22 | 0x8000_0022 => self.dyld_info = Some(numbers(&mut r)?),
            0x24 | 0x25 | 0x2f | 0x30 => {
                let [version, sdk] = numbers(&mut r)?;
                self.min_version = Some([command, version, sdk]);
            }
            0x2a => self.source_version = Some(r.u64()?),
            0x2d => {
                let [count] = numbers(&mut r)?;
                let mut options = (0..count)
                    .map_while(|_| r.cstr(data.len()))
                    .filter(|option| !option.is_empty())
                    .collect();
                self.linker_options.append(&mut options);
            }
            0x32 => self.build_version = Some(build_version(&mut r)?),
            _ => match command ^ LC_REQ_DYLD {
                0x1c => {
                    let [_offset] = numbers(&mut r)?;
                    self.rpaths.push(until_zero(r.rest()?.bytes()));
                }
                0x28 => {
                    let (offset, stack) = (r.u64()?, r.u64()?);
                    self.entry_offset = Some(offset);
                    self.stack_size = Some(stack);
                }
                0x33 => self.exports_trie = Some(numbers(&mut r)?),
                0x34 => self.chained_fixups = Some(numbers(&mut r)?),
                _ => {}
            },
        }
        Some(())
    }

    /// Where in the image an address is. A segment that wraps around ends
    /// the search.
    pub(super) fn offset_of(&self, address: u64) -> Option<u64> {
        for segment in &self.segments {
            let end = segment.vmaddr.checked_add(segment.vmsize)?;
            if (segment.vmaddr..end).contains(&address) {
                return segment.fileoff.checked_add(address - segment.vmaddr);
            }
        }
        None
    }
}

fn numbers<const N: usize>(reader: &mut Reader<'_>) -> Option<[u32; N]> {
    let mut numbers = [0; N];
    for number in &mut numbers {
        *number = reader.u32()?;
    }
    Some(numbers)
}

/// A name that is filled up with zeros.
fn name<'d>(reader: &mut Reader<'d>) -> Option<&'d [u8]> {
    let name = reader.take(16)?;
    let end = name.iter().rposition(|byte| *byte != 0);
    Some(&name[..end.map_or(0, |last| last + 1)])
}

fn segment<'d>(r: &mut Reader<'d>, wide: bool) -> Option<Segment<'d>> {
    let name = name(r)?;
    let (vmaddr, vmsize) = (r.word(wide)?, r.word(wide)?);
    let (fileoff, filesize) = (r.word(wide)?, r.word(wide)?);
    let [maxprot, initprot, nsects, flags] = numbers(r)?;
    let sections = (0..nsects).map(|_| section(r, wide)).collect();
    let sections: Option<Vec<_>> = sections;
    Some(Segment {
        name,
        vmaddr,
        vmsize,
        fileoff,
        filesize,
        maxprot,
        initprot,
        nsects,
        flags,
        sections: sections?,
    })
}

fn section<'d>(r: &mut Reader<'d>, wide: bool) -> Option<Section<'d>> {
    Some(Section {
        sectname: name(r)?,
        segname: name(r)?,
        addr: r.word(wide)?,
        size: r.word(wide)?,
        rest: numbers(r)?,
        reserved3: if wide { Some(r.u32()?) } else { None },
    })
}

fn build_version(r: &mut Reader<'_>) -> Option<BuildVersion> {
    let [platform, minos, sdk, count] = numbers(r)?;
    let tools = (0..count).map(|_| numbers(r)).collect::<Option<_>>()?;
    Some(BuildVersion { platform, minos, sdk, tools })
}

/// The place of the next instruction among the registers of a thread; 0 for
/// a processor that is not known.
fn thread(image: &Image<'_>, data: View<'_>) -> Option<u64> {
    // Offset and width of the register, and size of all registers.
    let (at, wide, size) = match image.header.cputype {
        6 => (68, false, 72),
        7 => (40, false, 64),
        0x100_0007 => (128, true, 168),
        12 => (60, false, 68),
        0x100_000c => (256, true, 268),
        13 => (124, false, 136),
        14 => (4, false, 72),
        18 => (0, false, 160),
        0x100_0012 => (0, true, 308),
        _ => return data.slice(0, 8).map(|_| 0),
    };
    // A number of the kind of thread and the size stand in front.
    let registers = data.sub(8, size)?;
    registers.reader(at).word(wide)
}

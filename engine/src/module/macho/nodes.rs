//! The values of an image as the schema lays them out.

use std::fmt::Write;

use super::commands::Section;
use super::image::Image;
use super::schema::{
    BUILD_TOOL, BUILD_VERSION, CERTIFICATE, DYLD_INFO, DYLIB, DYSYMTAB, FILE,
    LINKED_IT_DATA, MIN_VERSION, NLIST, SECTION, SEGMENT, SYMTAB,
};
use crate::module::node::{Node, array, record};

/// An image inside a universal file.
pub(super) fn file<'d>(image: &Image<'d>) -> Node<'d> {
    let (header, commands) = (&image.header, image.commands());
    record!(FILE {
        magic: header.magic,
        cputype: header.cputype,
        cpusubtype: header.cpusubtype,
        filetype: header.filetype,
        ncmds: header.ncmds,
        sizeofcmds: header.sizeofcmds,
        flags: header.flags,
        reserved: header.reserved,
        number_of_segments: commands.segments.len(),
        dynamic_linker: commands.dynamic_linker,
        entry_point: image.entry_point(),
        stack_size: commands.stack_size,
        source_version: source_version(image),
        segments: segments(image),
        dylibs: dylibs(image),
        rpaths: array(commands.rpaths.iter().copied()),
        entitlements: entitlements(image),
        symtab: symtab(image),
        dysymtab: dysymtab(image),
        dyld_info: dyld_info(image),
        code_signature_data: code_signature_data(image),
        certificates: certificates(image),
        uuid: uuid(image),
        build_version: build_version(image),
        min_version: min_version(image),
        exports: array(image.exports().iter().cloned()),
        imports: array(image.imports().iter().copied()),
        linker_options: linker_options(image),
    })
}

pub(super) fn segments<'d>(image: &Image<'d>) -> Node<'d> {
    array(image.commands().segments.iter().map(|segment| {
        record!(SEGMENT {
            segname: segment.name,
            vmaddr: segment.vmaddr,
            vmsize: segment.vmsize,
            fileoff: segment.fileoff,
            filesize: segment.filesize,
            fsize: segment.filesize,
            maxprot: segment.maxprot,
            initprot: segment.initprot,
            nsects: segment.nsects,
            flags: segment.flags,
            sections: array(segment.sections.iter().map(section)),
        })
    }))
}

fn section<'d>(section: &Section<'d>) -> Node<'d> {
    let [offset, align, reloff, nreloc, flags, reserved1, reserved2] =
        section.rest;
    record!(SECTION {
        segname: section.segname,
        sectname: section.sectname,
        addr: section.addr,
        size: section.size,
        offset: offset,
        align: align,
        reloff: reloff,
        nreloc: nreloc,
        flags: flags,
        reserved1: reserved1,
        reserved2: reserved2,
        reserved3: section.reserved3,
    })
}

pub(super) fn dylibs<'d>(image: &Image<'d>) -> Node<'d> {
    array(image.commands().dylibs.iter().map(|dylib| {
        record!(DYLIB {
            name: dylib.name,
            timestamp: dylib.timestamp,
            compatibility_version: version(dylib.compatibility),
            current_version: version(dylib.current),
        })
    }))
}

pub(super) fn symtab<'d>(image: &Image<'d>) -> Option<Node<'d>> {
    let [symoff, nsyms, stroff, strsize] = image.commands().symtab?;
    let symbols = image.symbols();
    Some(record!(SYMTAB {
        symoff: symoff,
        nsyms: nsyms,
        stroff: stroff,
        strsize: strsize,
        entries: array(symbols.iter().map(|symbol| symbol.name)),
        nlists: array(symbols.iter().map(|symbol| {
            record!(NLIST {
                n_strx: symbol.strx,
                n_type: symbol.kind,
                n_sect: symbol.sect,
                n_desc: symbol.desc,
                n_value: symbol.value,
            })
        })),
    }))
}

pub(super) fn dysymtab<'d>(image: &Image<'d>) -> Option<Node<'d>> {
    let n = image.commands().dysymtab?;
    Some(record!(DYSYMTAB {
        ilocalsym: n[0],
        nlocalsym: n[1],
        iextdefsym: n[2],
        nextdefsym: n[3],
        iundefsym: n[4],
        nundefsym: n[5],
        tocoff: n[6],
        ntoc: n[7],
        modtaboff: n[8],
        nmodtab: n[9],
        extrefsymoff: n[10],
        nextrefsyms: n[11],
        indirectsymoff: n[12],
        nindirectsyms: n[13],
        extreloff: n[14],
        nextrel: n[15],
        locreloff: n[16],
        nlocrel: n[17],
    }))
}

pub(super) fn dyld_info<'d>(image: &Image<'d>) -> Option<Node<'d>> {
    let n = image.commands().dyld_info?;
    Some(record!(DYLD_INFO {
        rebase_off: n[0],
        rebase_size: n[1],
        bind_off: n[2],
        bind_size: n[3],
        weak_bind_off: n[4],
        weak_bind_size: n[5],
        lazy_bind_off: n[6],
        lazy_bind_size: n[7],
        export_off: n[8],
        export_size: n[9],
    }))
}

pub(super) fn code_signature_data<'d>(image: &Image<'d>) -> Option<Node<'d>> {
    let [dataoff, datasize] = image.commands().code_signature?;
    Some(record!(LINKED_IT_DATA { dataoff: dataoff, datasize: datasize }))
}

pub(super) fn build_version<'d>(image: &Image<'d>) -> Option<Node<'d>> {
    let build = image.commands().build_version.as_ref()?;
    Some(record!(BUILD_VERSION {
        platform: build.platform,
        minos: version(build.minos),
        sdk: version(build.sdk),
        ntools: build.tools.len(),
        tools: array(build.tools.iter().map(|&[tool, version]| {
            let (major, minor) = (version >> 16, version >> 8 & 0xff);
            record!(BUILD_TOOL {
                tool: tool,
                version: format!("{major}.{minor}"),
            })
        })),
    }))
}

pub(super) fn min_version<'d>(image: &Image<'d>) -> Option<Node<'d>> {
    let [device, least, sdk] = image.commands().min_version?;
    Some(record!(MIN_VERSION {
        device: device,
        version: version(least),
        sdk: version(sdk),
    }))
}

pub(super) fn entitlements<'d>(image: &Image<'d>) -> Node<'d> {
    array(image.entitlements().iter().cloned())
}

pub(super) fn certificates<'d>(image: &Image<'d>) -> Option<Node<'d>> {
    let all = super::signature::certificates(image)?;
    Some(array(all.into_iter().map(|one| {
        record!(CERTIFICATE {
            issuer: one.issuer,
            subject: one.subject,
            is_self_signed: one.is_self_signed,
        })
    })))
}

pub(super) fn linker_options<'d>(image: &Image<'d>) -> Node<'d> {
    array(image.commands().linker_options.iter().copied())
}

/// In groups as YARA-X writes it: zeros at the end are left out, so that
/// rules made from its output hold.
pub(super) fn uuid(image: &Image<'_>) -> Option<String> {
    let uuid = image.commands().uuid?;
    let end = uuid.iter().rposition(|byte| *byte != 0);
    let mut text = String::new();
    for (at, byte) in uuid[..end.map_or(0, |last| last + 1)].iter().enumerate()
    {
        let _ = write!(text, "{byte:02X}");
        if matches!(at, 3 | 5 | 7 | 9) {
            text.push('-');
        }
    }
    Some(text)
}

/// Five numbers. The last four have ten bits, of which YARA-X shows six, and
/// rules compare with what it shows.
pub(super) fn source_version(image: &Image<'_>) -> Option<String> {
    let version = image.commands().source_version?;
    let part = |shift: u32| version >> shift & 0x3f;
    let (a, b, c, d) = (version >> 40, part(30), part(20), part(10));
    Some(format!("{a}.{b}.{c}.{d}.{}", part(0)))
}

fn version(number: u32) -> String {
    let (major, minor) = (number >> 16, number >> 8 & 0xff);
    format!("{major}.{minor}.{}", number & 0xff)
}

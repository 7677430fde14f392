//! Small files of many kinds; the expectations are what version 5.44 of
//! libmagic prints for the same bytes.

use super::{identify, kinds};
use crate::module::Value;
use crate::module::hostile::survives;
use crate::module::testing::{Call, File};

fn is(bytes: &[u8], name: &str, mime: &str) {
    let found = identify(bytes);
    assert_eq!((&*found.name, &*found.mime), (name, mime), "{bytes:?}");
}

/// Bytes at the start of a file that goes on with zeros.
fn long(start: &[u8]) -> Vec<u8> {
    let mut bytes = start.to_vec();
    bytes.resize(start.len() + 600, 0);
    bytes
}

#[test]
fn bytes_at_fixed_places_tell_the_type() {
    is(
        &long(
            b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x10\0\0\0\x20\x08\x06\0\0\0",
        ),
        "PNG image data, 16 x 32, 8-bit/color RGBA, non-interlaced",
        "image/png",
    );
    is(
        &long(b"GIF89a\x10\0\x20\0"),
        "GIF image data, version 89a, 16 x 32",
        "image/gif",
    );
    is(&long(b"%PDF-1.7\n"), "PDF document, version 1.7", "application/pdf");
    is(
        &long(b"BZh9"),
        "bzip2 compressed data, block size = 900k",
        "application/x-bzip2",
    );
    // No media type is known: the bytes are text or not.
    is(&long(b"!<thin>\n"), "thin archive", "text/plain");
    is(
        &long(b"\x93NUMPY\x01\0"),
        "NumPy array, version 1.0, header length 0",
        "application/octet-stream",
    );
}

#[test]
fn every_type_of_the_table_can_be_found() {
    assert!(kinds::all().len() > 250);
    for kind in kinds::all() {
        let end = kind.pieces.iter().map(|(at, bytes)| at + bytes.len());
        let mut image = vec![0; end.max().unwrap_or(0)];
        for (at, bytes) in &kind.pieces {
            image[*at..at + bytes.len()].copy_from_slice(bytes);
        }
        let found = kinds::find(&image).unwrap();
        let family = |name: &str| name.split(' ').next().unwrap().to_owned();
        let same =
            family(&found.name) == family(&kinds::fill(kind.name, &image));
        assert!(same, "{} hides {}", found.name, kind.name);
    }
    // A line that is no type would be lost.
    let lines = include_str!("types.txt").lines();
    let lines = lines.filter(|l| !l.is_empty() && !l.starts_with("# "));
    assert_eq!(lines.count(), kinds::all().len());
}

#[test]
fn headers_of_programs_are_read() {
    let mut elf = long(b"\x7fELF\x02\x01\x01\0");
    elf[16..24].copy_from_slice(&[1, 0, 62, 0, 1, 0, 0, 0]);
    let name = "ELF 64-bit LSB relocatable, x86-64, version 1 (SYSV)";
    is(&elf, name, "application/x-object");
    let mut pe = long(b"MZ");
    pe[60] = 128;
    pe[128..136].copy_from_slice(b"PE\0\0\x64\x86\x03\0");
    pe[148..154].copy_from_slice(&[0xf0, 0, 2, 0, 0x0b, 2]);
    pe[220] = 3;
    is(
        &pe,
        "PE32+ executable (console) x86-64, for MS Windows, 3 sections",
        "application/vnd.microsoft.portable-executable",
    );
    is(
        &long(b"\xce\xfa\xed\xfe\x07\0\0\0\x03\0\0\0\x02\0\0\0"),
        "Mach-O i386 executable",
        "application/x-mach-binary",
    );
    let name = "MS-DOS executable, MZ for MS-DOS";
    is(&long(b"MZ\x90\0\x03\0"), name, "application/x-dosexec");
}

#[test]
fn texts_have_an_encoding_and_lines() {
    let plain = |text: &[u8], name| is(text, name, "text/plain");
    plain(b"Some text\nand more\n", "ASCII text");
    plain(b"Some text", "ASCII text, with no line terminators");
    plain(b"a\r\nb\r\n", "ASCII text, with CRLF line terminators");
    plain(b"a\r\nb\n", "ASCII text, with CRLF, LF line terminators");
    plain(b"a\x1b[1m\n", "ASCII text, with escape sequences");
    plain("gr\u{fc}n\n".as_bytes(), "Unicode text, UTF-8 text");
    plain(b"\xef\xbb\xbfa\n", "Unicode text, UTF-8 (with BOM) text");
    plain(b"gr\xfcn\n", "ISO-8859 text");
    plain(b"gr\x81n\n", "Non-ISO extended-ASCII text");
    plain(b"\xff\xfea\0\n\0", "Unicode text, UTF-16, little-endian text");
    plain(b"\xfe\xff\0a\0\n", "Unicode text, UTF-16, big-endian text");
    let long_line = [&[b'x'; 301][..], b"\n"].concat();
    plain(&long_line, "ASCII text, with very long lines (301)");
    is(b"a\x01b", "data", "application/octet-stream");
    is(b"", "empty", "inode/x-empty");
}

#[test]
fn languages_are_guessed() {
    let cases: [(&[u8], &str, &str); 9] = [
        (
            b"#!/bin/sh\necho\n",
            "POSIX shell script, ASCII text executable",
            "text/x-shellscript",
        ),
        (
            b"#!/usr/bin/env python3\nx = 1\n",
            "Python script, ASCII text executable",
            "text/x-script.python",
        ),
        (
            b"<?xml version=\"1.0\"?>\n<a/>\n",
            "XML 1.0 document, ASCII text",
            "text/xml",
        ),
        (
            b"<?xml version=\"1.0\"?>\n<svg/>\n",
            "SVG Scalable Vector Graphics image",
            "image/svg+xml",
        ),
        (b"<!DOCTYPE html>\n<p>\n", "HTML document, ASCII text", "text/html"),
        (b"<?php echo 1;\n", "PHP script, ASCII text", "text/x-php"),
        (b"#include <a.h>\n", "C source, ASCII text", "text/x-c"),
        (
            b"@echo off\r\n",
            "DOS batch file, ASCII text, with CRLF line terminators",
            "text/x-msdos-batch",
        ),
        (
            b"--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n",
            "unified diff output, ASCII text",
            "text/x-diff",
        ),
    ];
    for (text, name, mime) in cases {
        is(text, name, mime);
    }
}

#[test]
fn json_and_csv_are_read_to_the_end() {
    is(b"{\"a\": [1]}\n", "JSON text data", "application/json");
    is(
        b"{\"a\": 1}\n{\"a\": 2}\n",
        "New Line Delimited JSON text data",
        "application/x-ndjson",
    );
    is(b"{\"a\": [1}\n", "ASCII text", "text/plain");
    is(b"a,b\n1,2\n\"3,\n\",4\n", "CSV text", "text/csv");
    is(b"a,b\n1,2,3\n4,5\n", "ASCII text", "text/plain");
    let deep = vec![b'['; 1 << 20];
    let name = identify(&deep).name;
    assert!(name.starts_with("ASCII text"), "{name}");
}

#[test]
fn what_is_in_an_archive_says_what_it_is_for() {
    let mut tar = long(b"name");
    tar[148..156].copy_from_slice(b"0006551\0");
    tar[257..265].copy_from_slice(b"ustar\x0000");
    let sum = tar[..512].iter().map(|b| u32::from(*b)).sum::<u32>();
    let sum = sum - tar[148..156].iter().map(|b| u32::from(*b)).sum::<u32>();
    let sum = format!("{:06o}\0 ", sum + 8 * 32);
    tar[148..156].copy_from_slice(sum.as_bytes());
    is(&tar, "POSIX tar archive", "application/x-tar");
    tar[0] = b'x';
    assert_ne!(identify(&tar).mime, "application/x-tar");
    let zip = b"PK\x03\x04\x14\0\0\0\x08\0";
    is(
        &long(zip),
        "Zip archive data, at least v2.0 to extract, \
         compression method=deflate",
        "application/zip",
    );
    let mut document = long(zip);
    document[26] = 8;
    document[30..58].copy_from_slice(b"mimetypeapplication/epub+zip");
    is(&document, "EPUB document", "application/epub+zip");
    let ole = crate::module::olecf::tests::compound(&[("Workbook", b"x")]);
    assert_eq!(identify(&ole).mime, "application/vnd.ms-excel");
}

#[test]
fn rules_ask_by_functions_and_pay_once() {
    let file = File::open("magic", b"#!/bin/sh\n");
    let mime = Value::Bytes(b"text/x-shellscript"[..].into());
    assert_eq!(file.call("mime_type", &[]), Some(mime));
    let call = Call::new("magic", b"some text\n");
    call.budget.set(10);
    assert!(call.calls("type", &[&[], &[]]).iter().all(Option::is_some));
    assert_eq!(call.budget.get(), 0);
    assert_eq!(call.call("type", &[]), None);
}

#[test]
fn no_damage_makes_it_panic() {
    survives("magic", b"MZ\0\0PE\0\0\0\0\0");
    survives("magic", &long(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03"));
    survives("magic", b"\xff\xfea\0\n\0,\0b\0\n\0");
}

//! Runs the body of the fuzz target `containers` over some thousand inputs.

#![allow(unreachable_pub, reason = "the fuzz crate exports them")]

#[allow(dead_code, reason = "shared with other fuzz targets")]
#[path = "../../fuzz/src/bytes.rs"]
mod bytes;
#[path = "../../fuzz/src/containers.rs"]
mod containers;
#[path = "../../fuzz/src/images.rs"]
mod images;

use std::panic::{AssertUnwindSafe, catch_unwind};

fn run(input: &[u8]) {
    let body = AssertUnwindSafe(|| containers::containers(input));
    assert!(catch_unwind(body).is_ok(), "failed on {input:?}");
}

#[test]
fn containers() {
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    let kinds = images::all().len() as u8 + 1;
    // Untouched, then with some changes each.
    for kind in 0..kinds {
        run(&[kind]);
    }
    for _ in 0..2000 {
        let mut input = vec![next() % kinds];
        let changes = 1 + next() % 4;
        input.extend((0..5 * changes).map(|_| next()));
        run(&input);
    }
}

/// Every image is what it is meant to be before it is damaged.
#[test]
fn images_are_whole() {
    use dragnet_evidence::container::{NoSiblings, open};
    let expected =
        ["qcow2", "qcow2", "ewf", "vmdk", "vmdk", "vhd", "vdi", "vhdx", "tar"];
    let images = images::all();
    for (image, format) in images.iter().zip(expected) {
        let source =
            std::sync::Arc::new(containers::Memory(image.bytes.clone()));
        let opened = open(source, image.name, &NoSiblings);
        let opened = opened.unwrap_or_else(|e| panic!("{format}: {e}"));
        assert_eq!(opened.map(|o| o.format), Some(format));
    }
    for (image, scheme) in images[9..].iter().zip(["gpt", "mbr", "lvm"]) {
        let source: dragnet_evidence::Shared =
            std::sync::Arc::new(containers::Memory(image.bytes.clone()));
        let table = dragnet_evidence::volume::read(&source);
        assert_eq!(table.scheme, Some(scheme));
        assert!(table.volumes.len() >= 2, "{scheme}");
    }
}

//! Runs that are ended, and go on where they were.

mod cli_support;

use std::path::Path;
use std::process::{Command, Stdio};

use cli_support::{Dir, RULES, run};
use serde_json::Value;

fn scan<'a>(output: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let command = ["scan", "-o", "ndjson", "--rules", "r.yar", "--output"];
    [&command[..], &[output], more, &["many", "disk.tar"]].concat()
}

/// Many small files, and an archive with a member that cannot be read.
fn targets() -> Dir {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    for number in 0..600 {
        let text = if number % 3 == 0 { "alpha beta" } else { "nothing" };
        dir.write(&format!("many/{number}.txt"), text.repeat(number));
    }
    let header = |name: &str, size: usize| {
        let mut header = vec![0_u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        let size = format!("{size:011o}");
        header[124..135].copy_from_slice(size.as_bytes());
        header[156] = b'0';
        header[257..262].copy_from_slice(b"ustar");
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        let sum = format!("{sum:06o}\0 ");
        header[148..156].copy_from_slice(sum.as_bytes());
        header
    };
    let mut tar = Vec::new();
    for number in 0..300 {
        tar.extend(header(&format!("member-{number}"), 512));
        let mut content = b"say beta".to_vec();
        content.resize(512, b'.');
        tar.extend(content);
    }
    tar.extend(header("cut", 4096));
    tar.extend([b'c'; 1000]);
    dir.write("disk.tar", tar);
    dir
}

fn kept(path: &Path) -> Option<u64> {
    let text = std::fs::read(path).ok()?;
    let kept: Value = serde_json::from_slice(&text).ok()?;
    kept["done"].as_u64()
}

#[test]
fn a_run_that_was_killed_gives_what_it_would_have_given() {
    let dir = targets();
    let whole = run(&dir, &scan("whole.ndjson", &[]));
    assert!([0, 3].contains(&whole.code), "{whole:?}");
    let whole = std::fs::read(dir.path("whole.ndjson")).unwrap();
    let state = dir.path("state");
    let flags = ["--checkpoint", "state", "--checkpoint-every", "0"];
    let mut killed = 0;
    // Later and later, and each time from where the last one stopped.
    for stop in (0..900).step_by(60) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dragnet"))
            .args(scan("part.ndjson", &flags))
            .current_dir(dir.path(""))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while child.try_wait().unwrap().is_none() {
            if kept(&state).is_some_and(|done| done > stop) {
                let _ = child.kill();
                killed += 1;
                break;
            }
            std::thread::yield_now();
        }
        child.wait().unwrap();
        if !state.exists() {
            let part = std::fs::read(dir.path("part.ndjson")).unwrap();
            assert_eq!(part, whole);
        }
    }
    assert!(killed > 0, "no run was killed");
    let last = run(&dir, &scan("part.ndjson", &flags));
    assert!([0, 3].contains(&last.code), "{last:?}");
    assert_eq!(std::fs::read(dir.path("part.ndjson")).unwrap(), whole);
    assert!(!state.exists(), "a run that is over leaves no checkpoint");
}

#[test]
fn a_checkpoint_of_another_run_is_refused() {
    let dir = targets();
    dir.write("state", "{}");
    let flags = ["--checkpoint", "state"];
    let ran = run(&dir, &scan("part.ndjson", &flags));
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("this is no checkpoint"), "{ran:?}");
    assert!(!dir.path("part.ndjson").exists());
}

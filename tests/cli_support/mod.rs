//! What the tests of the command line share: a directory of their own, and a
//! way to run the command in it.
#![allow(dead_code, unreachable_pub)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Three rules: the first two are about words, the last one never matches.
pub const RULES: &str = r#"
rule has_alpha : greek {
    meta:
        score = 70
        note = "first"
    strings:
        $a = "alpha"
    condition:
        $a
}
rule has_beta {
    strings:
        $b = "beta"
    condition:
        $b
}
rule has_gamma {
    strings:
        $c = "gamma"
    condition:
        $c
}
"#;

/// A directory that is removed in the end.
pub struct Dir(PathBuf);

impl Dir {
    pub fn new() -> Dir {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("dragnet-cli-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Dir(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a run of the command left.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs the command in a directory.
pub fn run(dir: &Dir, args: &[&str]) -> Run {
    run_with(dir, args, b"")
}

/// Runs the command with something on standard input.
pub fn run_with(dir: &Dir, args: &[&str], input: &[u8]) -> Run {
    let binary = Path::new(env!("CARGO_BIN_EXE_dragnet"));
    run_binary(binary, dir, args, input)
}

/// Runs the command under another name.
pub fn run_binary(
    binary: &Path,
    dir: &Dir,
    args: &[&str],
    input: &[u8],
) -> Run {
    let mut child = Command::new(binary)
        .args(args)
        .current_dir(&dir.0)
        .env_remove("GITHUB_ACTIONS")
        .env_remove("GITHUB_STEP_SUMMARY")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Whoever does not read its input has ended already.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().expect("ended by itself"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs git in a directory; `false` if it fails, or is not there.
pub fn git(dir: &Dir, args: &[&str]) -> bool {
    let output = Command::new("git")
        .current_dir(&dir.0)
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(args)
        .output();
    output.is_ok_and(|output| output.status.success())
}

/// Commits all of a directory under a tag; `false` where there is no git.
pub fn commit(dir: &Dir, tag: &str) -> bool {
    git(dir, &["init", "-q"])
        && git(dir, &["add", "."])
        && git(dir, &["commit", "-q", "-m", tag])
        && git(dir, &["tag", tag])
}

/// Each line as JSON.
pub fn json_lines(text: &str) -> Vec<serde_json::Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The rows of a run.
pub fn rows_of(dir: &Dir, args: &[&str]) -> Vec<serde_json::Value> {
    json_lines(&run(dir, args).out)
}

/// Makes a FIFO.
#[cfg(unix)]
pub fn fifo(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}

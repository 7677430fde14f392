//! Processes that run, on Linux, without stopping them.
//!
//! Looking must not change what is looked at: a page that was never touched
//! is not touched now, a page in swap is not fetched, and what a process has
//! not read of a mapped file is read from the file. `pagemap` says which is
//! which (`Documentation/admin-guide/mm/pagemap.rst`).

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod mounts;

use crate::OpenError;
use crate::Reason;
use crate::Shared;

use super::space::Space;

/// A running process, and where its memory is read.
#[cfg(target_os = "linux")]
pub(crate) fn open(pid: u64) -> Result<(Shared, Space), OpenError> {
    linux::open(pid)
}

/// A running process, and where its memory is read.
#[cfg(not(target_os = "linux"))]
pub(crate) fn open(_: u64) -> Result<(Shared, Space), OpenError> {
    let detail = "running processes are read on Linux only";
    Err(OpenError::new(Reason::UnsupportedFormat, detail))
}

/// Why an address of a process that could be read cannot be read any more.
pub(crate) fn reason_of_loss(pid: u64, address: u64) -> Reason {
    let maps = std::fs::read(format!("/proc/{pid}/maps"));
    let is_there = maps.is_ok_and(|text| {
        super::maps::read(&text).any(|line| {
            (line.region.start..line.region.end()).contains(&address)
        })
    });
    match is_there {
        true if is_swapped(pid, address) => Reason::Swapped,
        true => Reason::DeviceMemory,
        false => Reason::Gone,
    }
}

#[cfg(target_os = "linux")]
fn is_swapped(pid: u64, address: u64) -> bool {
    linux::is_swapped(pid, address)
}

#[cfg(not(target_os = "linux"))]
fn is_swapped(_: u64, _: u64) -> bool {
    false
}

/// Whoever looks at all processes has two files open for each.
#[cfg(target_os = "linux")]
fn allow_many_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Without it, processes that cannot be opened are told as such.
    let _ = setrlimit(Resource::Nofile, limit);
}

#[cfg(not(target_os = "linux"))]
fn allow_many_files() {}

/// Threads of the kernel have no memory of their own.
fn is_of_kernel(pid: u64) -> bool {
    const PF_KTHREAD: u64 = 0x20_0000;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    let flags = stat.ok().and_then(|stat| {
        // The name of the program may hold anything, brackets too.
        let (_, fields) = stat.rsplit_once(')')?;
        fields.split_whitespace().nth(6)?.parse::<u64>().ok()
    });
    flags.is_some_and(|flags| flags & PF_KTHREAD != 0)
}

/// The numbers of all processes with memory of their own, without this one.
///
/// # Errors
/// The system does not tell.
pub fn processes() -> std::io::Result<Vec<u64>> {
    allow_many_files();
    let own = u64::from(std::process::id());
    let mut all: Vec<u64> = std::fs::read_dir("/proc")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| *pid != own)
        .filter(|pid| !is_of_kernel(*pid))
        .collect();
    all.sort_unstable();
    Ok(all)
}

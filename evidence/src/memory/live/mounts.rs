//! The text of `/proc/PID/mountinfo`: which devices are programs.
//!
//! Format: `Documentation/filesystems/proc.rst` of Linux, section 3.5.

use std::collections::HashSet;

/// Devices of file systems that a program or another machine answers for:
/// asking it for a file may take for ever, and tells it that somebody looks.
pub(super) fn answered_by_programs(text: &[u8]) -> HashSet<(u64, u64)> {
    let lines = text.split(|byte| *byte == b'\n');
    lines.filter_map(answered_by_program).collect()
}

fn answered_by_program(line: &[u8]) -> Option<(u64, u64)> {
    const KINDS: [&str; 7] =
        ["fuse", "9p", "nfs", "cifs", "smb", "ceph", "afs"];
    let line = str::from_utf8(line).ok()?;
    let (mount, system) = line.split_once(" - ")?;
    let (major, minor) = mount.split(' ').nth(2)?.split_once(':')?;
    KINDS
        .iter()
        .any(|kind| system.starts_with(kind))
        .then_some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_not_asked_of_a_program() {
        let text = b"22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n\
            90 22 0:46 / /home/a/m rw shared:5 - fuse.sshfs a@b:/ rw\n\
            91 22 0:47 / /srv rw - nfs4 host:/srv rw\n\
            92 22 0:48 / /x\\040- rw - tmpfs fuse rw\n\
            garbage - fuse\n";
        let expected = HashSet::from([(0, 46), (0, 47)]);
        assert_eq!(answered_by_programs(text), expected);
    }
}

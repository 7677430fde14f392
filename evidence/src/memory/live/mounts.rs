//! The text of `/proc/PID/mountinfo`: which files the system itself answers
//! for.
//!
//! Format: `Documentation/filesystems/proc.rst` of Linux, section 3.5.

use std::collections::HashSet;

/// File systems on disks and in memory of this machine. Of all others a
/// program or another machine may be asked, which may never answer, and would
/// know that somebody looks.
const LOCAL: [&str; 24] = [
    "bcachefs",
    "btrfs",
    "devtmpfs",
    "erofs",
    "exfat",
    "ext2",
    "ext3",
    "ext4",
    "f2fs",
    "hfsplus",
    "hugetlbfs",
    "iso9660",
    "jfs",
    "minix",
    "ntfs3",
    "overlay",
    "ramfs",
    "reiserfs",
    "rootfs",
    "squashfs",
    "tmpfs",
    "vfat",
    "xfs",
    "zfs",
];

/// What is mounted where.
#[derive(Debug, Default)]
pub(super) struct Mounts {
    local: HashSet<(u64, u64)>,
    /// Where the other file systems are mounted.
    others: Vec<Vec<u8>>,
}

impl Mounts {
    /// Adds what a text says.
    pub(super) fn add(&mut self, text: &[u8]) {
        for line in text.split(|byte| *byte == b'\n') {
            let Some((device, point, is_local)) = mount(line) else {
                continue;
            };
            if is_local {
                self.local.insert(device);
            } else {
                self.others.push(point);
            }
        }
    }

    /// May the file of this name, which lies on this device, be looked at?
    /// Not if nobody knows the device, or another file system is mounted on
    /// the way.
    pub(super) fn may_look(&self, device: (u64, u64), name: &[u8]) -> bool {
        let is_on_the_way = |point: &Vec<u8>| {
            name.strip_prefix(point.as_slice())
                .is_some_and(|rest| rest.first().is_none_or(|b| *b == b'/'))
        };
        self.local.contains(&device) && !self.others.iter().any(is_on_the_way)
    }
}

/// The device of a line, where it is mounted, and whether it is a local one.
fn mount(line: &[u8]) -> Option<((u64, u64), Vec<u8>, bool)> {
    let separator = line.windows(3).position(|three| three == b" - ")?;
    let (mount, system) = line.split_at_checked(separator)?;
    let mut fields = mount.split(|byte| *byte == b' ').skip(2);
    let device = str::from_utf8(fields.next()?).ok()?;
    let (major, minor) = device.split_once(':')?;
    let device = (major.parse().ok()?, minor.parse().ok()?);
    let point = unescaped(fields.nth(1)?);
    let system = system.get(3..)?.split(|byte| *byte == b' ').next()?;
    let is_local = LOCAL.iter().any(|local| local.as_bytes() == system);
    Some((device, point, is_local))
}

/// Blanks and the like stand there as `\040`.
fn unescaped(mut rest: &[u8]) -> Vec<u8> {
    let mut path = Vec::new();
    while let Some((first, tail)) = rest.split_first() {
        let code = (*first == b'\\')
            .then(|| str::from_utf8(tail.get(..3)?).ok())
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        path.push(code.unwrap_or(*first));
        rest = match code {
            Some(_) => tail.get(3..).unwrap_or_default(),
            None => tail,
        };
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_system_answers_for_is_looked_at() {
        let mut mounts = Mounts::default();
        mounts.add(
            b"22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n\
            23 22 0:5 / /dev rw - devtmpfs udev rw\n\
            90 22 0:46 / /home/a/my\\040m rw shared:5 - fuse.sshfs a@b:/ rw\n\
            91 22 0:47 / /srv rw - nfs4 host:/srv rw\n\
            92 22 0:48 / /x - rw - tmpfs fuse rw\n\
            garbage - fuse\n",
        );
        assert!(mounts.may_look((8, 1), b"/usr/bin/true"));
        assert!(mounts.may_look((0, 5), b"/dev/null"));
        assert!(!mounts.may_look((0, 46), b"/home/a/my m/f"));
        assert!(!mounts.may_look((0, 47), b"/srv/f"));
        // Something else was mounted over the file.
        assert!(!mounts.may_look((8, 1), b"/home/a/my m/f"));
        assert!(mounts.may_look((8, 1), b"/home/a/my mother"));
        // What is not mounted here.
        assert!(!mounts.may_look((0, 99), b"/f"));
    }
}

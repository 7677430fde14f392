//! Memory maps that survive what happens to the file under them.
//!
//! Touching a page behind the new end of a shortened file, or on a bad
//! sector, raises `SIGBUS`. A process-wide handler knows all living maps: it
//! puts zero pages over the place, marks the map as damaged and lets the
//! thread go on. A `SIGBUS` elsewhere goes to the handler that was installed
//! before. Only Linux has the handler; elsewhere a map is a plain map.
//!
//! As with every shared map, the bytes may change while they are looked at;
//! whoever reads them must not rely on reading the same value twice.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;

use crate::file::Integrity;

/// A file mapped for reading.
#[derive(Debug)]
pub struct Mapping {
    slot: guard::Registration,
    map: memmap2::Mmap,
    file: File,
}

impl Mapping {
    /// Maps the whole file.
    ///
    /// # Errors
    /// The system refuses, or too many maps are alive; read the file then.
    pub fn new(file: File) -> io::Result<Mapping> {
        // SAFETY: the map is only read, through `&[u8]` of plain bytes, for
        // which every content is valid; a file that shrinks is caught by the
        // registration below, before anybody sees the bytes.
        let map = unsafe { memmap2::Mmap::map(&file)? };
        let slot = guard::Registration::new(&map, &file)?;
        Ok(Mapping { slot, map, file })
    }

    /// Tells the system that the bytes are read from front to back.
    pub fn advise_sequential(&self) {
        // Only a hint: a system that does not know it loses nothing.
        #[cfg(unix)]
        let _ = self.map.advise(memmap2::Advice::Sequential);
    }

    /// Tells the system that nothing of it is needed for the time being.
    pub fn forget(&self) {
        #[cfg(target_os = "linux")]
        {
            let all = memmap2::UncheckedAdvice::DontNeed;
            // SAFETY: the map is shared and only read: a page that is given
            // back is read from the file again by whoever touches it next,
            // even while others look at it.
            let _ = unsafe { self.map.unchecked_advise(all) };
        }
    }

    /// The bytes; zeros where the file does not have them any more.
    pub fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// Were all bytes that were looked at those of the file?
    pub fn integrity(&self) -> Integrity {
        let length = self.map.len() as u64;
        // The page that holds the new end reads as zeros without a signal.
        let shorter = match self.file.metadata() {
            Ok(now) => now.len() < length,
            Err(_) => true,
        };
        match self.slot.damage() {
            _ if shorter => Integrity::Truncated,
            guard::Damage::Truncated => Integrity::Truncated,
            guard::Damage::Unreadable => Integrity::Unreadable,
            guard::Damage::None => Integrity::Intact,
        }
    }
}

/// Tells the system that these bytes are not needed for the time being, if
/// they lie in a [`Mapping`]: they are read from the file again when somebody
/// wants them. Other memory stays as it is.
pub fn forget(bytes: &[u8]) {
    #[cfg(target_os = "linux")]
    guard::forget(bytes);
    #[cfg(not(target_os = "linux"))]
    let _ = bytes;
}

/// True if these bytes lie in a [`Mapping`] where its file has a hole: they
/// are zeros.
pub fn is_hole(bytes: &[u8]) -> bool {
    #[cfg(target_os = "linux")]
    return guard::is_hole(bytes);
    #[cfg(not(target_os = "linux"))]
    false
}

impl AsRef<[u8]> for Mapping {
    fn as_ref(&self) -> &[u8] {
        self.bytes()
    }
}

#[cfg(target_os = "linux")]
mod guard {
    use std::fs::File;
    use std::io;
    use std::os::fd::{AsRawFd, BorrowedFd};
    use std::sync::OnceLock;
    use std::sync::atomic::{
        AtomicI32, AtomicU8, AtomicUsize, Ordering::Acquire,
        Ordering::Relaxed, Ordering::Release, fence,
    };

    /// What the handler found under a map.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) enum Damage {
        None,
        Truncated,
        Unreadable,
    }

    /// File systems that say of no byte that was written that it lies in a
    /// hole, also before it is on the disk: ext4, XFS, Btrfs, F2FS, tmpfs,
    /// overlayfs. Numbers: `linux/magic.h`.
    const TELL_OF_HOLES: [u32; 6] = [
        0xef53,
        0x5846_5342,
        0x9123_683e,
        0xf2f5_2010,
        0x0102_1994,
        0x794c_7630,
    ];

    const FREE: u8 = 0;
    const CLAIMED: u8 = 1;
    const LIVE: u8 = 2;

    /// One for each map that can be alive at a time; a scan needs one for
    /// each thread.
    const SLOTS: usize = 1024;

    struct Slot {
        state: AtomicU8,
        /// Grows when somebody claims the slot: who reads the same number
        /// before and after the rest has read what belongs together.
        generation: AtomicUsize,
        damage: AtomicU8,
        start: AtomicUsize,
        end: AtomicUsize,
        fd: AtomicI32,
    }

    static TABLE: [Slot; SLOTS] = [const {
        Slot {
            state: AtomicU8::new(FREE),
            generation: AtomicUsize::new(0),
            damage: AtomicU8::new(0),
            start: AtomicUsize::new(0),
            end: AtomicUsize::new(0),
            fd: AtomicI32::new(-1),
        }
    }; SLOTS];

    static PAGE: AtomicUsize = AtomicUsize::new(0);
    static PREVIOUS: OnceLock<libc::sigaction> = OnceLock::new();

    #[derive(Debug)]
    pub(super) struct Registration {
        index: usize,
    }

    impl Registration {
        pub(super) fn new(
            bytes: &[u8],
            file: &File,
        ) -> io::Result<Registration> {
            install()?;
            let claim = |slot: &Slot| {
                slot.state
                    .compare_exchange(FREE, CLAIMED, Acquire, Relaxed)
                    .is_ok()
            };
            let index = TABLE.iter().position(claim);
            let Some((index, slot)) =
                index.and_then(|i| Some((i, TABLE.get(i)?)))
            else {
                return Err(io::Error::other("too many mapped files"));
            };
            let page = PAGE.load(Relaxed);
            let start = bytes.as_ptr() as usize;
            let end = start.saturating_add(bytes.len());
            slot.generation.fetch_add(1, Relaxed);
            fence(Release);
            slot.damage.store(0, Relaxed);
            slot.start.store(start, Relaxed);
            slot.end.store(end.next_multiple_of(page), Relaxed);
            slot.fd.store(file.as_raw_fd(), Relaxed);
            slot.state.store(LIVE, Release);
            Ok(Registration { index })
        }

        pub(super) fn damage(&self) -> Damage {
            let slot = TABLE.get(self.index);
            match slot.map_or(0, |slot| slot.damage.load(Acquire)) {
                0 => Damage::None,
                1 => Damage::Truncated,
                _ => Damage::Unreadable,
            }
        }
    }

    impl Drop for Registration {
        // Fields are dropped in the order of their declaration: the slot is
        // free before the addresses can belong to somebody else.
        fn drop(&mut self) {
            if let Some(slot) = TABLE.get(self.index) {
                slot.state.store(FREE, Release);
            }
        }
    }

    /// The first address of the map in which bytes lie, and its file. It
    /// lives at least as long as they are borrowed from it.
    fn holding(bytes: &[u8]) -> Option<(usize, libc::c_int)> {
        let range = bytes.as_ptr_range();
        let (from, to) = (range.start as usize, range.end as usize);
        TABLE.iter().find_map(|slot| {
            let generation = slot.generation.load(Acquire);
            let is_live = slot.state.load(Acquire) == LIVE;
            let start = slot.start.load(Relaxed);
            let end = slot.end.load(Relaxed);
            let fd = slot.fd.load(Relaxed);
            // What was stored for a later map comes with a later number.
            fence(Acquire);
            let is_same = slot.generation.load(Relaxed) == generation;
            let holds = start <= from && to <= end;
            (is_live && is_same && holds).then_some((start, fd))
        })
    }

    pub(super) fn is_hole(bytes: &[u8]) -> bool {
        let Some((map, file)) = holding(bytes) else { return false };
        // SAFETY: the map owns the file and lives while its bytes are
        // borrowed.
        let file = unsafe { BorrowedFd::borrow_raw(file) };
        let system = rustix::fs::fstatfs(file).map(|system| system.f_type);
        let is_trusted = |system| TELL_OF_HOLES.contains(&(system as u32));
        if !system.is_ok_and(is_trusted) {
            return false;
        }
        let start = (bytes.as_ptr() as usize).saturating_sub(map) as u64;
        let end = start.saturating_add(bytes.len() as u64);
        let data = crate::layer::next_data(file, start);
        data.is_some_and(|data| data >= end)
    }

    pub(super) fn forget(bytes: &[u8]) {
        let page = PAGE.load(Relaxed);
        if page == 0 || holding(bytes).is_none() {
            return;
        }
        let range = bytes.as_ptr_range();
        let from = (range.start as usize).next_multiple_of(page);
        let rest = (range.end as usize).saturating_sub(from);
        let length = rest.saturating_sub(rest.checked_rem(page).unwrap_or(0));
        // SAFETY: the pages lie in a map of this module that lives as long
        // as `bytes` are borrowed from it, and which is shared and only read:
        // each is read from the file again when it is touched, or is zeros
        // once more where the file had none.
        unsafe {
            libc::madvise(
                from as *mut libc::c_void,
                length,
                libc::MADV_DONTNEED,
            );
        }
    }

    fn install() -> io::Result<()> {
        static DONE: OnceLock<bool> = OnceLock::new();
        if *DONE.get_or_init(try_install) {
            Ok(())
        } else {
            Err(io::Error::other("no handler for SIGBUS"))
        }
    }

    fn try_install() -> bool {
        // SAFETY: `sysconf` has no preconditions.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        let Ok(page) = usize::try_from(page) else { return false };
        if page == 0 {
            return false;
        }
        PAGE.store(page, Relaxed);
        // SAFETY: all-zero bytes are a valid `sigaction`: default action,
        // empty mask, no flags.
        let mut old: libc::sigaction = unsafe { std::mem::zeroed() };
        // SAFETY: a null new action only asks for the current one; `old` is
        // valid for writes.
        let asked = unsafe {
            libc::sigaction(libc::SIGBUS, std::ptr::null(), &mut old)
        };
        if asked != 0 || PREVIOUS.set(old).is_err() {
            return false;
        }
        // SAFETY: as above.
        let mut new: libc::sigaction = unsafe { std::mem::zeroed() };
        let handler: extern "C" fn(
            libc::c_int,
            *mut libc::siginfo_t,
            *mut libc::c_void,
        ) = on_sigbus;
        new.sa_sigaction = handler as libc::sighandler_t;
        new.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        // SAFETY: `on_sigbus` has the signature that SA_SIGINFO asks for,
        // calls only functions that are safe in a signal handler, and all it
        // reads was stored before this call.
        let set = unsafe {
            libc::sigaction(libc::SIGBUS, &new, std::ptr::null_mut())
        };
        set == 0
    }

    extern "C" fn on_sigbus(
        signal: libc::c_int,
        info: *mut libc::siginfo_t,
        context: *mut libc::c_void,
    ) {
        // SAFETY: the system passes a valid `siginfo_t`, and for SIGBUS it
        // carries an address.
        let address = unsafe { (*info).si_addr() } as usize;
        // SAFETY: the place of `errno` is valid for the whole thread; the
        // interrupted code must not see it change.
        let errno = unsafe { *libc::__errno_location() };
        let repaired = repair(address);
        // SAFETY: as above.
        unsafe { *libc::__errno_location() = errno };
        if !repaired {
            chain(signal, info, context);
        }
    }

    /// Puts zeros where `address` is, if it lies in one of our maps.
    fn repair(address: usize) -> bool {
        let page = PAGE.load(Relaxed);
        for slot in &TABLE {
            if slot.state.load(Acquire) != LIVE {
                continue;
            }
            let start = slot.start.load(Relaxed);
            let end = slot.end.load(Relaxed);
            if !(start..end).contains(&address) {
                continue;
            }
            let Some(in_page) = address.checked_rem(page) else {
                return false;
            };
            let from = address.saturating_sub(in_page);
            let at = from.saturating_sub(start) as u64;
            // Behind the end of the file everything is lost: one map, not
            // one signal for each page. Otherwise one page is bad.
            let (damage, length) = if ends_before(slot.fd.load(Relaxed), at) {
                (1, end.saturating_sub(from))
            } else {
                (2, page)
            };
            // SAFETY: `from..from + length` are whole pages inside a living
            // map that this module owns (its slot is LIVE, and the thread
            // that faulted borrows it), so MAP_FIXED replaces nothing else;
            // the map's owner unmaps the whole range in the end.
            let zeros = unsafe {
                libc::mmap(
                    from as *mut libc::c_void,
                    length,
                    libc::PROT_READ,
                    libc::MAP_FIXED | libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                    -1,
                    0,
                )
            };
            if zeros == libc::MAP_FAILED {
                return false;
            }
            // Truncated is the stronger word.
            if damage == 1 || slot.damage.load(Relaxed) == 0 {
                slot.damage.store(damage, Release);
            }
            return true;
        }
        false
    }

    /// Is the file's end at or before `offset`?
    fn ends_before(fd: libc::c_int, offset: u64) -> bool {
        // SAFETY: all-zero bytes are a valid `stat`.
        let mut stat: libc::stat = unsafe { std::mem::zeroed() };
        // SAFETY: `fstat` may be called in a signal handler; `stat` is valid
        // for writes, and a closed descriptor only gives an error.
        let done = unsafe { libc::fstat(fd, &mut stat) };
        done != 0 || u64::try_from(stat.st_size).unwrap_or(0) <= offset
    }

    /// Gives the signal to whoever had it before.
    fn chain(
        signal: libc::c_int,
        info: *mut libc::siginfo_t,
        context: *mut libc::c_void,
    ) {
        let previous = PREVIOUS.get();
        let handler = previous.map_or(libc::SIG_DFL, |p| p.sa_sigaction);
        if handler == libc::SIG_DFL || handler == libc::SIG_IGN {
            // SAFETY: all-zero bytes are the default action. The instruction
            // faults again and the process ends as it would have.
            unsafe {
                let default: libc::sigaction = std::mem::zeroed();
                libc::sigaction(signal, &default, std::ptr::null_mut());
            }
            return;
        }
        let with_info =
            previous.is_some_and(|p| p.sa_flags & libc::SA_SIGINFO != 0);
        if with_info {
            // SAFETY: the previous owner registered this function with
            // SA_SIGINFO, so it has this signature.
            let call = unsafe {
                std::mem::transmute::<
                    libc::sighandler_t,
                    extern "C" fn(
                        libc::c_int,
                        *mut libc::siginfo_t,
                        *mut libc::c_void,
                    ),
                >(handler)
            };
            call(signal, info, context);
        } else {
            // SAFETY: the previous owner registered this function without
            // SA_SIGINFO, so it has this signature.
            let call = unsafe {
                std::mem::transmute::<
                    libc::sighandler_t,
                    extern "C" fn(libc::c_int),
                >(handler)
            };
            call(signal);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod guard {
    use std::fs::File;
    use std::io;

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[allow(dead_code)]
    pub(super) enum Damage {
        None,
        Truncated,
        Unreadable,
    }

    #[derive(Debug)]
    pub(super) struct Registration;

    impl Registration {
        pub(super) fn new(_: &[u8], _: &File) -> io::Result<Registration> {
            Ok(Registration)
        }

        pub(super) fn damage(&self) -> Damage {
            Damage::None
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    const LENGTH: u64 = 8 << 20;

    fn file_of_ones() -> (std::path::PathBuf, File) {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("dragnet-map-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, vec![1; LENGTH as usize]).unwrap();
        let file = File::open(&path).unwrap();
        (path, file)
    }

    #[test]
    fn a_map_has_the_bytes_of_the_file() {
        let (path, file) = file_of_ones();
        let map = Mapping::new(file).unwrap();
        assert_eq!(map.bytes().len() as u64, LENGTH);
        assert!(map.bytes().iter().all(|byte| *byte == 1));
        assert_eq!(map.integrity(), Integrity::Intact);
        std::fs::remove_file(path).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_forgotten_comes_back_and_other_memory_stays() {
        let (path, file) = file_of_ones();
        let map = Mapping::new(file).unwrap();
        let resident = || {
            let smaps = std::fs::read_to_string("/proc/self/smaps").unwrap();
            let name = path.to_string_lossy();
            let of_map = smaps.split_once(&*name).unwrap().1;
            let rss = of_map.lines().find(|l| l.starts_with("Rss:")).unwrap();
            rss.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
        };
        assert!(map.bytes().iter().all(|byte| *byte == 1));
        assert_eq!(resident(), LENGTH >> 10);
        // A page that is only in part among the bytes may stay.
        forget(&map.bytes()[10..LENGTH as usize / 2]);
        assert!(resident() <= (LENGTH / 2 + 4096) >> 10);
        assert!(map.bytes().iter().all(|byte| *byte == 1));
        let own = vec![1; 1 << 20];
        forget(&own);
        assert!(own.iter().all(|byte| *byte == 1));
        std::fs::remove_file(path).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn holes_are_known_where_the_file_system_tells_of_them() {
        let (path, file) = file_of_ones();
        let writer = File::options().write(true).open(&path).unwrap();
        writer.set_len(3 * LENGTH).unwrap();
        let map = Mapping::new(file).unwrap();
        let length = LENGTH as usize;
        let bytes = map.bytes();
        assert!(!is_hole(&bytes[..length]));
        assert!(!is_hole(&bytes[length - 1..length + 1]));
        // A file system without holes says that all of it is data.
        let is_known = is_hole(&bytes[length..]);
        assert_eq!(is_hole(&bytes[2 * length..]), is_known);
        assert!(!is_hole(&vec![0; length]));
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_file_that_shrinks_under_the_map_does_not_kill() {
        let (path, file) = file_of_ones();
        let map = Mapping::new(file).unwrap();
        assert_eq!(map.bytes()[0], 1);
        let writer = File::options().write(true).open(&path).unwrap();
        writer.set_len(4096 + 10).unwrap();
        let ones = map.bytes().iter().filter(|byte| **byte == 1).count();
        assert_eq!(ones, 4096 + 10);
        assert_eq!(map.integrity(), Integrity::Truncated);
        // A second look needs no second signal and gives the same.
        assert_eq!(map.bytes()[LENGTH as usize - 1], 0);
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn maps_on_several_threads_are_told_apart() {
        let (damaged, file) = file_of_ones();
        let map = Mapping::new(file).unwrap();
        let (whole, file) = file_of_ones();
        let other = Mapping::new(file).unwrap();
        File::options()
            .write(true)
            .open(&damaged)
            .unwrap()
            .set_len(0)
            .unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    assert!(map.bytes().iter().all(|b| *b == 0));
                    assert!(other.bytes().iter().all(|b| *b == 1));
                });
            }
        });
        assert_eq!(map.integrity(), Integrity::Truncated);
        assert_eq!(other.integrity(), Integrity::Intact);
        std::fs::remove_file(damaged).unwrap();
        std::fs::remove_file(whole).unwrap();
    }

    #[test]
    fn slots_are_given_back() {
        let (path, _) = file_of_ones();
        for _ in 0..3000 {
            Mapping::new(File::open(&path).unwrap()).unwrap();
        }
        std::fs::remove_file(path).unwrap();
    }
}

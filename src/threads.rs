//! Threads that help with one large object.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use dragnet_engine::scan::Helpers;

/// How many threads may search together, for all scanners that share it.
///
/// Helpers are started for an object and end with it: next to the search of
/// a large object that costs nothing, and nobody ever waits for a pool that
/// is busy with something else.
///
/// ```
/// use std::sync::Arc;
///
/// let rules = dragnet::Rules::embedded()?;
/// let mut scanner = dragnet::Scanner::new(&rules);
/// scanner.set_threads(Arc::new(dragnet::Threads::new(4)));
/// assert_eq!(scanner.scan(b"small or large").rules().count(), 0);
/// # Ok::<(), dragnet::LoadError>(())
/// ```
#[derive(Debug)]
pub struct Threads {
    /// Helpers that are not at work.
    free: AtomicUsize,
}

impl Threads {
    /// So many, the one that scans included; 0: as many as the machine has.
    pub fn new(count: usize) -> Threads {
        let count = match count {
            0 => thread::available_parallelism().map_or(1, |n| n.get()),
            count => count,
        };
        Threads { free: AtomicUsize::new(count - 1) }
    }
}

impl Helpers for Threads {
    fn run(&self, job: &(dyn Fn() + Sync)) {
        // Other large objects meanwhile do without.
        let helpers = Taken {
            from: &self.free,
            count: self.free.swap(0, Ordering::Relaxed),
        };
        thread::scope(|scope| {
            for _ in 0..helpers.count {
                let helper = thread::Builder::new().name("scan-help".into());
                // Without it the work takes longer, no more.
                if helper.spawn_scoped(scope, job).is_err() {
                    break;
                }
            }
            job();
        });
    }

    fn searched(&self, bytes: &[u8]) {
        dragnet_evidence::forget(bytes);
    }

    fn are_zeros(&self, bytes: &[u8]) -> bool {
        dragnet_evidence::is_hole(bytes)
    }
}

/// Gives helpers back, also when the job panics.
struct Taken<'t> {
    from: &'t AtomicUsize,
    count: usize,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.from.fetch_add(self.count, Ordering::Relaxed);
    }
}

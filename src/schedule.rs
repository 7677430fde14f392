//! Work on several threads, results in the order of the work.
//!
//! The calling thread hands out numbered work. Whoever finishes the next
//! number writes it, and all that wait behind it; nobody waits for the disk
//! while holding the lock. Memory is bounded: no work is handed out while
//! too many results wait for an earlier one.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Most pieces of work that wait for a thread. They are handed out until
/// there are so many, and again when half of them are taken: to wake a
/// thread for each would take longer than to scan a small file.
const AHEAD: usize = 256;

/// Most results that wait for an earlier one.
const WINDOW: u64 = 4096;

/// Most bytes of results that wait.
const WAITING_BYTES: usize = 64 << 20;

/// A result to be written in order.
pub(crate) trait Ordered: Send {
    /// Its memory.
    fn size(&self) -> usize;
}

struct State<T> {
    next: u64,
    waiting: BTreeMap<u64, T>,
    bytes: usize,
    is_writing: bool,
    /// Does somebody wait for room?
    is_awaited: bool,
    error: Option<io::Error>,
}

struct Queue<T> {
    state: Mutex<State<T>>,
    moved: Condvar,
    stopped: AtomicBool,
}

impl<T: Ordered> Queue<T> {
    fn new() -> Queue<T> {
        let state = State {
            next: 0,
            waiting: BTreeMap::new(),
            bytes: 0,
            is_writing: false,
            is_awaited: false,
            error: None,
        };
        Queue {
            state: Mutex::new(state),
            moved: Condvar::new(),
            stopped: AtomicBool::new(false),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // The state is whole between any two statements below.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is room for this number.
    fn wait_for_room(&self, number: u64) {
        let full = |state: &mut State<T>| {
            let is_far = number >= state.next.saturating_add(WINDOW);
            // The next number itself always has room.
            let is_large = state.bytes > WAITING_BYTES;
            let is_full = (is_far || is_large) && number != state.next;
            state.is_awaited = is_full && !self.is_stopped();
            state.is_awaited
        };
        let guard = self.lock();
        let waited = self.moved.wait_while(guard, full);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Takes a result, and writes what is next.
    fn finish(
        &self,
        number: u64,
        result: T,
        write: &(dyn Fn(T) -> io::Result<bool> + Sync),
    ) {
        let mut state = self.lock();
        state.bytes += result.size();
        state.waiting.insert(number, result);
        if state.is_writing {
            return;
        }
        loop {
            let next = state.next;
            let Some(result) = state.waiting.remove(&next) else { break };
            state.is_writing = true;
            let size = result.size();
            drop(state);
            let written =
                if self.is_stopped() { Ok(false) } else { write(result) };
            if !matches!(written, Ok(true)) {
                self.stopped.store(true, Ordering::Relaxed);
            }
            state = self.lock();
            state.is_writing = false;
            state.bytes = state.bytes.saturating_sub(size);
            state.next += 1;
            if let Err(error) = written {
                state.error.get_or_insert(error);
            }
            if state.is_awaited {
                self.moved.notify_all();
            }
        }
    }
}

/// Numbered work that waits for a thread.
struct Work<W> {
    state: Mutex<Handed<W>>,
    room: Condvar,
    more: Condvar,
}

struct Handed<W> {
    waiting: VecDeque<(u64, W)>,
    is_full: bool,
    /// Threads that wait for more.
    idle: usize,
    /// No more will come.
    is_all: bool,
}

impl<W> Work<W> {
    fn new() -> Work<W> {
        let waiting = VecDeque::with_capacity(AHEAD);
        let state = Handed { waiting, is_full: false, idle: 0, is_all: false };
        Work {
            state: Mutex::new(state),
            room: Condvar::new(),
            more: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Handed<W>> {
        // The state is whole between any two statements below.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands out, once there is room.
    fn give(&self, number: u64, work: W) {
        let waited = self.room.wait_while(self.lock(), |s| s.is_full);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        state.waiting.push_back((number, work));
        state.is_full = state.waiting.len() >= AHEAD;
        if state.idle > 0 {
            self.more.notify_one();
        }
    }

    /// There is no more to hand out.
    fn end(&self) {
        self.lock().is_all = true;
        self.more.notify_all();
    }

    /// The next one; `None` at the end.
    fn take(&self) -> Option<(u64, W)> {
        let none = |s: &mut Handed<W>| s.waiting.is_empty() && !s.is_all;
        let mut state = self.lock();
        state.idle += 1;
        let waited = self.more.wait_while(state, none);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        state.idle -= 1;
        let next = state.waiting.pop_front();
        if state.is_full && state.waiting.len() <= AHEAD / 2 {
            state.is_full = false;
            self.room.notify_one();
        }
        next
    }
}

/// Runs all work that `produce` hands out. `start` makes what a thread needs
/// for itself, `run` does one piece of work, `write` gets the results in
/// order; it returns false when no more are wanted, and `produce` is told
/// so by the function that it calls.
pub(crate) fn run<W, S, T>(
    threads: usize,
    produce: impl FnOnce(&mut dyn FnMut(W) -> bool),
    start: impl Fn() -> S + Sync,
    run: impl Fn(&mut S, W) -> T + Sync,
    write: impl Fn(T) -> io::Result<bool> + Sync,
) -> io::Result<()>
where
    W: Send,
    T: Ordered,
{
    let queue = Queue::new();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|n| format!("scan-{n}"))
        .build()
        .map_err(io::Error::other)?;
    let work = Work::new();
    pool.in_place_scope(|scope| {
        for _ in 0..pool.current_num_threads() {
            scope.spawn(|_| {
                let mut own = start();
                while let Some((number, work)) = work.take() {
                    if queue.is_stopped() {
                        continue;
                    }
                    let result = run(&mut own, work);
                    queue.finish(number, result, &write);
                }
            });
        }
        let mut number = 0;
        produce(&mut |next| {
            queue.wait_for_room(number);
            let goes_on = !queue.is_stopped();
            if goes_on {
                work.give(number, next);
            }
            number += 1;
            goes_on
        });
        work.end();
    });
    let error = queue.lock().error.take();
    error.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    impl Ordered for u64 {
        fn size(&self) -> usize {
            1
        }
    }

    fn collect(
        threads: usize,
        count: u64,
        work: impl Fn(u64) -> u64 + Sync,
        limit: usize,
    ) -> Vec<u64> {
        let seen = Mutex::new(Vec::new());
        let produce = |hand_out: &mut dyn FnMut(u64) -> bool| {
            for number in 0..count {
                if !hand_out(number) {
                    break;
                }
            }
        };
        let write = |result| {
            let mut seen = seen.lock().unwrap();
            seen.push(result);
            Ok(seen.len() < limit)
        };
        run(threads, produce, || (), |(), n| work(n), write).unwrap();
        seen.into_inner().unwrap()
    }

    #[test]
    fn results_come_in_the_order_of_the_work() {
        let uneven = |number: u64| {
            // Work of very different length.
            let rounds = if number.is_multiple_of(7) { 20_000 } else { 1 };
            let sum = (0..rounds).fold(number, |a, b: u64| a ^ b);
            std::hint::black_box(sum);
            number
        };
        let expected: Vec<u64> = (0..20_000).collect();
        assert_eq!(collect(4, 20_000, uneven, usize::MAX), expected);
    }

    #[test]
    fn writing_can_end_the_run() {
        let seen = collect(4, 1_000_000, |n| n, 10);
        let expected: Vec<u64> = (0..10).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn every_thread_starts_once() {
        let starts = AtomicUsize::new(0);
        let start = || {
            starts.fetch_add(1, Ordering::Relaxed);
        };
        let produce = |hand_out: &mut dyn FnMut(u64) -> bool| {
            assert!(hand_out(0));
        };
        run(3, produce, start, |(), n: u64| n, |_| Ok(true)).unwrap();
        assert_eq!(starts.into_inner(), 3);
    }

    #[test]
    fn an_error_in_writing_is_given_back() {
        let produce = |hand_out: &mut dyn FnMut(u64) -> bool| {
            let mut number = 0;
            while hand_out(number) {
                number += 1;
            }
        };
        let write = |_| Err(io::Error::other("full"));
        let error = run(2, produce, || (), |(), n: u64| n, write).unwrap_err();
        assert_eq!(error.to_string(), "full");
    }
}

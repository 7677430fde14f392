//! Work on several threads, results in the order of the work.
//!
//! The calling thread hands out numbered work. Whoever finishes the next
//! number writes it, and all that wait behind it; nobody waits for the disk
//! while holding the lock. Memory is bounded: no work is handed out while
//! too many results wait for an earlier one.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};

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
            !self.is_stopped() && (is_far || is_large) && number != state.next
        };
        let guard = self.lock();
        let waited = self.moved.wait_while(guard, full);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    fn stop(&self) {
        // Under the lock, so that nobody misses the wake-up.
        let guard = self.lock();
        self.stopped.store(true, Ordering::Relaxed);
        drop(guard);
        self.moved.notify_all();
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
            self.moved.notify_all();
        }
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
    let threads = pool.current_num_threads();
    let (sender, receiver) = mpsc::sync_channel::<(u64, W)>(threads * 4);
    let receiver = Mutex::new(receiver);
    pool.in_place_scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|_| {
                let mut own = start();
                loop {
                    let received = receiver
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .recv();
                    let Ok((number, work)) = received else { break };
                    if queue.is_stopped() {
                        continue;
                    }
                    let result = run(&mut own, work);
                    queue.finish(number, result, &write);
                }
            });
        }
        let mut number = 0;
        produce(&mut |work| {
            queue.wait_for_room(number);
            let goes_on =
                !queue.is_stopped() && sender.send((number, work)).is_ok();
            number += 1;
            if !goes_on {
                queue.stop();
            }
            goes_on
        });
        drop(sender);
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

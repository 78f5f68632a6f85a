//! Threads for one call: started for a batch, gone after it, so there is no pool for a forked child to inherit dead.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// The caller asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interrupted;

/// Asks whether to stop. Called on the calling thread, some ten times a second.
pub type Stop<'a> = &'a dyn Fn() -> bool;

/// How long the calling thread waits before it asks again.
const PATIENCE: Duration = Duration::from_millis(50);

/// Tells the calling thread that a worker is through, also when it panics.
struct Through<'a>(&'a AtomicUsize, &'a Thread);

impl Drop for Through<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Release);
        self.1.unpark();
    }
}

/// Scratch spaces that outlive the threads that use them: growing them anew for every batch would cost more than the threads do.
#[derive(Debug)]
pub struct Pool<S>(Mutex<Vec<S>>);

impl<S> Default for Pool<S> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<S: Default> Pool<S> {
    fn take(&self) -> S {
        self.0.lock().expect("nobody panics with the lock").pop().unwrap_or_default()
    }

    fn give(&self, scratch: S) {
        self.0.lock().expect("nobody panics with the lock").push(scratch);
    }
}

/// Runs `work` over the blocks `0..blocks` on `workers` threads, and `meanwhile` on this one; returns the results in the order of the blocks.
/// One worker is this thread: starting another for each batch, and bringing texts from its caches into the other's, costs more than it gains.
///
/// The result does not depend on `workers`. Blocks are handed out as threads get free; each thread has a scratch space
/// from the pool.
pub fn map_blocks<S: Default + Send, R: Send>(
    workers: usize,
    pool: &Pool<S>,
    blocks: usize,
    work: impl Fn(&mut S, usize) -> R + Sync,
    stop: Stop<'_>,
    meanwhile: impl FnOnce(),
) -> Result<Vec<R>, Interrupted> {
    if workers <= 1 || blocks <= 1 {
        return map_here(pool, blocks, work, stop, meanwhile);
    }
    let (next, through, stopped) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let caller = thread::current();
    let run = || {
        let _through = Through(&through, &caller);
        let (mut scratch, mut results) = (pool.take(), Vec::new());
        loop {
            let block = next.fetch_add(1, Ordering::Relaxed);
            if block >= blocks || stopped.load(Ordering::Relaxed) {
                break;
            }
            results.push((block, work(&mut scratch, block)));
        }
        pool.give(scratch);
        results
    };
    let mut results = thread::scope(|scope| {
        let handles: Vec<_> = (0..workers.min(blocks)).map(|_| scope.spawn(run)).collect();
        meanwhile();
        while through.load(Ordering::Acquire) < handles.len() {
            thread::park_timeout(PATIENCE);
            if stop() {
                stopped.store(true, Ordering::Relaxed);
            }
        }
        let join =
            |handle: thread::ScopedJoinHandle<'_, Vec<(usize, R)>>| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        handles.into_iter().flat_map(join).collect::<Vec<_>>()
    });
    if stopped.into_inner() {
        return Err(Interrupted);
    }
    results.sort_unstable_by_key(|(block, _)| *block);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

/// The same without a thread: one alone has nobody to wait for.
fn map_here<S: Default, R>(
    pool: &Pool<S>,
    blocks: usize,
    work: impl Fn(&mut S, usize) -> R,
    stop: Stop<'_>,
    meanwhile: impl FnOnce(),
) -> Result<Vec<R>, Interrupted> {
    let (mut scratch, mut results, mut asked) = (pool.take(), Vec::with_capacity(blocks), Instant::now());
    for block in 0..blocks {
        if asked.elapsed() >= PATIENCE {
            if stop() {
                return Err(Interrupted);
            }
            asked = Instant::now();
        }
        results.push(work(&mut scratch, block));
    }
    pool.give(scratch);
    meanwhile();
    if stop() { Err(Interrupted) } else { Ok(results) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_whatever_the_workers() {
        for workers in [1, 2, 8] {
            let squares = map_blocks(workers, &Pool::default(), 100, |_: &mut (), i| i * i, &|| false, || ()).unwrap();
            assert_eq!(squares, (0..100).map(|i| i * i).collect::<Vec<_>>());
        }
        assert_eq!(map_blocks(4, &Pool::default(), 0, |_: &mut (), i| i, &|| false, || ()), Ok(vec![]));
    }

    #[test]
    fn a_request_to_stop_is_honoured_between_blocks() {
        let slow = |_: &mut (), _| thread::sleep(Duration::from_millis(5));
        for workers in [1, 2] {
            assert_eq!(map_blocks(workers, &Pool::default(), 100_000, slow, &|| true, || ()), Err(Interrupted));
        }
    }
}

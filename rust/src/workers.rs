//! Threads for one call: started for a batch, gone after it, so there is no pool for a forked child to inherit dead.

use std::collections::BTreeMap;
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

/// When the calling thread last asked.
pub struct Patience(Instant);

impl Default for Patience {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Patience {
    /// Asks whether to stop, if it is time to ask.
    pub fn is_over(&mut self, stop: Stop<'_>) -> bool {
        if self.0.elapsed() < PATIENCE {
            return false;
        }
        self.0 = Instant::now();
        stop()
    }
}

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

/// Runs a corpus through three stages: `load` fills a batch, `work` makes something of it, `absorb` takes that in. Batches are loaded and absorbed one
/// at a time and in order; work is done by all workers at once, each with a batch and a scratch space of its own, so that a text
/// is read by the processor that laid it out. `load` returns whether there was anything left.
///
/// One worker is the calling thread; of several all are started, since the calling one has to listen.
pub fn stream<B: Default, S: Default, R: Send>(
    workers: usize,
    load: impl FnMut(&mut B) -> bool + Send,
    work: impl Fn(&mut S, &B) -> R + Sync,
    absorb: impl FnMut(R) + Send,
    stop: Stop<'_>,
) -> Result<(), Interrupted> {
    let entrance = Mutex::new((0, load));
    let exit = Mutex::new(Exit { next: 0, waiting: BTreeMap::new(), absorb });
    let run = |stopped: &mut dyn FnMut() -> bool| {
        let (mut batch, mut scratch) = (B::default(), S::default());
        while !stopped() {
            let number = {
                let (next, load) = &mut *entrance.lock().expect("a panic ends all workers");
                if !load(&mut batch) {
                    break;
                }
                *next += 1;
                *next - 1
            };
            let result = work(&mut scratch, &batch);
            exit.lock().expect("a panic ends all workers").pass(number, result);
        }
    };
    if workers > 1 {
        return run_apart(workers, |stopped| run(&mut || stopped.load(Ordering::Relaxed)), stop).map(drop);
    }
    let (mut patience, mut stopped) = (Patience::default(), false);
    run(&mut || {
        stopped |= patience.is_over(stop);
        stopped
    });
    if stopped || stop() { Err(Interrupted) } else { Ok(()) }
}

/// Lets results out in the order of their numbers.
struct Exit<R, A> {
    next: usize,
    waiting: BTreeMap<usize, R>,
    absorb: A,
}

impl<R, A: FnMut(R)> Exit<R, A> {
    fn pass(&mut self, number: usize, result: R) {
        self.waiting.insert(number, result);
        while let Some(result) = self.waiting.remove(&self.next) {
            (self.absorb)(result);
            self.next += 1;
        }
    }
}

/// Runs `run` on so many threads, while this one asks whether to stop; the answer is passed on to `run` in what it is given.
fn run_apart<R: Send>(workers: usize, run: impl Fn(&AtomicBool) -> R + Sync, stop: Stop<'_>) -> Result<Vec<R>, Interrupted> {
    let (through, stopped, caller) = (AtomicUsize::new(0), AtomicBool::new(false), thread::current());
    let run = || {
        let _through = Through(&through, &caller);
        run(&stopped)
    };
    let results = thread::scope(|scope| {
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(run)).collect();
        while through.load(Ordering::Acquire) < handles.len() {
            thread::park_timeout(PATIENCE);
            if stop() {
                stopped.store(true, Ordering::Relaxed);
            }
        }
        let join = |handle: thread::ScopedJoinHandle<'_, R>| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        handles.into_iter().map(join).collect()
    });
    if stopped.into_inner() { Err(Interrupted) } else { Ok(results) }
}

/// Runs `work` over the blocks `0..blocks` on `workers` threads; returns the results in the order of the blocks.
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
) -> Result<Vec<R>, Interrupted> {
    if workers <= 1 || blocks <= 1 {
        return map_here(pool, blocks, work, stop);
    }
    let next = AtomicUsize::new(0);
    let run = |stopped: &AtomicBool| {
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
    let mut results = run_apart(workers.min(blocks), run, stop)?.into_iter().flatten().collect::<Vec<_>>();
    results.sort_unstable_by_key(|(block, _)| *block);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

/// Does what [`map_blocks`] does on this thread: one worker has nobody to wait for.
fn map_here<S: Default, R>(
    pool: &Pool<S>,
    blocks: usize,
    work: impl Fn(&mut S, usize) -> R,
    stop: Stop<'_>,
) -> Result<Vec<R>, Interrupted> {
    let (mut scratch, mut results, mut patience) = (pool.take(), Vec::with_capacity(blocks), Patience::default());
    for block in 0..blocks {
        if patience.is_over(stop) {
            return Err(Interrupted);
        }
        results.push(work(&mut scratch, block));
    }
    pool.give(scratch);
    if stop() { Err(Interrupted) } else { Ok(results) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_whatever_the_workers() {
        for workers in [1, 2, 8] {
            let squares = map_blocks(workers, &Pool::default(), 100, |_: &mut (), i| i * i, &|| false).unwrap();
            assert_eq!(squares, (0..100).map(|i| i * i).collect::<Vec<_>>());
        }
        assert_eq!(map_blocks(4, &Pool::default(), 0, |_: &mut (), i| i, &|| false), Ok(vec![]));
    }

    #[test]
    fn a_stream_is_absorbed_in_order_whatever_the_workers() {
        for workers in [1, 2, 8] {
            let (mut numbers, mut squares) = (0..100u64, Vec::new());
            let load = |batch: &mut Option<u64>| {
                *batch = numbers.next();
                batch.is_some()
            };
            let work = |_: &mut (), batch: &Option<u64>| {
                thread::sleep(Duration::from_micros(batch.unwrap() % 7 * 50));
                batch.unwrap().pow(2)
            };
            stream(workers, load, work, |square| squares.push(square), &|| false).unwrap();
            assert_eq!(squares, (0..100).map(|i| i * i).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_endless_stream_stops_on_request() {
        for workers in [1, 2] {
            assert_eq!(stream(workers, |_: &mut ()| true, |_: &mut (), _| (), |_| (), &|| true), Err(Interrupted));
        }
    }

    #[test]
    fn a_request_to_stop_is_honoured_between_blocks() {
        let slow = |_: &mut (), _| thread::sleep(Duration::from_millis(5));
        for workers in [1, 2] {
            assert_eq!(map_blocks(workers, &Pool::default(), 100_000, slow, &|| true), Err(Interrupted));
        }
    }
}

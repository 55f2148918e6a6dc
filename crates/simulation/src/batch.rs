//! Many seeds, on as many cores as there are.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::play::{Ending, play};
use crate::story::Story;

/// A story and what came of it.
#[derive(Debug)]
pub struct Told {
    pub story: Story,
    pub ending: Ending,
}

/// Plays the story of each seed, in order of their seeds; `each` is called as they come.
pub fn tell(seeds: Range<u64>, jobs: usize, each: impl Fn(&Told) + Sync) -> Vec<Told> {
    let next = AtomicU64::new(seeds.start);
    let told = Mutex::new(Vec::new());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return;
            }
            let story = Story::of(seed);
            let ending = play(&story, false);
            let one = Told { story, ending };
            each(&one);
            told.lock().unwrap().push(one);
        }
    };
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(work);
        }
    });
    let mut told = told.into_inner().unwrap();
    told.sort_by_key(|one| one.story.seed);
    told
}

//! Many seeds, on as many cores as there are.

use std::sync::Mutex;
use std::thread;

use crate::play::{Ending, play};
use crate::story::Story;

/// A story and what came of it.
#[derive(Debug)]
pub struct Told {
    pub story: Story,
    pub ending: Ending,
}

/// Plays these stories; `each` is called as they come. In the order of their seeds.
pub fn tell(stories: Vec<Story>, jobs: usize, each: impl Fn(&Told) + Sync) -> Vec<Told> {
    let told = Mutex::new(Vec::new());
    let keep = |one: Told| {
        each(&one);
        told.lock().unwrap().push(one);
    };
    play_all(stories, jobs, keep);
    let mut told = told.into_inner().unwrap();
    told.sort_by_key(|one| one.story.seed);
    told
}

/// Plays these stories, in order, as many at once as there are jobs.
pub fn play_all(stories: Vec<Story>, jobs: usize, each: impl Fn(Told) + Sync) {
    let waiting = Mutex::new(stories.into_iter());
    let work = || {
        loop {
            let Some(story) = waiting.lock().unwrap().next() else { return };
            let ending = play(&story, false);
            each(Told { story, ending });
        }
    };
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(work);
        }
    });
}

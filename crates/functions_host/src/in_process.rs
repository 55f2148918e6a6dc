//! A handler that is a function in this process: for tests in virtual time.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{mpsc, oneshot};

use crate::driver::Handler;
use crate::wire::{Exit, HttpRequest, HttpResponse, Launch, Stream};

/// Plays the handler's process: `F` answers its requests. What a process loses when it dies is what
/// the futures of `F` hold: they are dropped.
#[derive(Debug)]
pub struct InProcess<F> {
    answer: F,
    processes: Mutex<BTreeMap<u64, oneshot::Sender<Exit>>>,
    /// The last generation that was to end: it may not have been started yet.
    killed: AtomicU64,
}

impl<F, A> InProcess<F>
where
    F: Fn(HttpRequest) -> A + Send + Sync + 'static,
    A: Future<Output = Result<HttpResponse, String>> + Send + 'static,
{
    pub fn new(answer: F) -> Self {
        Self { answer, processes: Mutex::default(), killed: AtomicU64::default() }
    }

    /// The process that runs now ends by itself.
    pub fn exit(&self, exit: Exit) {
        let last = self.processes().pop_last();
        if let Some((_, process)) = last {
            // A process that ended already cannot end again.
            let _ = process.send(exit);
        }
    }

    fn processes(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, oneshot::Sender<Exit>>> {
        self.processes.lock().expect("no code panics while it holds this lock")
    }
}

impl<F, A> Handler for InProcess<F>
where
    F: Fn(HttpRequest) -> A + Send + Sync + 'static,
    A: Future<Output = Result<HttpResponse, String>> + Send + 'static,
{
    async fn run(
        &self,
        generation: u64,
        _launch: Launch,
        _lines: mpsc::UnboundedSender<(Stream, String)>,
    ) -> Result<Exit, String> {
        let (process, ended) = oneshot::channel();
        self.processes().insert(generation, process);
        if generation <= self.killed.load(Ordering::SeqCst) {
            self.kill(generation);
        }
        Ok(ended.await.unwrap_or(Exit::Signal(9)))
    }

    fn kill(&self, generation: u64) {
        self.killed.fetch_max(generation, Ordering::SeqCst);
        // Dropping the sender is the kill.
        self.processes().remove(&generation);
    }

    async fn is_ready(&self, generation: u64) -> bool {
        self.processes().contains_key(&generation)
    }

    async fn call(&self, generation: u64, request: HttpRequest) -> Result<HttpResponse, String> {
        if !self.processes().contains_key(&generation) {
            return Err("Connection refused".into());
        }
        (self.answer)(request).await
    }
}

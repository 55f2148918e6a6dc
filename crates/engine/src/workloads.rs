//! The same for every workload: side by side, and what is wrong with one is no other's trouble.

use futures::future::join_all;

use crate::error::Error;
use crate::{Engine, documents};

impl Engine {
    /// What came of it where it did not fail; `failed` is what the log says where it did.
    pub(crate) async fn in_each_workload<T, F>(
        &self,
        failed: &'static str,
        work: impl Fn(String) -> F,
    ) -> Result<Vec<T>, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let workloads = documents::workloads(self.outside.store.as_ref()).await?;
        let results = join_all(workloads.iter().cloned().map(work)).await;
        let mut done = Vec::new();
        for (workload, result) in workloads.iter().zip(results) {
            match result {
                Ok(it) => done.push(it),
                Err(error) => tracing::error!(workload, %error, "{failed}"),
            }
        }
        Ok(done)
    }
}

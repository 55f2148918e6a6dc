//! A value that many states share. Its digest is taken once, so that a state is cheap to compare.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

#[derive(Debug)]
pub(crate) struct Shared<T> {
    digest: u64,
    value: Arc<T>,
}

impl<T: Hash> Shared<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { digest: digest(&value), value: Arc::new(value) }
    }
}

impl<T: Hash + Clone> Shared<T> {
    /// Changes a copy of it, or itself if nobody else has it.
    pub(crate) fn change<R>(&mut self, how: impl FnOnce(&mut T) -> R) -> R {
        let value = Arc::make_mut(&mut self.value);
        let result = how(value);
        self.digest = digest(value);
        result
    }
}

/// The same value has the same digest in every process.
pub(crate) fn digest(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

impl<T> std::ops::Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self { digest: self.digest, value: Arc::clone(&self.value) }
    }
}

impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
            && (Arc::ptr_eq(&self.value, &other.value) || self.value == other.value)
    }
}

impl<T: Eq> Eq for Shared<T> {}

impl<T> Hash for Shared<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

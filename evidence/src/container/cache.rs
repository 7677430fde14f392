//! A small cache that many threads share.
//!
//! A lock is held while an entry is looked up or put, never while one is
//! made; two threads that miss the same entry both make it.

use std::sync::{Arc, Mutex, PoisonError};

const SHARDS: u64 = 8;

/// Entries with their numbers, the last used first.
type Shard<V> = Mutex<Vec<(u64, Arc<V>)>>;

/// The entries used last, by number.
pub(crate) struct Cache<V> {
    shards: Vec<Shard<V>>,
    per_shard: usize,
}

impl<V> Cache<V> {
    /// Holds about this many entries.
    pub(crate) fn new(entries: usize) -> Cache<V> {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        let per_shard = entries.div_ceil(SHARDS as usize).max(1);
        Cache { shards, per_shard }
    }

    fn shard(&self, key: u64) -> Option<&Shard<V>> {
        self.shards.get((key % SHARDS) as usize)
    }

    /// The entry, or the one that `make` makes, which is kept.
    pub(crate) fn get(&self, key: u64, make: impl FnOnce() -> V) -> Arc<V> {
        if let Some(shard) = self.shard(key) {
            let mut entries =
                shard.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(at) = entries.iter().position(|e| e.0 == key) {
                // The front is what was used last.
                entries.get_mut(..=at).unwrap_or_default().rotate_right(1);
                if let Some((_, value)) = entries.first() {
                    return value.clone();
                }
            }
        }
        let value = Arc::new(make());
        if let Some(shard) = self.shard(key) {
            let mut entries =
                shard.lock().unwrap_or_else(PoisonError::into_inner);
            entries.truncate(self.per_shard.saturating_sub(1));
            entries.insert(0, (key, value.clone()));
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entry_goes_first() {
        let cache = Cache::new(16);
        let mut made = Vec::new();
        // All of one shard, which holds two.
        for key in [0, 8, 0, 16, 0, 8] {
            let value = cache.get(key, || {
                made.push(key);
                key + 1
            });
            assert_eq!(*value, key + 1);
        }
        assert_eq!(made, [0, 8, 16, 8]);
    }
}

use store::StoreError;

use crate::backend::{Backend, on_every_backend};

on_every_backend!(
    a_missing_record_is_named_instead_of_skipped,
    a_gap_before_the_part_that_is_read_is_noticed_too,
    a_journal_without_a_beginning_is_broken,
);

async fn a_missing_record_is_named_instead_of_skipped(backend: &Backend) {
    let store = backend.open();
    for seq in [0, 1, 3, 4] {
        store.append("run", seq, "a", b"{}").await.unwrap();
    }
    let error = store.read("run", 0).await.unwrap_err();
    let StoreError::Corrupt { journal, seq, problem } = &error else { panic!("{error}") };
    assert_eq!((journal.as_str(), *seq), ("run", 2));
    assert!(problem.contains("record 3 is there"), "{problem}");
    assert!(error.to_string().contains("docs/operating.md"), "the way out: {error}");
}

async fn a_gap_before_the_part_that_is_read_is_noticed_too(backend: &Backend) {
    let store = backend.open();
    for seq in [0, 2, 3] {
        store.append("run", seq, "a", b"{}").await.unwrap();
    }
    for from in 0..=9 {
        let error = store.read("run", from).await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { seq: 1, .. }), "from {from}: {error}");
    }
}

async fn a_journal_without_a_beginning_is_broken(backend: &Backend) {
    let store = backend.open();
    store.append("run", 1, "a", b"{}").await.unwrap();
    let error = store.read("run", 0).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { seq: 0, .. }), "{error}");
}

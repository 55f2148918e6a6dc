//! A journal that somebody or something has changed: both backends refuse it in the same words, and
//! other journals are not harmed. Memory has no back door through which it could be changed.

use store::StoreError;
use store::record::encode;

use crate::backend::{Backend, on_every_lasting_backend};

on_every_lasting_backend!(
    a_broken_record_is_refused_with_its_journal_its_number_and_what_is_wrong,
    a_journal_is_read_again_when_its_record_is_back,
);

/// What lies in the place of record 1, and what is said of it.
fn broken(journal: &str) -> Vec<(Vec<u8>, &'static str)> {
    let good = |journal: &str, seq| encode(journal, seq, "a", b"{\"n\":1}").unwrap();
    let whole = good(journal, 1);
    vec![
        (whole.as_bytes()[..whole.len() - 3].to_vec(), "it is torn: it ends after"),
        (Vec::new(), "it is torn: it is empty"),
        (vec![0; 512], "it is torn: it is 512 zero bytes"),
        (vec![0xff, 0xfe, b'{'], "it is damaged or was not written by Farshore"),
        (br#"{"hello":"world"}"#.to_vec(), "it is damaged or was not written by Farshore"),
        (good(journal, 0).into_bytes(), "here lies record 0 of journal"),
        (good("other-run", 1).into_bytes(), "here lies record 1 of journal \"other-run\""),
        (whole.replacen('{', "{\"format\":2,", 1).into_bytes(), "it is written in format 2"),
        (br#"{"format":7,"all":"new"}"#.to_vec(), "it is written in format 7"),
    ]
}

async fn a_broken_record_is_refused_with_its_journal_its_number_and_what_is_wrong(
    backend: &Backend,
) {
    let store = backend.open();
    for journal in ["run", "healthy"] {
        for seq in 0..3 {
            store.append(journal, seq, "a", b"{\"n\":1}").await.unwrap();
        }
    }
    for (bytes, words) in broken("run") {
        backend.plant("run", 1, &bytes).await;
        let error = store.read("run", 0).await.unwrap_err();
        let StoreError::Corrupt { journal, seq, problem } = &error else { panic!("{error}") };
        assert_eq!((journal.as_str(), *seq), ("run", 1), "{problem}");
        assert!(problem.contains(words), "{words}: {problem}");
        let text = error.to_string();
        assert!(text.contains("journal \"run\" is broken at record 1: "), "{text}");
        assert!(text.contains("docs/operating.md"), "the way out: {text}");
        assert_eq!(store.read("healthy", 0).await.unwrap().len(), 3, "others are not harmed");
    }
}

async fn a_journal_is_read_again_when_its_record_is_back(backend: &Backend) {
    let store = backend.open();
    for seq in 0..3 {
        store.append("run", seq, "a", b"{\"n\":1}").await.unwrap();
    }
    backend.plant("run", 1, b"").await;
    store.read("run", 0).await.unwrap_err();
    let record = encode("run", 1, "a", b"{\"n\":1}").unwrap();
    backend.plant("run", 1, record.as_bytes()).await;
    assert_eq!(store.read("run", 0).await.unwrap().len(), 3);
    // One that says its format is one of ours too.
    let said = record.replacen('{', "{\"format\":1,", 1);
    backend.plant("run", 1, said.as_bytes()).await;
    assert_eq!(store.read("run", 0).await.unwrap().len(), 3);
}

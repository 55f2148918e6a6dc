//! Takes out of a recording what names its owner, and leaves what Azure itself says.
//!
//! The same real value gets the same stand-in wherever it occurs: in ids, addresses, host names
//! and sentences. So a recording is sanitised twice: the first time to learn all names that are in
//! it ([`Sanitiser::learn`]), the second time to replace them, also where they occurred before
//! anything said that they are names.
//!
//! - `vocabulary`: the words that identify nobody
//! - `stand_ins`: what is given out instead of a real value, and how it is known again
//! - `fields`: what the name of a field says about its value
//! - `paths`: resource ids and URLs, segment by segment
//! - `text`: names and patterns inside sentences
//! - `json`: whole bodies

pub mod fields;
mod json;
mod paths;
pub mod stand_ins;
mod text;
mod vocabulary;

use std::collections::BTreeMap;

use serde_json::Value;
use url::Url;

use self::stand_ins::StandIns;

/// One recording's sanitiser. It remembers what it gave out, and is never written anywhere.
#[derive(Debug, Default)]
pub struct Sanitiser {
    stand_ins: StandIns,
    /// Folded names with their stand-ins; see [`Sanitiser::name`].
    names: BTreeMap<String, String>,
    /// How many names of a kind there are.
    kinds: BTreeMap<String, u32>,
    /// Words that the person wants to be replaced wherever they are.
    hidden: Vec<String>,
    /// Where the recording was made, if not in the public cloud.
    endpoint: Option<String>,
}

/// A body without what was private in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Cleaned {
    pub value: Value,
    /// JSON pointers to what was removed.
    pub removed: Vec<String>,
}

impl Sanitiser {
    /// `hidden` are words of the owner: of their company, their products, themselves.
    pub fn new(hidden: &[String]) -> Self {
        let mut sanitiser = Self::default();
        for word in hidden {
            sanitiser.hidden.push(word.to_ascii_lowercase());
            sanitiser.name(word, "hidden");
        }
        sanitiser
    }

    /// The address of this endpoint is shown as the public cloud's.
    #[must_use]
    pub fn at(mut self, endpoint: &Url) -> Self {
        self.endpoint = Some(endpoint.origin().ascii_serialization());
        self
    }

    /// Learns the names in a body.
    pub fn learn(&mut self, body: &Value) {
        self.json(body);
    }

    /// Learns the name of a thing; `kind` says in its stand-in what it is.
    pub fn learn_name(&mut self, name: &str, kind: &str) {
        self.name(name, kind);
    }

    /// A body, cleaned.
    pub fn json(&mut self, body: &Value) -> Cleaned {
        let mut removed = Vec::new();
        let value = json::clean(self, body, &mut removed);
        Cleaned { value, removed }
    }

    /// A sentence, a header's value, an id or an address, cleaned.
    pub fn text(&mut self, text: &str) -> String {
        text::clean(self, text, text::Names::Replaced)
    }

    /// A resource id or any other path, cleaned.
    pub fn path(&mut self, path: &str) -> String {
        paths::path(self, path)
    }

    /// A word of Azure's: patterns and hidden words are replaced in it, names are not, because a
    /// resource may be called `Succeeded`.
    pub(crate) fn word(&mut self, word: &str) -> String {
        text::clean(self, word, text::Names::Kept)
    }

    /// The stand-in for a name. Its first letter tells how the name was spelled, because services
    /// change the case of names at will and that is worth knowing.
    pub(crate) fn name(&mut self, real: &str, kind: &str) -> String {
        let folded = real.to_ascii_lowercase();
        if let Some(stand_in) = self.names.get(&folded) {
            return stand_ins::spelled_as(real, stand_in);
        }
        let is_hidden = self.hidden.contains(&folded);
        if !is_hidden && (vocabulary::is_ordinary(real) || stand_ins::is_name(real)) {
            self.stand_ins.reserve(real);
            return real.to_owned();
        }
        if let Some(stand_in) = self.stand_ins.whole(real) {
            return stand_in;
        }
        // Site Recovery makes names from names, and how is a fact about the service.
        for suffix in vocabulary::MADE_BY_SITE_RECOVERY {
            let start = folded.strip_suffix(&suffix.to_ascii_lowercase());
            if let Some(start) = start.filter(|it| !it.is_empty()) {
                let start = self.name(&real[..start.len()], kind);
                return format!("{start}{}", &real[real.len() - suffix.len()..]);
            }
        }
        let kind = stand_ins::kind(kind);
        let count = self.kinds.entry(kind.clone()).or_default();
        let stand_in = loop {
            *count += 1;
            let stand_in = format!("{}{kind}-{count}", stand_ins::PREFIX);
            if self.stand_ins.is_free(&stand_in) {
                break stand_in;
            }
        };
        self.names.insert(folded, stand_in.clone());
        stand_ins::spelled_as(real, &stand_in)
    }
}

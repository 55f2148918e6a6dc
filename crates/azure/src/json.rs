//! Reading JSON of a service that adds, omits and nulls fields as it likes.

use serde_json::Value;

use crate::{Error, ResourceId};

/// Reads below a value; nothing here ever panics, and `null` is the same as absent.
pub(crate) trait Read {
    fn text(&self, pointer: &str) -> Option<&str>;
    fn string(&self, pointer: &str) -> Option<String> {
        self.text(pointer).map(str::to_owned)
    }
    /// Empty when absent.
    fn list(&self, pointer: &str) -> &[Value];
    /// The strings of a list.
    fn strings(&self, pointer: &str) -> Vec<String> {
        self.list(pointer).iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    }
    fn id(&self, pointer: &str) -> Option<ResourceId> {
        ResourceId::parse(self.text(pointer)?).ok()
    }
    /// A text that the answer is useless without.
    fn need(&self, pointer: &str, what: &str) -> Result<String, Error> {
        self.string(pointer).ok_or_else(|| Error::missing(what, pointer))
    }
    /// An id that the answer is useless without.
    fn need_id(&self, pointer: &str, what: &str) -> Result<ResourceId, Error> {
        self.id(pointer).ok_or_else(|| Error::missing(what, pointer))
    }
}

impl Read for Value {
    /// An empty text counts as absent: Site Recovery turns unset fields into `""`
    /// (recorded: Azure/azure-powershell A2AVMNicConfig.json).
    fn text(&self, pointer: &str) -> Option<&str> {
        self.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
    }

    fn list(&self, pointer: &str) -> &[Value] {
        self.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

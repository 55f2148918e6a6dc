//! Every word that a record can hold is in a golden journal, so that none can be renamed unseen. The
//! types themselves say which fields and variants they have, while they are read: nothing is listed
//! here, and a new word is looked for from its first day.

use std::cell::RefCell;
use std::collections::BTreeSet;

use recovery::event::Record;
use recovery::plan::Entry;
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer, VariantAccess, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::{Error, Value};

use super::ALL;

#[test]
fn every_word_that_a_record_can_hold_is_in_a_golden_journal() {
    let words = RefCell::default();
    for line in ALL.iter().flat_map(|(_, lines)| lines.lines()) {
        let value = serde_json::from_str(line).unwrap();
        let record =
            Record::deserialize(Reader { value: &value, path: String::new(), words: &words })
                .unwrap();
        assert_eq!(record, serde_json::from_str(line).unwrap(), "it reads as serde_json does");
    }
    let Words { mut known, found, optional, left_out } = words.into_inner();
    known.extend(kinds_of_entry());
    // From the record down to the plan and the views in it.
    for word in ["Event.saw.sight", "Effect.stop_machine", "Power.missing", "Plan.drill"] {
        assert!(known.contains(word), "{word} was not looked for");
    }
    let missing: Vec<_> = known.difference(&found).collect();
    assert!(missing.is_empty(), "no golden journal holds {missing:?}");
    let unlisted: Vec<_> = found.difference(&known).collect();
    assert!(unlisted.is_empty(), "a tagged enum must be listed as `Entry` is: {unlisted:?}");
    assert!(optional.contains("Event.refused.retry_after_s"), "{optional:?}");
    let always_there: Vec<_> = optional.difference(&left_out).collect();
    assert!(always_there.is_empty(), "no golden journal leaves out {always_there:?}");
}

/// A tagged enum is read as a map and does not say what else it could be; its error does.
fn kinds_of_entry() -> Vec<String> {
    let nothing = serde_json::json!({"kind": "?"});
    let error = serde_json::from_value::<Entry>(nothing).unwrap_err().to_string();
    let (_, listed) = error.split_once("expected ").unwrap();
    listed.split('`').skip(1).step_by(2).map(|kind| format!("Entry.{kind}")).collect()
}

/// Fields and variants, each behind its type's name: `Event.saw`, `Event.saw.look`, `Start.by`.
#[derive(Default)]
struct Words {
    /// What the types that were read can hold.
    known: BTreeSet<String>,
    /// What was there, with a value.
    found: BTreeSet<String>,
    /// Fields that need not have one.
    optional: BTreeSet<String>,
    /// Fields that were not there, or had none.
    left_out: BTreeSet<String>,
}

/// Reads as `serde_json` does, and notes the words.
struct Reader<'a> {
    value: &'a Value,
    /// Which type's value it is, or which field's.
    path: String,
    words: &'a RefCell<Words>,
}

impl<'a> Reader<'a> {
    fn of(&self, path: String, value: &'a Value) -> Self {
        Self { value, path, words: self.words }
    }

    /// A value whose fields these are, from now on with the name of their owner.
    fn with_fields(&self, owner: &str, fields: &[&str]) -> Self {
        let mut words = self.words.borrow_mut();
        for field in fields {
            let word = format!("{owner}.{field}");
            words.known.insert(word.clone());
            match self.value.get(field) {
                None | Some(Value::Null) => words.left_out.insert(word),
                Some(Value::Array(values)) if values.is_empty() => false,
                Some(_) => words.found.insert(word),
            };
        }
        self.of(owner.to_owned(), self.value)
    }

    fn note_variants(&self, owner: &str, variants: &[&str], chosen: &str) {
        let mut words = self.words.borrow_mut();
        words.known.extend(variants.iter().map(|variant| format!("{owner}.{variant}")));
        words.found.insert(format!("{owner}.{chosen}"));
    }
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let wanted: &dyn Expected = &visitor;
        if let Some(owner) = wanted.to_string().strip_prefix("internally tagged enum ") {
            self.note_variants(owner, &[], self.value["kind"].as_str().unwrap());
        }
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => match number.as_u64() {
                Some(number) => visitor.visit_u64(number),
                None => visitor.visit_i64(number.as_i64().unwrap()),
            },
            Value::String(text) => visitor.visit_str(text),
            Value::Array(values) => {
                let values = values.iter().map(|value| self.of(self.path.clone(), value));
                visitor.visit_seq(SeqDeserializer::new(values))
            }
            Value::Object(fields) => {
                let fields = fields.iter().map(|(name, value)| {
                    (name.as_str(), self.of(format!("{}.{name}", self.path), value))
                });
                visitor.visit_map(MapDeserializer::new(fields))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.words.borrow_mut().optional.insert(self.path.clone());
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.with_fields(name, fields).deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let (variant, content) = match self.value {
            Value::Object(fields) => fields.iter().next().unwrap(),
            other => (&other.as_str().unwrap().to_owned(), &Value::Null),
        };
        self.note_variants(name, variants, variant);
        let path = format!("{name}.{variant}");
        visitor.visit_enum(Chosen { content: self.of(path, content) })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

impl IntoDeserializer<'_, Error> for Reader<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// A variant, which is its content's path.
struct Chosen<'a> {
    content: Reader<'a>,
}

impl<'de> EnumAccess<'de> for Chosen<'_> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Error> {
        let (_, variant) = self.content.path.split_once('.').unwrap();
        let variant = seed.deserialize(IntoDeserializer::<Error>::into_deserializer(variant))?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Chosen<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(self.content)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.content.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.content.with_fields(&self.content.path, fields).deserialize_any(visitor)
    }
}

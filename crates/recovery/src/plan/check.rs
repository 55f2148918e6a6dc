//! Walks a plan along the table of its fields and notes all that does not fit.

use std::collections::BTreeSet;

use jsonc_parser::ast::{Object, ObjectProp, Value};

use super::errors::{Complaint, PlanError, PlanErrors, quoted};
use super::fields::{Field, PLAN, Shape};
use super::source::{Source, name_offset, step_into};
use super::suggest::did_you_mean;

/// More errors than this help nobody.
const ENOUGH: usize = 100;

/// What has been found so far.
pub(super) struct Report<'s, 't> {
    pub(super) source: &'s Source<'t>,
    found: Vec<Found>,
}

struct Found {
    pointer: String,
    offset: usize,
    complaint: Complaint,
}

impl<'s, 't> Report<'s, 't> {
    /// Checks each value by itself.
    pub(super) fn of(source: &'s Source<'t>) -> Self {
        let mut report = Self { source, found: Vec::new() };
        report.value("", &source.root, &PLAN);
        report
    }

    /// Notes a complaint about the value at a pointer.
    pub(super) fn note(&mut self, pointer: &str, complaint: Complaint) {
        let offset = self.source.offset(pointer);
        self.note_at(pointer, offset, complaint);
    }

    /// The text at a pointer, if nothing was found wrong with it.
    pub(super) fn sound_text(&self, pointer: &str) -> Option<&'s str> {
        let text = self.source.text(pointer)?;
        (!self.found.iter().any(|found| found.pointer == pointer)).then_some(text)
    }

    /// All that was found, in the order of the file.
    pub(super) fn finish(mut self) -> Result<(), PlanErrors> {
        if self.found.is_empty() {
            return Ok(());
        }
        self.found.sort_by_key(|found| found.offset);
        let errors = self.found.into_iter().map(|Found { pointer, offset, complaint }| {
            let (line, column) = self.source.position(offset);
            PlanError { pointer, line, column, problem: complaint.problem, mend: complaint.mend }
        });
        Err(PlanErrors(errors.collect()))
    }

    fn note_at(&mut self, pointer: &str, offset: usize, complaint: Complaint) {
        if !self.is_full() {
            self.found.push(Found { pointer: pointer.to_owned(), offset, complaint });
        }
    }

    fn is_full(&self) -> bool {
        self.found.len() >= ENOUGH
    }

    fn value(&mut self, pointer: &str, value: &Value<'t>, shape: &Shape) {
        let verdict = match (shape, value) {
            (Shape::Flag, Value::BooleanLit(_)) => Ok(()),
            (Shape::Whole { min, max }, Value::NumberLit(number)) => {
                whole(number.value, *min, *max)
            }
            (Shape::Choice(choices), Value::StringLit(text)) => choice(&text.value, choices),
            (Shape::Text(rule), Value::StringLit(text)) => rule(&text.value),
            (Shape::Id(kind), Value::StringLit(text)) => kind.check(&text.value),
            (Shape::Object(fields), Value::Object(object)) => {
                self.object(pointer, object, fields, false);
                Ok(())
            }
            (Shape::Kinds(kinds), Value::Object(object)) => {
                self.kinds(pointer, object, kinds);
                Ok(())
            }
            (Shape::List { of, max }, Value::Array(array)) => {
                if array.elements.len() > *max {
                    Err(Complaint::new(
                        format!("has {} elements, more than {max}", array.elements.len()),
                        "shorten the list",
                    ))
                } else {
                    for (position, element) in array.elements.iter().enumerate() {
                        self.value(&step_into(pointer, &position.to_string()), element, of);
                    }
                    Ok(())
                }
            }
            (expected, found) => Err(wrong_type(expected, found)),
        };
        if let Err(complaint) = verdict {
            self.note(pointer, complaint);
        }
    }

    fn object(&mut self, pointer: &str, object: &Object<'t>, fields: &[Field], tagged: bool) {
        let mut seen = BTreeSet::new();
        for property in &object.properties {
            if self.is_full() {
                return;
            }
            let name = property.name.as_str();
            if !seen.insert(name) {
                let complaint = Complaint::new("is given twice", "remove one of the two");
                self.note_name(pointer, property, complaint);
            } else if let Some(field) = fields.iter().find(|field| field.name == name) {
                self.value(&step_into(pointer, name), &property.value, &field.shape);
            } else if !(tagged && name == "kind") {
                let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
                self.note_name(pointer, property, unknown(name, &names));
            }
        }
        for field in fields {
            if field.required && !seen.contains(field.name) {
                let complaint = Complaint::new("is missing", format!("add {}", example(field)));
                self.note(&step_into(pointer, field.name), complaint);
            }
        }
    }

    fn kinds(&mut self, pointer: &str, object: &Object<'t>, kinds: &[(&str, &[Field])]) {
        let names: Vec<&str> = kinds.iter().map(|(name, _)| *name).collect();
        let kind_pointer = step_into(pointer, "kind");
        let complaint = match object.get("kind").map(|property| &property.value) {
            Some(Value::StringLit(kind)) => {
                match kinds.iter().find(|(name, _)| *name == kind.value) {
                    Some((_, fields)) => return self.object(pointer, object, fields, true),
                    None => not_one_of(&kind.value, &names),
                }
            }
            Some(other) => wrong_type(&Shape::Choice(&[]), other),
            None => {
                Complaint::new("is missing", format!("add \"kind\": one of {}", listed(&names)))
            }
        };
        self.note(&kind_pointer, complaint);
    }

    fn note_name(&mut self, pointer: &str, property: &ObjectProp<'t>, complaint: Complaint) {
        let pointer = step_into(pointer, property.name.as_str());
        self.note_at(&pointer, name_offset(property), complaint);
    }
}

fn whole(written: &str, min: u32, max: u32) -> Result<(), Complaint> {
    let mend = if min == max {
        format!("write {min}")
    } else {
        format!("write a whole number from {min} to {max}")
    };
    let digits = written.strip_prefix('-').unwrap_or(written);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Complaint::new(format!("is {}, not a whole number", short(written)), mend));
    }
    match written.parse::<u32>() {
        Ok(number) if (min..=max).contains(&number) => Ok(()),
        _ if min == max => Err(Complaint::new(format!("is {}, not {min}", short(written)), mend)),
        _ => {
            let problem = format!("is {}, not between {min} and {max}", short(written));
            Err(Complaint::new(problem, mend))
        }
    }
}

fn choice(text: &str, choices: &[&str]) -> Result<(), Complaint> {
    if choices.contains(&text) { Ok(()) } else { Err(not_one_of(text, choices)) }
}

fn not_one_of(text: &str, choices: &[&str]) -> Complaint {
    let mend = match did_you_mean(text, choices) {
        Some(choice) => format!("did you mean \"{choice}\"?"),
        None => format!("write one of {}", listed(choices)),
    };
    Complaint::new(format!("is {}, not one of {}", quoted(text), listed(choices)), mend)
}

fn unknown(name: &str, known: &[&str]) -> Complaint {
    let mend = match did_you_mean(name, known) {
        Some(field) => format!("did you mean \"{field}\"?"),
        None if known.is_empty() => "remove it".to_owned(),
        None => format!("remove it; the fields here are {}", listed(known)),
    };
    Complaint::new("is not a known field", mend)
}

fn wrong_type(expected: &Shape, found: &Value<'_>) -> Complaint {
    let expected = match expected {
        Shape::Flag => "true or false",
        Shape::Whole { .. } => "a whole number",
        Shape::Choice(_) | Shape::Text(_) | Shape::Id(_) => "a text",
        Shape::Object(_) | Shape::Kinds(_) => "an object",
        Shape::List { .. } => "a list",
    };
    let is = match found {
        Value::StringLit(_) => "a text",
        Value::NumberLit(_) => "a number",
        Value::BooleanLit(_) => "true or false",
        Value::Object(_) => "an object",
        Value::Array(_) => "a list",
        Value::NullKeyword(_) => "null",
    };
    let mend = match found {
        Value::NullKeyword(_) => format!("write {expected}, or leave an optional field out"),
        Value::StringLit(_) if expected != "an object" && expected != "a list" => {
            format!("write {expected}, without quotes")
        }
        _ => format!("write {expected}"),
    };
    Complaint::new(format!("is {is}, not {expected}"), mend)
}

fn example(field: &Field) -> String {
    let Field { name, shape, .. } = field;
    match shape {
        Shape::Flag => format!("\"{name}\": true or false"),
        Shape::Whole { min, max } if min == max => format!("\"{name}\": {min}"),
        Shape::Whole { .. } => format!("\"{name}\": a whole number"),
        Shape::Choice(choices) => format!("\"{name}\": one of {}", listed(choices)),
        Shape::Text(_) => format!("\"{name}\": a text"),
        Shape::Id(kind) => format!("\"{name}\": the id of {}", kind.what),
        Shape::Object(_) | Shape::Kinds(_) => format!("\"{name}\": {{…}}"),
        Shape::List { .. } => format!("\"{name}\": […]"),
    }
}

fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    quoted.join(", ")
}

/// A number may be written with as many digits as a file holds.
fn short(written: &str) -> String {
    match written.get(..24) {
        Some(beginning) => format!("{beginning}…"),
        None => written.to_owned(),
    }
}

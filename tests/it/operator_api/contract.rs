//! `docs/api.openapi.json`, as a judge of answers.

use jsonschema::{Draft, Resource, Validator};
use serde_json::{Value, json};

use crate::support::Answer;

const DOCUMENT: &str = include_str!("../../../docs/api.openapi.json");
const PLAN_SCHEMA: &str = include_str!("../../../schemas/plan.schema.json");

pub(super) struct Contract {
    document: Value,
}

impl Contract {
    pub(super) fn read() -> Self {
        Self { document: serde_json::from_str(DOCUMENT).unwrap() }
    }

    /// Method and path of every operation.
    pub(super) fn operations(&self) -> Vec<(String, String)> {
        let paths = self.document["paths"].as_object().unwrap();
        let methods = ["get", "put", "post", "options", "delete", "patch"];
        paths
            .iter()
            .flat_map(|(path, item)| {
                let item = item.as_object().unwrap();
                item.keys()
                    .filter(|key| methods.contains(&key.as_str()))
                    .map(|method| (method.to_uppercase(), path.clone()))
            })
            .collect()
    }

    /// The statuses that an operation may end with.
    pub(super) fn statuses(&self, method: &str, path: &str) -> Vec<String> {
        self.operation(method, path)["responses"].as_object().unwrap().keys().cloned().collect()
    }

    /// Whether the answer is one that the document allows; panics with what is wrong.
    pub(super) fn judge(&self, method: &str, path: &str, answer: &Answer) {
        let status = answer.status.as_str();
        let mut response = &self.operation(method, path)["responses"][status];
        if let Some(reference) = response["$ref"].as_str() {
            response = self.document.pointer(reference.strip_prefix('#').unwrap()).unwrap();
        }
        assert!(response.is_object(), "{method} {path}: {status} is not documented: {answer:?}");
        let headers = response["headers"].as_object().into_iter().flatten();
        for (name, _) in headers {
            assert!(answer.headers.contains_key(name), "{method} {path}: no {name}: {answer:?}");
        }
        let Some(content) = response["content"].as_object() else { return };
        let kind = answer.header("content-type");
        let media = content.get(kind).unwrap_or_else(|| panic!("{method} {path}: {kind}"));
        let validator = self.validator(&media["schema"]);
        let wrong: Vec<_> = validator
            .iter_errors(&answer.body)
            .map(|error| format!("{}: {error}", error.instance_path))
            .collect();
        assert!(wrong.is_empty(), "{method} {path}: {wrong:#?}\n{:#}", answer.body);
    }

    fn operation(&self, method: &str, path: &str) -> &Value {
        &self.document["paths"][path][method.to_lowercase()]
    }

    fn validator(&self, schema: &Value) -> Validator {
        let root = json!({
            "$id": "https://farshore.example/docs/api.openapi.json",
            "components": self.document["components"],
            "allOf": [schema],
        });
        let plan: Value = serde_json::from_str(PLAN_SCHEMA).unwrap();
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .with_resource(
                "https://farshore.example/schemas/plan.schema.json",
                Resource::from_contents(plan).unwrap(),
            )
            .build(&root)
            .unwrap()
    }
}

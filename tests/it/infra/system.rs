//! What the templates would make, without Azure: they are evaluated from `infra/main.bicep` down, and
//! every resource is noted with its resource group. What only Azure knows (keys, principals) is null.

mod functions;
mod values;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use self::functions::{id_of, resolve, text};
use super::bicep::{Expr, File, Item, Kind, Part};
use super::sources::Sources;

pub(super) const SUBSCRIPTION: &str = "00000000-0000-4000-8000-000000000001";

#[derive(Debug, Clone)]
pub(super) struct Resource {
    pub(super) kind: String,
    pub(super) name: String,
    /// None at the subscription's scope.
    pub(super) group: Option<String>,
    pub(super) location: Option<String>,
    pub(super) file: String,
    pub(super) body: Value,
}

#[derive(Debug, Default)]
pub(super) struct System {
    pub(super) resources: Vec<Resource>,
    pub(super) outputs: Map<String, Value>,
}

type Values = BTreeMap<String, Value>;

impl System {
    /// Evaluates a template with these parameters; defaults stand for the others.
    pub(super) fn of(sources: &Sources, file: &str, parameters: &Value) -> Result<Self, String> {
        let mut made = Vec::new();
        let outputs = visit(sources, file, parameters, None, &mut made)?;
        Ok(Self { resources: made, outputs })
    }

    pub(super) fn all(&self, kind: &str) -> Vec<&Resource> {
        let is = |one: &&Resource| one.kind.eq_ignore_ascii_case(kind);
        self.resources.iter().filter(is).collect()
    }

    /// Where a resource group is.
    pub(super) fn location_of(&self, group: &str) -> Option<&str> {
        let groups = self.all("Microsoft.Resources/resourceGroups").into_iter();
        let mut named = groups.filter(|one| one.name == group);
        named.find_map(|one| one.location.as_deref())
    }
}

fn visit(
    sources: &Sources,
    path: &str,
    parameters: &Value,
    group: Option<&str>,
    made: &mut Vec<Resource>,
) -> Result<Map<String, Value>, String> {
    let text = sources.read(path);
    let file = File::parse(&text).map_err(|error| format!("{path}: {error}"))?;
    let mut scope = Scope { sources, path, file: &file, group, known: Values::new(), made };
    for item in file.of(Kind::Param) {
        let given = parameters.get(&item.name).filter(|value| !value.is_null()).cloned();
        let value = match (given, &item.value) {
            (Some(value), _) => value,
            (None, Some(default)) => scope.value(default)?,
            (None, None) => Value::Null,
        };
        scope.known.insert(item.name.clone(), value);
    }
    // Lazily, since templates may use what stands below; here, so that what nobody uses is made too.
    for item in &file.items {
        if item.kind != Kind::Output {
            scope.named(&item.name)?;
        }
    }
    let mut outputs = Map::new();
    for item in file.of(Kind::Output) {
        let value = item.value.as_ref().map_or(Ok(Value::Null), |expr| scope.value(expr))?;
        outputs.insert(item.name.clone(), value);
    }
    Ok(outputs)
}

struct Scope<'a> {
    sources: &'a Sources,
    path: &'a str,
    file: &'a File,
    group: Option<&'a str>,
    known: Values,
    made: &'a mut Vec<Resource>,
}

impl Scope<'_> {
    fn named(&mut self, name: &str) -> Result<Value, String> {
        if let Some(value) = self.known.get(name) {
            return Ok(value.clone());
        }
        let file = self.file;
        let Some(item) = file.get(name) else { return Ok(Value::Null) };
        let Some(expr) = &item.value else { return Ok(Value::Null) };
        let value = match item.kind {
            Kind::Resource | Kind::Module => self.made_of(item, expr)?,
            _ => self.value(expr)?,
        };
        self.known.insert(name.to_owned(), value.clone());
        Ok(value)
    }

    /// A resource or module, or as many as its loop or condition makes.
    fn made_of(&mut self, item: &Item, expr: &Expr) -> Result<Value, String> {
        match expr {
            Expr::If(condition, body) => {
                if self.value(condition)? == Value::Bool(false) {
                    return Ok(Value::Null);
                }
                self.made_of(item, body)
            }
            Expr::For { names, over, body } => {
                let made = self.each(names, over, |scope, _| scope.made_of(item, body))?;
                Ok(Value::Array(made))
            }
            Expr::Object(fields) if item.kind == Kind::Module => self.module(&item.of, fields),
            body => {
                let body = self.value(body)?;
                Ok(self.resource(item, body))
            }
        }
    }

    fn module(&mut self, of: &str, fields: &[(Expr, Expr)]) -> Result<Value, String> {
        let field = |name: &str| {
            let is = |key: &Expr| *key == Expr::Text(vec![Part::Fixed(name.to_owned())]);
            fields.iter().find(|(key, _)| is(key)).map(|(_, value)| value)
        };
        let parameters = field("params").map_or(Ok(json!({})), |params| self.value(params))?;
        let group = match field("scope") {
            Some(scope) => {
                let scope = self.value(scope)?;
                scope.get("name").and_then(Value::as_str).map(str::to_owned)
            }
            None => self.group.map(str::to_owned),
        };
        let path = resolve(self.path, of);
        let outputs = visit(self.sources, &path, &parameters, group.as_deref(), self.made)?;
        Ok(json!({"outputs": outputs}))
    }

    fn resource(&mut self, item: &Item, mut body: Value) -> Value {
        let kind = item.of.split('@').next().unwrap_or_default().to_owned();
        let own = text(&body["name"]);
        let parent = body["parent"]["id"].as_str().map(str::to_owned);
        let group = self.group.map(str::to_owned);
        let id = match (parent, &group) {
            (Some(parent), _) => {
                format!("{parent}/{}/{own}", kind.rsplit('/').next().unwrap_or_default())
            }
            (None, Some(group)) => id_of(Some(group), &kind, &own),
            (None, None) if kind.ends_with("/resourceGroups") => {
                format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{own}")
            }
            (None, None) => id_of(None, &kind, &own),
        };
        if !item.existing {
            self.made.push(Resource {
                kind: kind.clone(),
                name: own.clone(),
                group,
                location: body["location"].as_str().map(str::to_owned),
                file: self.path.to_owned(),
                body: body.clone(),
            });
        }
        // What Azure would know, as far as something here depends on it.
        if kind.eq_ignore_ascii_case("Microsoft.Storage/storageAccounts") {
            let blob = format!("https://{own}.blob.core.windows.net/");
            body["properties"]["primaryEndpoints"] = json!({"blob": blob});
        }
        if kind.eq_ignore_ascii_case("Microsoft.ManagedIdentity/userAssignedIdentities") {
            let id = "00000000-0000-4000-8000-000000000002";
            body["properties"] = json!({"clientId": id, "principalId": id});
        }
        body["id"] = json!(id);
        body["name"] = json!(own);
        body
    }
}

//! What the templates would make, without Azure: they are evaluated from `infra/main.bicep` down, and
//! every resource is noted with its resource group. What only Azure knows (keys, principals) is null.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::bicep::{Expr, File, Kind, Part};
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
    fn made_of(&mut self, item: &super::bicep::Item, expr: &Expr) -> Result<Value, String> {
        match expr {
            Expr::If(condition, body) => {
                if self.value(condition)? == Value::Bool(false) {
                    return Ok(Value::Null);
                }
                self.made_of(item, body)
            }
            Expr::For { names, over, body } => {
                let mut all = Vec::new();
                let items = self.value(over)?;
                for (index, one) in
                    items.as_array().cloned().unwrap_or_default().into_iter().enumerate()
                {
                    let old = self.bind(names, &[one, json!(index)]);
                    let value = self.made_of(item, body);
                    self.known.extend(old);
                    all.push(value?);
                }
                Ok(Value::Array(all))
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

    fn resource(&mut self, item: &super::bicep::Item, mut body: Value) -> Value {
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

    /// Gives names values, and returns what they were.
    fn bind(&mut self, names: &[String], values: &[Value]) -> Values {
        let mut old = Values::new();
        for (name, value) in names.iter().zip(values) {
            let before = self.known.insert(name.clone(), value.clone());
            old.insert(name.clone(), before.unwrap_or(Value::Null));
        }
        old
    }

    fn value(&mut self, expr: &Expr) -> Result<Value, String> {
        Ok(match expr {
            Expr::Text(parts) => Value::String(self.text(parts)?),
            Expr::Number(number) => json!(number),
            Expr::Bool(is) => json!(is),
            Expr::Null => Value::Null,
            Expr::Name(name) => self.named(name)?,
            Expr::Object(fields) => self.object(fields)?,
            Expr::Array(items) => {
                let mut all = Vec::new();
                for item in items {
                    match item {
                        Expr::Spread(inner) => {
                            all.extend(self.value(inner)?.as_array().cloned().unwrap_or_default());
                        }
                        other => all.push(self.value(other)?),
                    }
                }
                Value::Array(all)
            }
            Expr::Call(name, args) => self.call(name, args)?,
            Expr::Member { of, name, .. } => self.value(of)?.get(name).cloned().unwrap_or_default(),
            Expr::Index { of, at } => {
                let (of, at) = (self.value(of)?, self.value(at)?);
                let found = match &at {
                    Value::String(key) => of.get(key),
                    other => other.as_u64().and_then(|at| of.get(usize::try_from(at).ok()?)),
                };
                found.cloned().unwrap_or_default()
            }
            Expr::Not(inner) => json!(self.value(inner)? != Value::Bool(true)),
            Expr::Binary(sign, left, right) => self.binary(sign, left, right)?,
            Expr::Choice(condition, yes, no) => {
                let yes = if self.value(condition)? == Value::Bool(true) { yes } else { no };
                self.value(yes)?
            }
            Expr::For { names, over, body } => {
                let mut all = Vec::new();
                let items = self.value(over)?;
                for (index, one) in
                    items.as_array().cloned().unwrap_or_default().into_iter().enumerate()
                {
                    let old = self.bind(names, &[one, json!(index)]);
                    let value = self.value(body);
                    self.known.extend(old);
                    all.push(value?);
                }
                Value::Array(all)
            }
            Expr::If(_, body) => self.value(body)?,
            Expr::Lambda(..) => return Err(format!("{}: a lambda outside of a call", self.path)),
            Expr::Spread(inner) => self.value(inner)?,
        })
    }

    fn text(&mut self, parts: &[Part]) -> Result<String, String> {
        let mut all = String::new();
        for part in parts {
            match part {
                Part::Fixed(fixed) => all.push_str(fixed),
                Part::Value(expr) => all.push_str(&text(&self.value(expr)?)),
            }
        }
        Ok(all)
    }

    fn object(&mut self, fields: &[(Expr, Expr)]) -> Result<Value, String> {
        let mut all = Map::new();
        for (key, value) in fields {
            if let Expr::Spread(inner) = key {
                all.extend(self.value(inner)?.as_object().cloned().unwrap_or_default());
                continue;
            }
            let key = text(&self.value(key)?);
            all.insert(key, self.value(value)?);
        }
        Ok(Value::Object(all))
    }

    fn binary(&mut self, sign: &str, left: &Expr, right: &Expr) -> Result<Value, String> {
        let left = self.value(left)?;
        if sign == "??" {
            return if left.is_null() { self.value(right) } else { Ok(left) };
        }
        let is = |value: &Value| *value == Value::Bool(true);
        if sign == "&&" && !is(&left) || sign == "||" && is(&left) {
            return Ok(left);
        }
        let right = self.value(right)?;
        let number = |value: &Value| value.as_i64().unwrap_or_default();
        Ok(match sign {
            "&&" | "||" => right,
            "==" => json!(left == right),
            "!=" => json!(left != right),
            "+" => json!(number(&left) + number(&right)),
            "-" => json!(number(&left) - number(&right)),
            "*" => json!(number(&left) * number(&right)),
            "/" => json!(number(&left).checked_div(number(&right))),
            "%" => json!(number(&left).checked_rem(number(&right))),
            ">" => json!(number(&left) > number(&right)),
            "<" => json!(number(&left) < number(&right)),
            ">=" => json!(number(&left) >= number(&right)),
            "<=" => json!(number(&left) <= number(&right)),
            other => return Err(format!("{}: {other}", self.path)),
        })
    }

    fn call(&mut self, name: &str, args: &[Expr]) -> Result<Value, String> {
        if let (Some(list), Some(Expr::Lambda(names, body))) = (args.first(), args.get(1)) {
            let items = self.value(list)?.as_array().cloned().unwrap_or_default();
            let mut all = Vec::new();
            for (index, one) in items.into_iter().enumerate() {
                let old = self.bind(names, &[one.clone(), json!(index)]);
                let value = self.value(body);
                self.known.extend(old);
                match name {
                    "map" => all.push(value?),
                    "filter" if value? == Value::Bool(true) => all.push(one),
                    "filter" => {}
                    other => return Err(format!("{}: {other} with a lambda", self.path)),
                }
            }
            return Ok(Value::Array(all));
        }
        let mut values = Vec::new();
        for arg in args {
            values.push(self.value(arg)?);
        }
        if let ("loadJsonContent", [path]) = (name, values.as_slice()) {
            let text = self.sources.read(&resolve(self.path, &text(path)));
            return serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"));
        }
        if name == "fail" {
            return Err(format!("{}: {}", self.path, text(&values[0])));
        }
        if name == "resourceGroup" && values.is_empty() {
            return Ok(
                json!({"name": self.group, "id": self.group.map(|it| format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{it}"))}),
            );
        }
        Ok(function(name, &values))
    }
}

/// Functions that the templates use; what is not here has no value that anything here depends on.
fn function(name: &str, args: &[Value]) -> Value {
    let at = |index: usize| args.get(index).cloned().unwrap_or_default();
    let string = |index: usize| text(&at(index));
    let strings = || args.iter().map(text).collect::<Vec<_>>();
    let list = |index: usize| at(index).as_array().cloned().unwrap_or_default();
    match name {
        "any" => at(0),
        "toLower" => json!(string(0).to_lowercase()),
        "replace" => json!(string(0).replace(&string(1), &string(2))),
        "uniqueString" => json!("abcdefghijklm"),
        "guid" => json!(strings().join("-")),
        "take" => json!(
            string(0)
                .chars()
                .take(usize::try_from(at(1).as_u64().unwrap_or(0)).unwrap_or(0))
                .collect::<String>()
        ),
        "split" => json!(string(0).split(string(1).as_str()).collect::<Vec<_>>()),
        "last" => list(0).last().cloned().unwrap_or_default(),
        "first" => list(0).first().cloned().unwrap_or_default(),
        "string" => json!(at(0).to_string()),
        "empty" => json!(match at(0) {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            _ => false,
        }),
        "length" => json!(at(0).as_array().map_or_else(|| string(0).len(), Vec::len)),
        "concat" => json!(
            args.iter()
                .flat_map(|it| it.as_array().cloned().unwrap_or_default())
                .collect::<Vec<_>>()
        ),
        "flatten" => json!(
            list(0)
                .iter()
                .flat_map(|it| it.as_array().cloned().unwrap_or_default())
                .collect::<Vec<_>>()
        ),
        "union" => {
            let objects = args.iter().filter_map(Value::as_object);
            json!(objects.flat_map(Clone::clone).collect::<Map<_, _>>())
        }
        "range" => {
            let (from, count) = (at(0).as_i64().unwrap_or(0), at(1).as_i64().unwrap_or(0));
            json!((from..from + count).collect::<Vec<_>>())
        }
        "join" => json!(list(0).iter().map(text).collect::<Vec<_>>().join(&string(1))),
        "environment" => json!({
            "suffixes": {"storage": "core.windows.net", "sqlServerHostname": ".database.windows.net"},
            "authentication": {"loginEndpoint": "https://login.microsoftonline.com/"},
        }),
        "subscription" => {
            json!({"id": format!("/subscriptions/{SUBSCRIPTION}"), "subscriptionId": SUBSCRIPTION})
        }
        "resourceGroup" => json!({"name": at(args.len() - 1)}),
        "subscriptionResourceId" => json!(id_of(None, &string(0), &string(1))),
        "resourceId" if args.len() == 4 => json!(id_of(Some(&string(1)), &string(2), &string(3))),
        "resourceId" if args.len() == 3 => json!(id_of(Some(&string(0)), &string(1), &string(2))),
        _ => Value::Null,
    }
}

fn id_of(group: Option<&str>, kind: &str, name: &str) -> String {
    let group = group.map_or(String::new(), |group| format!("/resourceGroups/{group}"));
    format!("/subscriptions/{SUBSCRIPTION}{group}/providers/{kind}/{name}")
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "unknown".to_owned(),
        other => other.to_string(),
    }
}

/// A path that a file names, seen from the root.
fn resolve(from: &str, to: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in to.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            other => parts.push(other),
        }
    }
    parts.join("/")
}

//! What an expression of a template is worth.

use serde_json::{Map, Value, json};

use super::functions::{function, resolve, text};
use super::{SUBSCRIPTION, Scope, Values};
use crate::infra::bicep::{Expr, Part};

impl Scope<'_> {
    /// Does something for every item of a list, under the names that the template gives it.
    pub(super) fn each<T>(
        &mut self,
        names: &[String],
        over: &Expr,
        mut make: impl FnMut(&mut Self, &Value) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        let items = self.value(over)?.as_array().cloned().unwrap_or_default();
        let mut all = Vec::new();
        for (index, one) in items.iter().enumerate() {
            let old = self.bind(names, &[one.clone(), json!(index)]);
            let done = make(self, one);
            self.known.extend(old);
            all.push(done?);
        }
        Ok(all)
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

    pub(super) fn value(&mut self, expr: &Expr) -> Result<Value, String> {
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
                Value::Array(self.each(names, over, |scope, _| scope.value(body))?)
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
            let pairs =
                self.each(names, list, |scope, one| Ok((scope.value(body)?, one.clone())))?;
            return match name {
                "map" => Ok(pairs.into_iter().map(|(value, _)| value).collect()),
                "filter" => {
                    let kept = pairs.into_iter().filter(|(value, _)| *value == Value::Bool(true));
                    Ok(kept.map(|(_, one)| one).collect())
                }
                other => Err(format!("{}: {other} with a lambda", self.path)),
            };
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

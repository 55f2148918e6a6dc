//! What Azure must know before a deployment begins: names, places, conditions and the length of loops
//! cannot depend on what the deployment makes (the compiler's BCP120, BCP177 and BCP178). And under
//! which names deployments are recorded, by which scripts find what they put out.

use super::bicep::{Expr, File, Item, Kind, Part};
use super::sources::Sources;

/// Properties of a resource that must be known (doc: learn.microsoft.com/azure/azure-resource-manager/
/// bicep/bicep-error-bcp120).
const KNOWN_FIRST: [&str; 12] = [
    "name",
    "location",
    "kind",
    "sku",
    "identity",
    "tags",
    "zones",
    "plan",
    "managedBy",
    "extendedLocation",
    "placement",
    "scope",
];

fn fixed(expr: &Expr) -> Option<&str> {
    let Expr::Text(parts) = expr else { return None };
    let [Part::Fixed(text)] = parts.as_slice() else { return None };
    Some(text.as_str())
}

fn field<'a>(item: &'a Item, name: &str) -> Option<&'a Expr> {
    let mut body = item.value.as_ref()?;
    while let Expr::If(_, inner) | Expr::For { body: inner, .. } = body {
        body = inner;
    }
    let Expr::Object(fields) = body else { return None };
    fields.iter().find(|(key, _)| fixed(key) == Some(name)).map(|(_, value)| value)
}

fn children(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Number(_) | Expr::Bool(_) | Expr::Null | Expr::Name(_) => Vec::new(),
        Expr::Text(parts) => {
            let values = parts.iter().filter_map(|part| match part {
                Part::Value(value) => Some(value),
                Part::Fixed(_) => None,
            });
            values.collect()
        }
        Expr::Object(fields) => fields.iter().flat_map(|(key, value)| [key, value]).collect(),
        Expr::Array(items) | Expr::Call(_, items) => items.iter().collect(),
        Expr::Member { of, .. } => vec![of.as_ref()],
        Expr::Index { of, at } => vec![of.as_ref(), at.as_ref()],
        Expr::Not(inner) | Expr::Lambda(_, inner) | Expr::Spread(inner) => vec![inner.as_ref()],
        Expr::Binary(_, left, right) | Expr::If(left, right) => vec![left.as_ref(), right.as_ref()],
        Expr::Choice(condition, yes, no) => vec![condition.as_ref(), yes.as_ref(), no.as_ref()],
        Expr::For { over, body, .. } => vec![over.as_ref(), body.as_ref()],
    }
}

/// What in an expression only the deployment can tell, if anything.
fn late(file: &File, expr: &Expr) -> Option<String> {
    match expr {
        Expr::Member { of, name, .. } => {
            let root = match of.as_ref() {
                Expr::Index { of, .. } => of.as_ref(),
                other => other,
            };
            let Expr::Name(symbol) = root else { return late(file, of) };
            let known: &[&str] = match file.get(symbol).map(|item| item.kind) {
                Some(Kind::Resource) => &["id", "name", "type", "apiVersion"],
                Some(Kind::Module) => &["name"],
                _ => return late(file, of),
            };
            (!known.contains(&name.as_str())).then(|| format!("{symbol}.{name}"))
        }
        Expr::Name(symbol) => {
            let variable = file.get(symbol).filter(|item| item.kind == Kind::Var)?;
            late(file, variable.value.as_ref()?)
        }
        Expr::Call(name, _) if name.starts_with("list") || name == "reference" => {
            Some(format!("{name}()"))
        }
        other => children(other).into_iter().find_map(|child| late(file, child)),
    }
}

/// The lists that loops in an expression go over.
fn loops(expr: &Expr) -> Vec<&Expr> {
    let mut all: Vec<&Expr> = children(expr).into_iter().flat_map(loops).collect();
    if let Expr::For { over, .. } = expr {
        all.push(over);
    }
    all
}

fn conditions(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::If(condition, _) => vec![condition.as_ref()],
        Expr::For { body, .. } => conditions(body),
        _ => Vec::new(),
    }
}

fn problems(sources: &Sources) -> Vec<String> {
    let mut problems = Vec::new();
    for path in Sources::below("infra", ".bicep") {
        let file = File::parse(&sources.read(&path)).unwrap();
        for item in file.items.iter().filter(|it| !it.existing) {
            let Some(value) = &item.value else { continue };
            let mut asked: Vec<(&str, &Expr)> =
                loops(value).into_iter().map(|over| ("a loop", over)).collect();
            let names: &[&str] = match item.kind {
                Kind::Resource => &KNOWN_FIRST,
                Kind::Module => &["name", "scope"],
                _ => &[],
            };
            asked.extend(names.iter().filter_map(|name| Some((*name, field(item, name)?))));
            asked.extend(conditions(value).into_iter().map(|it| ("the condition", it)));
            for (what, expr) in asked {
                if let Some(late) = late(&file, expr) {
                    problems.push(format!("{path}: {what} of {} needs {late}", item.name));
                }
            }
        }
    }
    problems
}

#[test]
fn nothing_has_to_be_known_before_it_is_made() {
    assert_eq!(problems(&Sources::default()), Vec::<String>::new());
}

#[test]
fn what_is_known_too_late_is_found() {
    for (path, right, wrong, says) in [
        (
            "infra/controller/function-flex.bicep",
            "location: location",
            "location: plan.location",
            "location of app needs plan.location",
        ),
        (
            "infra/main.bicep",
            "= if (appIsPublished)",
            "= if (!empty(controller.outputs.controllerAppName))",
            "the condition of alerts needs controller.outputs",
        ),
        (
            "infra/workload/cluster/websphere.bicep",
            "[for (machine, i) in machines:",
            "[for (machine, i) in nodes[0].outputs.disks:",
            "a loop of installs needs nodes.outputs",
        ),
        (
            "infra/controller/main.bicep",
            "{ 'azd-env-name': environmentName }",
            "{ 'azd-env-name': identity.outputs.clientId }",
            "tags of group needs identity.outputs",
        ),
    ] {
        let found = problems(&Sources::with(path, right, wrong));

        assert!(found.iter().any(|it| it.contains(says)), "{path}: {wrong}: {found:?}");
    }
}

/// Two environments in one subscription would overwrite each other's records, and their scripts would
/// read those of the other.
fn shared_records(sources: &Sources) -> Vec<String> {
    let mut problems = Vec::new();
    for path in Sources::below("infra", ".bicep") {
        let text = sources.read(&path);
        if !text.contains("targetScope = 'subscription'") {
            continue;
        }
        for item in File::parse(&text).unwrap().of(Kind::Module) {
            let name = format!("{:?}", field(item, "name"));
            let environment = format!("{:?}", Expr::Name("environmentName".to_owned()));
            if field(item, "scope").is_none() && !name.contains(&environment) {
                problems.push(format!("{path}: {} is recorded for all environments", item.name));
            }
        }
    }
    problems
}

/// Each `output PART NAME` of a script is an output of a part of `infra/main.bicep`.
fn unknown_outputs(sources: &Sources) -> Vec<String> {
    let mut problems = Vec::new();
    let main = File::parse(&sources.read("infra/main.bicep")).unwrap();
    for path in Sources::below("infra", ".sh") {
        let text = sources.read(&path);
        for call in text.split("$(output ").skip(1) {
            let call = call.split(')').next().unwrap_or_default();
            let (part, name) = call.split_once(' ').unwrap_or((call, ""));
            let module = main.of(Kind::Module).find(|item| item.name == part);
            let is_put_out = module.is_some_and(|module| {
                let file = File::parse(&sources.read(&format!("infra/{}", module.of))).unwrap();
                file.of(Kind::Output).any(|output| output.name == name)
            });
            if !is_put_out {
                problems.push(format!("{path}: nothing puts out {part} {name}"));
            }
        }
    }
    problems
}

#[test]
fn deployments_are_recorded_for_one_environment() {
    let sources = Sources::default();
    let script = sources.read("infra/hooks/outputs.sh");

    assert!(script.contains("--name \"farshore-$AZURE_ENV_NAME-$1\""), "{script}");
    assert_eq!(shared_records(&sources), Vec::<String>::new());
    assert_eq!(unknown_outputs(&sources), Vec::<String>::new());
}

#[test]
fn a_record_or_an_output_with_another_name_is_found() {
    let file = "infra/main.bicep";
    let shared = Sources::with(file, "farshore-${environmentName}-access", "farshore-access");
    let file = "infra/replication/scripts/pin-addresses.sh";
    let unknown = Sources::with(file, "output workload drillVnetId", "output workload drill");

    assert_eq!(
        shared_records(&shared),
        ["infra/main.bicep: access is recorded for all environments"]
    );
    assert_eq!(unknown_outputs(&unknown), [format!("{file}: nothing puts out workload drill")]);
}

//! What somebody may want to be otherwise can be said to `infra/main.bicep`, and what it does not know
//! is refused.

use serde_json::{Map, Value, json};

use super::bicep::{Expr, File, Item, Kind, Part};
use super::sources::Sources;
use super::system;

const TEMPLATE: &str = "infra/main.bicep";
const OPTIONS: &str = "infra/options.json";
const PAGE: &str = "infra/README.md";

/// Parameters of modules that nobody can set from outside, and why.
const FIXED: [(&str, &str, &str); 5] = [
    ("workload", "authenticationType", "`machineKey` is a key"),
    ("workload", "applicationPath", "one application is installed, and the plan has its paths"),
    ("alerts", "workload", "it is the plan's name"),
    ("alerts", "keyName", "hooks/make-keys.sh has it too"),
    ("plan", "workload", "the alerts have it too"),
];

fn text(expr: &Expr) -> Option<&str> {
    let Expr::Text(parts) = expr else { return None };
    match parts.as_slice() {
        [] => Some(""),
        [Part::Fixed(text)] => Some(text),
        _ => None,
    }
}

fn literal(expr: &Expr) -> Option<Value> {
    Some(match expr {
        Expr::Number(number) => json!(number),
        Expr::Bool(is) => json!(is),
        Expr::Object(fields) => {
            let field =
                |(key, value): &(Expr, Expr)| Some((text(key)?.to_owned(), literal(value)?));
            Value::Object(fields.iter().map(field).collect::<Option<Map<_, _>>>()?)
        }
        other => json!(text(other)?),
    })
}

/// The parameters that a module is given.
fn given(module: &Item) -> Vec<(&str, &Expr)> {
    let body = match &module.value {
        Some(Expr::If(_, body)) => Some(body.as_ref()),
        other => other.as_ref(),
    };
    let Some(Expr::Object(fields)) = body else { return Vec::new() };
    let params = fields.iter().find(|(key, _)| text(key) == Some("params"));
    let Some((_, Expr::Object(params))) = params else { return Vec::new() };
    params.iter().filter_map(|(key, value)| Some((text(key)?, value))).collect()
}

/// The option that a value is, if it is one.
fn option(value: &Expr) -> Option<&str> {
    match value {
        Expr::Member { of, name, .. } if **of == Expr::Name("set".to_owned()) => Some(name),
        _ => None,
    }
}

fn problems(sources: &Sources) -> Vec<String> {
    let main = File::parse(&sources.read(TEMPLATE)).unwrap();
    let options = sources.json(OPTIONS);
    let mut problems = Vec::new();
    let mut used = Vec::new();
    for module in main.of(Kind::Module) {
        let file = File::parse(&sources.read(&format!("infra/{}", module.of))).unwrap();
        let given = given(module);
        for param in file.of(Kind::Param) {
            let place = format!("{}.{}", module.name, param.name);
            let is_fixed = FIXED.iter().any(|(of, it, _)| *of == module.name && *it == param.name);
            let value = given.iter().find(|(name, _)| *name == param.name).map(|(_, value)| *value);
            if value.is_some() == is_fixed {
                problems.push(format!("{place} is out of reach, or fixed for no reason"));
            }
            let Some(option) = value.and_then(option) else { continue };
            used.push(option);
            let default = param.value.as_ref().map(|value| literal(value).unwrap());
            if default.is_some_and(|default| default != options[option]) {
                problems.push(format!("{place} is not {} by itself", options[option]));
            }
        }
    }
    let page = sources.read(PAGE);
    for (name, value) in options.as_object().unwrap() {
        if !used.contains(&name.as_str()) {
            problems.push(format!("nobody takes {name}"));
        }
        let value = match value {
            Value::String(text) if text.is_empty() => "| none |".to_owned(),
            Value::String(text) => format!("| `{text}` |"),
            Value::Object(fields) if fields.is_empty() => "| none |".to_owned(),
            Value::Object(_) => "| in the file |".to_owned(),
            other => format!("| `{other}` |"),
        };
        if !page.contains(&format!("| `{name}` {value}")) {
            problems.push(format!("{PAGE} has no row | `{name}` {value}"));
        }
    }
    for name in used.iter().filter(|name| options.get(**name).is_none()) {
        problems.push(format!("{OPTIONS} has no {name}"));
    }
    problems
}

#[test]
fn each_parameter_of_a_module_can_be_set_from_outside() {
    assert_eq!(problems(&Sources::default()), Vec::<String>::new());
}

#[test]
fn an_option_that_does_nothing_or_is_missing_is_found() {
    for (path, right, wrong, says) in [
        (TEMPLATE, ", ibmEntitlement: ibmEntitlement", "", "workload.ibmEntitlement is out of"),
        (TEMPLATE, "vmSize: set.vmSize, ", "", "nobody takes vmSize"),
        (TEMPLATE, "set.vmSize", "set.machineSize", "has no machineSize"),
        (OPTIONS, "\"historyDays\": 30", "\"historyDays\": 31", "controller.historyDays is not 31"),
        (PAGE, "| `wafMode` |", "| `waf` |", "has no row | `wafMode`"),
    ] {
        let found = problems(&Sources::with(path, right, wrong));

        assert!(found.iter().any(|it| it.contains(says)), "{path}: {wrong}: {found:?}");
    }
}

#[test]
fn an_option_with_a_mistyped_name_is_refused_by_the_template() {
    let wrong = json!({"options": {"numberofnodes": 6, "vmSizes": "Standard_D4s_v3"}});

    let error = system(&Sources::default(), &wrong).unwrap_err();

    let says = "options has numberofnodes, vmSizes, which options.json does not know";
    assert!(error.contains(says), "{error}");
}

#[test]
fn an_option_changes_what_it_names_and_no_more() {
    let changes = json!({"options": {
        "numberOfNodes": 3,
        "databaseSku": {"name": "S3"},
        "tags": {"cost-center": "42"},
        "allowReprotect": true,
    }});

    let system = system(&Sources::default(), &changes).unwrap();

    assert_eq!(system.all("Microsoft.Compute/virtualMachines").len(), 3);
    let database = &system.all("Microsoft.Sql/servers/databases")[0].body;
    assert_eq!(database["sku"], json!({"name": "S3", "tier": "Standard"}));
    for group in system.all("Microsoft.Resources/resourceGroups") {
        assert_eq!(group.body["tags"], json!({"azd-env-name": "cafe", "cost-center": "42"}));
    }
}

#[test]
fn a_certificate_makes_the_gateways_listen_for_https_and_its_absence_does_not() {
    for (certificate, listeners) in [("", 1), ("cGZ4", 2)] {
        let changes = json!({"gatewayCertificate": certificate});

        let system = system(&Sources::default(), &changes).unwrap();

        let gateways = system.all("Microsoft.Network/applicationGateways");
        assert_eq!(gateways.len(), 2);
        for gateway in gateways {
            let found = gateway.body["properties"]["httpListeners"].as_array().unwrap();
            assert_eq!(found.len(), listeners, "{found:?}");
        }
        let certificates = system.all("Microsoft.KeyVault/vaults/secrets").into_iter();
        let values: Vec<&Value> =
            certificates.map(|one| &one.body["properties"]["value"]).collect();
        assert_eq!(values, vec!["cGZ4"; 2 * (listeners - 1)]);
    }
}

#[test]
fn the_machines_have_ibms_licence_or_the_evaluation() {
    for (given, expected) in [("", " "), ("me@example.com secret", "me@example.com secret")] {
        let changes = json!({"ibmEntitlement": given});

        let system = system(&Sources::default(), &changes).unwrap();

        for machine in system.all("Microsoft.Compute/virtualMachines") {
            let data = &machine.body["properties"]["osProfile"]["customData"];
            assert_eq!(*data, json!({"base64": expected}), "{}", machine.name);
        }
    }
}

//! Alerts of Azure Monitor in the common alert schema
//! (doc: learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema and its samples).

use jiff::Timestamp;
use recovery::ResourceId;
use recovery::signal::{Condition, Signal, Source};
use serde_json::Value;

use super::notice::{Notice, Origin, date, folded, line};
use super::shape::Node;
use crate::error::FieldError;

const SCHEMA: &str = "azureMonitorCommonAlertSchema";

/// What an alert's context adds to its essentials.
struct Context {
    source: Source,
    /// The context may know of the end of a trouble where the alert itself has no memory.
    is_over: bool,
    resources: Vec<ResourceId>,
    regions: Vec<String>,
    endpoint: Option<String>,
    summary: String,
}

/// Why an alert is no reason to look at anything.
struct Uninteresting(String);

pub(super) fn read(root: &Node<'_>, now: Timestamp) -> Result<Notice, FieldError> {
    let schema = root.get("schemaId");
    if schema.text()? != SCHEMA {
        let problem = format!("is {:?}, not {SCHEMA:?}", line(schema.text()?));
        return Err(schema.wrong(problem, "turn on the common alert schema in the action group"));
    }
    let data = root.get("data");
    let essentials = data.object()?.get("essentials");
    essentials.object()?;
    let id = essentials.get("alertId").text()?;
    let rule = line(essentials.get("alertRule").words().unwrap_or("unnamed rule"));
    let condition = condition(&essentials.get("monitorCondition"))?;
    let fired_at = date(&essentials.get("firedDateTime"), now)?;
    let resolved_at = essentials.get("resolvedDateTime");
    if !resolved_at.is_missing() {
        date(&resolved_at, now)?;
    }
    let targets = essentials.get("alertTargetIDs").items()?;
    let mut resources = Vec::new();
    for target in &targets {
        resources.push(ResourceId::from(target.text()?));
    }
    let context = match context(&essentials, &data.get("alertContext"), &resources)? {
        Ok(context) => context,
        Err(Uninteresting(reason)) => {
            return Ok(Notice::Ignored { id: line(id), reason });
        }
    };
    resources.extend(context.resources);
    let signal = Signal {
        id: id.to_owned(),
        source: context.source,
        condition: if context.is_over { Condition::Resolved } else { condition },
        summary: line(&format!("{rule}: {}", context.summary)),
        rule,
        resources,
        regions: context.regions,
        endpoint: context.endpoint,
        fired_at,
    };
    // Metric alerts have custom properties; others have null or nothing.
    let workload = data.at(&["customProperties", "workload"]).words().map(str::to_owned);
    Ok(Notice::Report { signal: Box::new(signal), workload, origin: Origin::AzureMonitor })
}

fn condition(node: &Node<'_>) -> Result<Condition, FieldError> {
    match folded(node.text()?).as_str() {
        "fired" => Ok(Condition::Fired),
        "resolved" => Ok(Condition::Resolved),
        other => Err(node.wrong(format!("is {:?}", line(other)), "send Fired or Resolved")),
    }
}

fn context(
    essentials: &Node<'_>,
    context: &Node<'_>,
    targets: &[ResourceId],
) -> Result<Result<Context, Uninteresting>, FieldError> {
    let signal_type = essentials.get("signalType");
    let service = essentials.get("monitoringService").words().unwrap_or_default();
    Ok(match folded(signal_type.text()?).as_str() {
        "metric" => Ok(metric(context, targets)),
        "log" => Ok(log_search(context)),
        "activitylog" => match folded(service).as_str() {
            "resourcehealth" => resource_health(context),
            "servicehealth" => service_health(context),
            _ => {
                let service = line(service);
                Err(Uninteresting(format!("an activity log alert of {service:?} tells no health")))
            }
        },
        other => {
            let problem = format!("is {:?}", line(other));
            return Err(signal_type.wrong(problem, "send Metric, Log or Activity Log"));
        }
    })
}

fn metric(context: &Node<'_>, targets: &[ResourceId]) -> Context {
    let criteria = Criteria::of(context);
    let first = criteria.first.as_ref();
    let namespace =
        first.and_then(|first| first.get("metricNamespace").words()).unwrap_or_default();
    let is_about = |kind: &str| {
        namespace.eq_ignore_ascii_case(kind)
            || namespace.is_empty()
                && targets.iter().any(|target| folded(target.as_str()).contains(&folded(kind)))
    };
    let source = if is_about("Microsoft.Network/trafficManagerProfiles") {
        Source::TrafficManager
    } else if is_about("Microsoft.Network/applicationGateways") {
        Source::ApplicationGateway
    } else {
        Source::OtherMetric
    };
    criteria.into_context(source, "metricName")
}

fn log_search(context: &Node<'_>) -> Context {
    // doc: the measured column is `metricMeasureColumn`; older samples say `metricMeasure`.
    let criteria = Criteria::of(context);
    let is_new = criteria
        .first
        .as_ref()
        .is_some_and(|first| first.get("metricMeasureColumn").words().is_some());
    let measure = if is_new { "metricMeasureColumn" } else { "metricMeasure" };
    criteria.into_context(Source::LogSearch, measure)
}

/// What a rule measured.
struct Criteria<'a> {
    first: Option<Node<'a>>,
    dimensions: Vec<(&'a str, &'a str)>,
}

impl<'a> Criteria<'a> {
    fn of(context: &Node<'a>) -> Self {
        let all_of = context.at(&["condition", "allOf"]).loose_items();
        let dimensions = all_of.iter().flat_map(|one| one.get("dimensions").loose_items());
        let dimensions = dimensions
            .filter_map(|one| Some((one.get("name").words()?, one.get("value").words()?)))
            .collect();
        Self { first: all_of.into_iter().next(), dimensions }
    }

    fn into_context(self, source: Source, measure: &str) -> Context {
        // A workspace writes the dimension's name with the type of its column at the end.
        let endpoint = self.dimensions.iter().find(|(name, _)| {
            name.eq_ignore_ascii_case("EndpointName") || name.eq_ignore_ascii_case("EndpointName_s")
        });
        // doc: log alerts that are split by resource have `_ResourceId` as a dimension.
        let resources = self.dimensions.iter().filter(|(_, value)| is_resource_id(value));
        Context {
            source,
            is_over: false,
            regions: Vec::new(),
            endpoint: endpoint.map(|(_, value)| line(value)),
            resources: resources.map(|(_, value)| ResourceId::from(*value)).collect(),
            summary: self.summary(measure),
        }
    }

    fn summary(&self, measure: &str) -> String {
        let Some(first) = &self.first else { return "no details".to_owned() };
        let of = |name: &str| first.get(name).scalar();
        let what = of(measure).or_else(|| of("timeAggregation")).unwrap_or_default();
        let value = of("metricValue").unwrap_or_else(|| "unknown".to_owned());
        let mut parts = vec![match (of("operator"), of("threshold")) {
            (Some(operator), Some(limit)) => format!("{what} is {value} ({operator} {limit})"),
            _ => format!("{what} is {value}"),
        }];
        parts.extend(self.dimensions.iter().map(|(name, value)| format!("{name} {value}")));
        parts.join(", ")
    }
}

fn is_resource_id(text: &str) -> bool {
    const START: &str = "/subscriptions/";
    text.len() <= 1024
        && text.get(..START.len()).is_some_and(|start| start.eq_ignore_ascii_case(START))
}

fn resource_health(context: &Node<'_>) -> Result<Context, Uninteresting> {
    let properties = context.get("properties");
    let word = |name: &str| properties.get(name).words().unwrap_or_default();
    if folded(word("cause")) == "userinitiated" {
        // Our own stop of a machine is reported so.
        return Err(Uninteresting("the cause is UserInitiated: somebody wanted it".to_owned()));
    }
    let (current, previous) = (word("currentHealthStatus"), word("previousHealthStatus"));
    let status = context.get("status").words().unwrap_or_default();
    Ok(Context {
        source: Source::ResourceHealth,
        // Activity log alerts have no memory: the end is an alert of its own that says Fired.
        is_over: folded(current) == "available"
            || current.is_empty() && folded(status) == "resolved",
        resources: Vec::new(),
        regions: Vec::new(),
        endpoint: None,
        summary: format!("{current}, before {previous} ({})", word("cause")),
    })
}

fn service_health(context: &Node<'_>) -> Result<Context, Uninteresting> {
    let properties = context.get("properties");
    let word = |name: &str| properties.get(name).words().unwrap_or_default();
    if properties.get("IsSynthetic").flag() {
        return Err(Uninteresting("IsSynthetic: a test of the alert rule".to_owned()));
    }
    let kind = word("incidentType");
    if !kind.is_empty() && folded(kind) != "incident" {
        let kind = line(kind);
        return Err(Uninteresting(format!("a notice of type {kind:?} is no outage")));
    }
    let is_end =
        |text: &str| ["resolved", "complete", "canceled", "rca"].contains(&folded(text).as_str());
    Ok(Context {
        source: Source::ServiceHealth,
        is_over: is_end(word("stage")) || is_end(context.get("status").words().unwrap_or_default()),
        resources: Vec::new(),
        regions: regions(&properties),
        endpoint: None,
        summary: format!("{} ({})", word("title"), word("trackingId")),
    })
}

/// The regions of an outage. `impactedServices` is a list, or the JSON text of one.
fn regions(properties: &Node<'_>) -> Vec<String> {
    let services = properties.get("impactedServices");
    let parsed: Option<Value> = services.words().and_then(|text| serde_json::from_str(text).ok());
    let services = parsed.as_ref().map_or(services, Node::root);
    let mut regions: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        let name = line(name);
        let is_new = regions.iter().all(|known| folded(known) != folded(&name));
        if is_new && !name.is_empty() && regions.len() < 100 {
            regions.push(name);
        }
    };
    for service in services.loose_items() {
        for region in service.get("ImpactedRegions").loose_items() {
            if let Some(name) = region.get("RegionName").words().or_else(|| region.words()) {
                add(name);
            }
        }
    }
    for name in properties.get("region").words().unwrap_or_default().split([',', ';']) {
        add(name);
    }
    regions
}

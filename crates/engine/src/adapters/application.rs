//! The application and its names, as a user meets them.

use std::collections::BTreeSet;

use futures::future::try_join;
use jiff::SignedDuration;
use recovery::view::{Application, Name, View};

use crate::outside::Outside;

/// The page answers 200, and the data page shows what it must. No answer is an answer here: the
/// application does not serve.
pub(super) async fn observe(
    outside: &Outside,
    host: &str,
    path: &str,
    data: Option<(&str, &str)>,
    limit: SignedDuration,
) -> Result<View, String> {
    let (serves, detail) = match outside.probes.get(host, path, limit).await {
        Ok(page) => (page.status == 200, format!("http://{host}{path} answers {}", page.status)),
        Err(error) => (false, format!("http://{host}{path}: {error}")),
    };
    let right_data = match data.filter(|_| serves) {
        None => None,
        Some((path, contains)) => match outside.probes.get(host, path, limit).await {
            Ok(page) => Some(page.status == 200 && page.body.contains(contains)),
            Err(_) => Some(false),
        },
    };
    Ok(View::Application(Application { serves, right_data, detail }))
}

/// Whether two names lead to the same addresses.
pub(super) async fn name(
    outside: &Outside,
    name: &str,
    leads_to: &str,
    limit: SignedDuration,
) -> Result<View, String> {
    let resolve = |name: &str| {
        let name = name.to_owned();
        async move {
            let found = outside.probes.resolve(&name, limit).await;
            found.map_err(|error| format!("{name}: {error}"))
        }
    };
    let (here, there) = try_join(resolve(name), resolve(leads_to)).await?;
    let there: BTreeSet<_> = there.into_iter().collect();
    let leads_there = !here.is_empty() && here.iter().all(|address| there.contains(address));
    let leads = if leads_there { "leads" } else { "does not lead" };
    Ok(View::Name(Name { leads_there, detail: format!("{name} {leads} to {leads_to}") }))
}

//! What the café's web site answers.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::database::{self, Coffee};
use super::{readable, writable};
use crate::door::{Request, Response};
use crate::regions::Region;
use crate::world::World;

const ROOT: &str = "/websphere-cafe";
/// So many coffees are on the page; it is asked for all the time.
const NEWEST: usize = 20;
const LONGEST_NAME: usize = 100;
const LONGEST_BODY: usize = 64 * 1024;

/// The answer of a running cluster member of `site`.
pub(super) fn answer(world: &mut World, site: Region, request: &Request) -> Response {
    let Some(path) = request.path().strip_prefix(ROOT) else {
        return text(404, "SRVE0190E: File not found");
    };
    let response = match (request.method.as_str(), path) {
        ("GET" | "HEAD", "") => text(302, "").with_header("location", format!("{ROOT}/")),
        ("GET" | "HEAD", "/") => read(world, site, |rows| page(rows, site)),
        ("GET" | "HEAD", "/rest/coffees") => read(world, site, |rows| {
            Response::json(200, &Value::Array(rows.iter().map(as_json).collect()))
        }),
        ("GET" | "HEAD", path) if path.starts_with("/rest/coffees/") => {
            let id = path.trim_start_matches("/rest/coffees/").parse::<u64>();
            read(world, site, |rows| {
                let found = rows.iter().find(|row| Ok(row.id) == id);
                found.map_or_else(
                    || text(404, "no such coffee"),
                    |row| Response::json(200, &as_json(row)),
                )
            })
        }
        ("POST", "/rest/coffees") => create(world, site, request),
        (_, "/" | "/rest/coffees") => text(405, "method not allowed"),
        _ => text(404, "SRVE0190E: File not found"),
    };
    response.with_header("x-served-by", site.name())
}

fn read(world: &mut World, site: Region, show: impl FnOnce(&[Coffee]) -> Response) -> Response {
    let Some(database) = readable(world, site) else {
        return text(500, "DSRA8100E: Unable to get a connection from the DataSource");
    };
    world.workload.connected.insert(site, database);
    show(world.workload.databases.rows(database)).with_header("x-database", database.name())
}

fn create(world: &mut World, site: Region, request: &Request) -> Response {
    let (name, price) = match wanted(request) {
        Ok(wanted) => wanted,
        Err(problem) => return Response::json(400, &json!({"error": problem})),
    };
    let Some(database) = writable(world, site) else {
        return text(503, "the database does not take writes now");
    };
    world.workload.connected.insert(site, database);
    let coffee = database::insert(world, database, &name, price);
    Response::json(201, &as_json(&coffee)).with_header("x-database", database.name())
}

fn wanted(request: &Request) -> Result<(String, f64), &'static str> {
    if request.body.len() > LONGEST_BODY {
        return Err("the body is too long");
    }
    let body = request.json().ok_or("the body is not JSON")?;
    let name = body["name"].as_str().ok_or("name must be a string")?;
    if name.trim().is_empty() || name.chars().count() > LONGEST_NAME {
        return Err("name must have 1 to 100 characters");
    }
    let price = body["price"].as_f64().ok_or("price must be a number")?;
    if !(0.0..=1e6).contains(&price) {
        return Err("price must be between 0 and 1000000");
    }
    Ok((name.to_owned(), price))
}

fn as_json(coffee: &Coffee) -> Value {
    json!({"id": coffee.id, "name": coffee.name, "price": coffee.price})
}

fn page(rows: &[Coffee], site: Region) -> Response {
    let mut body = String::from(
        "<!DOCTYPE html><html><head><title>WebSphere Cafe</title></head><body><h1>WebSphere Cafe\
         </h1><table>",
    );
    for row in rows.iter().rev().take(NEWEST) {
        let _ = write!(
            body,
            "<tr><td>{}</td><td>{}</td><td>{:.2}</td></tr>",
            row.id,
            escape(&row.name),
            row.price
        );
    }
    let _ = write!(body, "</table><p>Served from {}</p></body></html>", site.display_name());
    Response {
        status: 200,
        headers: vec![("content-type".into(), "text/html; charset=utf-8".into())],
        body: body.into_bytes(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

pub(super) fn text(status: u16, body: &str) -> Response {
    Response {
        status,
        headers: vec![("content-type".into(), "text/plain; charset=utf-8".into())],
        body: body.as_bytes().to_vec(),
    }
}

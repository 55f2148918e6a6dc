//! What `cargo metadata` tells about the packages and who depends on whom.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::workspace::{self, Workspace};

#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    packages: Vec<Package>,
    workspace_members: BTreeSet<String>,
    resolve: Resolve,
    pub(crate) target_directory: PathBuf,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    id: String,
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Debug, Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

#[derive(Debug, Deserialize)]
struct EdgeKind {
    /// `None` for an ordinary dependency, else `build` or `dev`.
    kind: Option<String>,
}

impl Metadata {
    pub(crate) fn load(workspace: &Workspace) -> Result<Self> {
        let text =
            workspace::answer(workspace.cargo().args(["metadata", "--format-version", "1"]))?;
        serde_json::from_str(&text).context("cargo metadata answered something unexpected")
    }

    /// The packages of this repository.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| self.workspace_members.contains(&package.id))
    }

    /// Names of the packages that `package` itself asks for, tests aside.
    pub(crate) fn dependencies(&self, package: &str) -> BTreeSet<&str> {
        let names = self.names();
        self.members()
            .filter(|member| member.name == package)
            .flat_map(|member| self.edges(&member.id))
            .map(|id| names[id])
            .collect()
    }

    /// Names of everything that is built into `package`, tests aside.
    pub(crate) fn closure(&self, package: &str) -> BTreeSet<&str> {
        let names = self.names();
        let mut open: Vec<&str> =
            self.members().filter(|it| it.name == package).map(|it| it.id.as_str()).collect();
        let mut seen: BTreeSet<&str> = open.iter().copied().collect();
        while let Some(id) = open.pop() {
            open.extend(self.edges(id).filter(|id| seen.insert(id)));
        }
        seen.into_iter().map(|id| names[id]).collect()
    }

    fn names(&self) -> BTreeMap<&str, &str> {
        self.packages.iter().map(|it| (it.id.as_str(), it.name.as_str())).collect()
    }

    fn edges(&self, id: &str) -> impl Iterator<Item = &str> {
        self.resolve
            .nodes
            .iter()
            .filter(move |node| node.id == id)
            .flat_map(|node| &node.deps)
            .filter(|edge| edge.dep_kinds.iter().any(|it| it.kind.as_deref() != Some("dev")))
            .map(|edge| edge.pkg.as_str())
    }
}

#[cfg(test)]
pub(crate) fn sample(edges: &[(&str, &str, Option<&str>)]) -> Metadata {
    let names: BTreeSet<&str> = edges.iter().flat_map(|(from, to, _)| [*from, *to]).collect();
    let deps_of = |name: &str| {
        let of_this = edges.iter().filter(|(from, ..)| *from == name);
        of_this
            .map(|(_, to, kind)| Edge {
                pkg: (*to).to_owned(),
                dep_kinds: vec![EdgeKind { kind: kind.map(str::to_owned) }],
            })
            .collect()
    };
    Metadata {
        packages: names
            .iter()
            .map(|name| Package {
                id: (*name).to_owned(),
                name: (*name).to_owned(),
                manifest_path: PathBuf::new(),
            })
            .collect(),
        workspace_members: names.iter().map(|it| (*it).to_owned()).collect(),
        resolve: Resolve {
            nodes: names
                .iter()
                .map(|it| Node { id: (*it).to_owned(), deps: deps_of(it) })
                .collect(),
        },
        target_directory: PathBuf::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::sample;

    #[test]
    fn the_closure_follows_build_edges_and_ends_at_dev_edges() {
        let metadata = sample(&[
            ("app", "engine", None),
            ("engine", "codegen", Some("build")),
            ("engine", "simulator", Some("dev")),
        ]);

        let closure: Vec<_> = metadata.closure("app").into_iter().collect();

        assert_eq!(closure, ["app", "codegen", "engine"]);
    }
}

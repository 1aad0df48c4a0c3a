//! The allowed dependencies between crates.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Packages that stand for actors and for sockets. A crate that must not know them may not depend on these packages, directly or indirectly.
const ACTORS: &[&str] = &["actix", "actix-rt"];
const SOCKETS: &[&str] = &["actix", "actix-http", "h2", "rustls", "tokio"];

/// A crate, the workspace crates that it may use, and the packages that it must not depend on.
const RULES: &[(&str, &[&str], &[&str])] = &[
    ("client-event", &[], SOCKETS),
    ("terminal-escape", &[], SOCKETS),
    ("fail-point", &[], SOCKETS),
    ("atomic-output", &["fail-point"], SOCKETS),
    ("charts", &[], SOCKETS),
    ("seeker-model", &["client-event"], SOCKETS),
    ("load-plan", &["client-event"], SOCKETS),
    ("measure", &["client-event", "load-plan", "terminal-escape"], SOCKETS),
    ("event-request", &["client-event"], SOCKETS),
    ("http2-client", &[], SOCKETS),
    ("event-input", &["client-event"], SOCKETS),
    ("event-stats", &["client-event"], SOCKETS),
    ("scenario", &["client-event", "load-plan", "seeker-model"], SOCKETS),
    (
        "event-tools",
        &[
            "atomic-output",
            "charts",
            "client-event",
            "event-input",
            "event-request",
            "event-stats",
            "scenario",
            "seeker-model",
            "terminal-escape",
        ],
        SOCKETS,
    ),
    (
        "run-report",
        &[
            "atomic-output",
            "charts",
            "client-event",
            "event-input",
            "event-request",
            "load-plan",
            "measure",
            "receiver-summary",
            "terminal-escape",
        ],
        SOCKETS,
    ),
    ("transport", &["client-event", "event-request", "fail-point", "http2-client", "measure", "terminal-escape"], ACTORS),
    ("actor-slab", &["seeker-model"], &["actix-http", "h2", "rustls"]),
    ("receiver-summary", &["client-event"], SOCKETS),
    ("event-receiver", &["client-event", "receiver-summary"], &["hdrhistogram"]),
    (
        "seeker-run",
        &[
            "actor-slab",
            "atomic-output",
            "charts",
            "client-event",
            "event-receiver",
            "event-request",
            "fail-point",
            "load-plan",
            "measure",
            "run-report",
            "scenario",
            "seeker-model",
            "terminal-escape",
            "transport",
        ],
        &["clap"],
    ),
];

/// The program may use all of them.
const PROGRAM: &str = "seeker-sim";

/// The crates below `crates/`.
pub(crate) fn names(workspace: &Path) -> BTreeSet<String> {
    let folder = workspace.join("crates").read_dir().unwrap();
    folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Returns the violated rules, each as a sentence.
pub(crate) fn broken_rules(workspace: &Path) -> Vec<String> {
    let names = names(workspace);
    let uses = uses(workspace);
    let mut broken = Vec::new();
    for name in names.iter().filter(|name| *name != PROGRAM) {
        let Some((_, may_use, must_not_reach)) = RULES.iter().find(|(of, ..)| of == name) else {
            broken.push(format!("{name} is not in the table of xtask/tests/structure/crates.rs; say there what it may use"));
            continue;
        };
        for used in uses[name].iter().filter(|used| names.contains(*used) && !may_use.contains(&used.as_str())) {
            broken.push(format!("{name} must not use {used}"));
        }
        let reached = reached(name, &uses);
        for (forbidden, way) in reached.iter().filter(|(forbidden, _)| must_not_reach.contains(&forbidden.as_str())) {
            broken.push(format!("{name} must not depend on {forbidden}, but does through {way}"));
        }
    }
    broken.extend(RULES.iter().filter(|(name, ..)| !names.contains(*name)).map(|(name, ..)| format!("there is no crate {name}")));
    broken
}

/// The normal dependencies of each package, without development and build dependencies.
fn uses(workspace: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut cargo = Command::new(env!("CARGO"));
    let output = cargo.args(["metadata", "--format-version", "1", "--locked"]).current_dir(workspace).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let name_of: BTreeMap<_, _> = packages.map(|package| (package["id"].as_str().unwrap(), name(package))).collect();
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().unwrap() {
        let of_package = uses.entry(name_of[node["id"].as_str().unwrap()].to_owned()).or_default();
        for dependency in node["deps"].as_array().unwrap() {
            if dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null()) {
                of_package.insert(name_of[dependency["pkg"].as_str().unwrap()].to_owned());
            }
        }
    }
    uses
}

/// The name of a package. A crate of the workspace has the name of its folder; the package of some is called `seeker-NAME`, because the name
/// without the prefix is taken on crates.io.
fn name(package: &Value) -> &str {
    let name = package["name"].as_str().unwrap();
    let is_of_workspace = package["source"].is_null();
    name.strip_prefix("seeker-").filter(|rest| is_of_workspace && !["model", "run", "sim"].contains(rest)).unwrap_or(name)
}

/// All direct and indirect dependencies of a package, each with the package that depends on it.
fn reached(name: &str, uses: &BTreeMap<String, BTreeSet<String>>) -> BTreeMap<String, String> {
    let mut reached = BTreeMap::new();
    let mut open = vec![name.to_owned()];
    while let Some(package) = open.pop() {
        for used in &uses[&package] {
            if !reached.contains_key(used) {
                reached.insert(used.clone(), package.clone());
                open.push(used.clone());
            }
        }
    }
    reached
}

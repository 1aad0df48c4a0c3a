//! Cycles of modules. Each file is a module, and siblings are compared together with their subfolders. A re-export counts as
//! a use of the module that defines the item. Tests may import anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, UseTree, Visibility};

/// The names on the path from the root of the crate to a module.
type ModulePath = Vec<String>;

#[derive(Default)]
struct Module {
    /// The paths that the module uses, as written.
    paths: Vec<Vec<String>>,
    /// The re-exports of the module: the name, and the path to the item.
    exports: Vec<(String, Vec<String>)>,
}

/// Finds the cycles below a source folder, and describes each in a sentence.
pub(crate) fn cycles(source: &Path) -> Vec<String> {
    let mut modules = BTreeMap::new();
    read_folder(source, &Vec::new(), &mut modules);
    let mut uses: BTreeMap<&ModulePath, BTreeSet<ModulePath>> = BTreeMap::new();
    for (path, module) in &modules {
        let targets = module.paths.iter().filter_map(|named| resolved(path, named, &modules, 0));
        uses.insert(path, targets.filter(|target| target != path).collect());
    }
    let parents: BTreeSet<_> = modules.keys().filter_map(|path| Some(path.split_last()?.1.to_vec())).collect();
    parents.iter().flat_map(|parent| cycles_below(parent, &uses)).collect()
}

fn cycles_below(parent: &[String], uses: &BTreeMap<&ModulePath, BTreeSet<ModulePath>>) -> Vec<String> {
    let sibling = |path: &ModulePath| path.strip_prefix(parent).and_then(|below| below.first()).cloned();
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, used) in uses {
        let Some(from) = sibling(path) else { continue };
        let to = used.iter().filter_map(sibling).filter(|to| *to != from);
        graph.entry(from.clone()).or_default().extend(to);
    }
    let reach = |from: &String| {
        let (mut reached, mut open) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(next) = open.pop() {
            for to in graph.get(&next).into_iter().flatten() {
                if reached.insert(to.clone()) {
                    open.push(to.clone());
                }
            }
        }
        reached
    };
    let reached: BTreeMap<_, _> = graph.keys().map(|from| (from.clone(), reach(from))).collect();
    let mut cycles = BTreeSet::new();
    for (from, to) in &reached {
        let cycle: Vec<_> = to.iter().filter(|to| reached.get(*to).is_some_and(|back| back.contains(from))).cloned().collect();
        if !cycle.is_empty() {
            cycles.insert(cycle);
        }
    }
    let sentence = |cycle: Vec<String>| {
        let edges = cycle.iter().flat_map(|from| graph[from].iter().map(move |to| (from, to)));
        let edges: Vec<_> = edges.filter(|(_, to)| cycle.contains(to)).map(|(from, to)| format!("{from} uses {to}")).collect();
        let place = if parent.is_empty() { String::new() } else { format!("in {}: ", parent.join("::")) };
        format!("{place}{} form an import cycle: {}", cycle.join(", "), edges.join(", "))
    };
    cycles.into_iter().map(sentence).collect()
}

/// Returns the module that a path leads to from a module; `None` if the path leaves the crate.
fn resolved(from: &ModulePath, named: &[String], modules: &BTreeMap<ModulePath, Module>, depth: usize) -> Option<ModulePath> {
    const DEPTH_MAX: usize = 8;
    let mut rest = named;
    let mut current = match rest.first()?.as_str() {
        "crate" => {
            rest = &rest[1..];
            Vec::new()
        }
        "self" => {
            rest = &rest[1..];
            from.clone()
        }
        "super" => {
            let mut current = from.clone();
            while rest.first().is_some_and(|name| name == "super") {
                current.pop();
                rest = &rest[1..];
            }
            current
        }
        first => {
            let child: ModulePath = from.iter().cloned().chain([first.to_owned()]).collect();
            modules.contains_key(&child).then(|| from.clone())?
        }
    };
    while let Some(name) = rest.first() {
        let child: ModulePath = current.iter().cloned().chain([name.clone()]).collect();
        if modules.contains_key(&child) {
            (current, rest) = (child, &rest[1..]);
            continue;
        }
        let exported = modules.get(&current)?.exports.iter().find(|(export, _)| export == name);
        return match exported {
            Some((_, path)) if depth < DEPTH_MAX => resolved(&current, path, modules, depth + 1).or(Some(current)),
            _ => Some(current),
        };
    }
    Some(current)
}

fn read_folder(folder: &Path, parent: &ModulePath, modules: &mut BTreeMap<ModulePath, Module>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if name == "tests" || name == "main" {
            continue;
        }
        let module = if name == "lib" { parent.clone() } else { parent.iter().cloned().chain([name]).collect() };
        if path.is_dir() {
            read_folder(&path, &module, modules);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let file = syn::parse_file(&fs::read_to_string(&path).unwrap())
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let mut found = Found::default();
            found.visit_file(&file);
            modules.entry(module).or_default().extend(found.0);
        }
    }
}

impl Module {
    fn extend(&mut self, other: Self) {
        self.paths.extend(other.paths);
        self.exports.extend(other.exports);
    }
}

#[derive(Default)]
struct Found(Module);

impl<'ast> Visit<'ast> for Found {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Mod(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !attributes.iter().any(is_for_tests) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        // A module within a file belongs to the file.
        visit::visit_item_mod(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let mut paths = Vec::new();
        flatten(&item.tree, &mut Vec::new(), &mut paths);
        if matches!(item.vis, Visibility::Inherited) {
            self.0.paths.extend(paths.into_iter().map(|(_, path)| path));
        } else {
            self.0.exports.extend(paths);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            self.0.paths.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }
}

fn is_for_tests(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") && {
        let condition = &attribute.meta.require_list().unwrap().tokens.to_string();
        condition.starts_with("test") || condition.contains("proptest") || condition.contains("fuzzing")
    }
}

/// Collects the paths of an import, each with the imported name.
fn flatten(tree: &UseTree, path: &mut Vec<String>, paths: &mut Vec<(String, Vec<String>)>) {
    match tree {
        UseTree::Path(tree) => {
            path.push(tree.ident.to_string());
            flatten(&tree.tree, path, paths);
            path.pop();
        }
        UseTree::Name(tree) => {
            let name = tree.ident.to_string();
            let whole: Vec<_> = path.iter().cloned().chain((name != "self").then(|| name.clone())).collect();
            paths.push((whole.last().cloned().unwrap_or_default(), whole));
        }
        UseTree::Rename(tree) => {
            let whole = path.iter().cloned().chain([tree.ident.to_string()]).collect();
            paths.push((tree.rename.to_string(), whole));
        }
        UseTree::Glob(_) => paths.push((String::new(), path.clone())),
        UseTree::Group(tree) => tree.items.iter().for_each(|tree| flatten(tree, path, paths)),
    }
}

//! Tests of the structure of the workspace: the allowed dependencies between crates, and no import cycles between the modules of a crate.

#![expect(clippy::unwrap_used, reason = "a test fails where it cannot read the workspace")]

#[path = "structure/crates.rs"]
mod crates;
#[path = "structure/modules.rs"]
mod modules;

use std::path::{Path, PathBuf};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

#[test]
fn crates_use_only_their_allowed_dependencies() {
    let broken = crates::broken_rules(&workspace());
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn no_modules_form_an_import_cycle() {
    let mut cycles = Vec::new();
    for name in crates::names(&workspace()) {
        let source = workspace().join("crates").join(&name).join("src");
        cycles.extend(modules::cycles(&source).into_iter().map(|cycle| format!("{name}: {cycle}")));
    }
    assert!(cycles.is_empty(), "{}", cycles.join("\n"));
}

/// A known cycle is reported, and a graph without a cycle is accepted.
#[test]
fn a_cycle_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("lib.rs", "mod a; mod b; mod c; pub use c::C;");
    write("a.rs", "use crate::b::deep::B; pub struct A;");
    write("b.rs", "pub mod deep;");
    write("b/deep.rs", "use crate::C; pub struct B;");
    write("c.rs", "pub struct C; #[cfg(test)] mod tests { use crate::a::A; }");
    assert_eq!(modules::cycles(folder.path()), Vec::<String>::new());
    // The cycle goes through a re-export of the root and a path without a `use`.
    write("c.rs", "pub struct C; fn a() -> super::a::A { super::a::A }");
    assert_eq!(modules::cycles(folder.path()), ["a, b, c form an import cycle: a uses b, b uses c, c uses a"]);
}

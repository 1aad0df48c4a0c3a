//! Go with quicktype. The program that uses the type is in `xtask/codegen/go`; it needs only the standard library.

use std::process::Command;

use anyhow::Result;

use super::Bench;
use super::row::{Cell, CompileTime, Refusal, Refusals, Row};
use crate::tools::{available, part, place, run};

/// An event type is a named string in Go, and a missing field keeps its zero value.
const NEVER: Refusal = Refusal { when_compiled: false, when_read: false };

pub(super) fn check(bench: &Bench) -> Result<Row> {
    let mut row = Row::new("quicktype", &bench.node.version("quicktype"), "Go");
    let folder = bench.workshop.emptied("codegen/quicktype-go")?;
    let generated = row.generate(bench, &folder, |schema, out| {
        let mut command = bench.node.program("quicktype");
        command.args(["--src-lang", "schema", "--lang", "go", "--package", "main", "--top-level", "ClientEvent", "--out"]);
        command.arg(out.join("client_event.go")).arg(schema);
        Ok(command)
    })?;
    if !generated {
        return Ok(row);
    }
    if !available("go", "version") {
        row.compiled = Cell::NotChecked("no go (Debian: apt-get install golang-go)".to_owned());
        return Ok(row);
    }
    for file in ["go.mod", "roundtrip.go"] {
        place(&part("codegen/go").join(file), &folder.join(file))?;
    }
    let mut go = Command::new("go");
    go.args(["build", "-o", "roundtrip", "."]).current_dir(&folder);
    go.env("GOCACHE", bench.workshop.kept("go-cache")?).env("GOFLAGS", "").env("GOTOOLCHAIN", "local").env("CGO_ENABLED", "0");
    row.compiled = Cell::of(&run(&mut go, None)?);
    if row.compiled.held() {
        let expected = Refusals { wrong_enum: NEVER, missing_field: NEVER };
        row.take_events(bench, &mut Command::new(folder.join("roundtrip")), CompileTime::default(), expected)?;
    }
    Ok(row)
}

//! TypeScript with quicktype, json-schema-to-typescript and openapi-typescript, compiled with `tsc --strict`. The programs that use the
//! types are in `xtask/codegen/typescript`.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::Bench;
use super::row::{Cell, CompileTime, Refusal, Refusals, Row};
use crate::tools::{Finished, excerpt, part, place, run};

/// The programs and settings that are compiled with the types of every generator.
const PROGRAMS: [&str; 4] = ["tsconfig.json", "roundtrip.ts", "wrong_enum.ts", "missing_field.ts"];

const COMPILED: Refusal = Refusal { when_compiled: true, when_read: false };
const COMPILED_AND_READ: Refusal = Refusal { when_compiled: true, when_read: true };

pub(super) fn check(bench: &Bench) -> Result<Vec<Row>> {
    let mut rows = vec![quicktype(bench)?, json_schema_to_typescript(bench)?];
    for (version, file) in &bench.inputs.openapi {
        rows.push(openapi_typescript(bench, version, file.as_deref())?);
    }
    Ok(rows)
}

fn quicktype(bench: &Bench) -> Result<Row> {
    let mut row = Row::new("quicktype", &bench.node.version("quicktype"), "TypeScript");
    let folder = bench.workshop.emptied("codegen/quicktype-typescript")?;
    let generated = row.generate(bench, &folder, |schema, out| {
        let mut command = bench.node.program("quicktype");
        command.args(["--src-lang", "schema", "--lang", "typescript", "--top-level", "ClientEvent", "--out"]);
        command.arg(out.join("client_event.ts")).arg(schema);
        Ok(command)
    })?;
    if generated {
        compile_and_take_events(bench, &mut row, &folder, "quicktype", COMPILED_AND_READ)?;
    }
    Ok(row)
}

fn json_schema_to_typescript(bench: &Bench) -> Result<Row> {
    let mut row = Row::new("json-schema-to-typescript", &bench.node.version("json-schema-to-typescript"), "TypeScript");
    let folder = bench.workshop.emptied("codegen/json-schema-to-typescript")?;
    let generated = row.generate(bench, &folder, |schema, out| {
        let mut command = bench.node.program("json2ts");
        command.arg("--input").arg(schema).arg("--output").arg(out.join("client_event.ts"));
        Ok(command)
    })?;
    if generated {
        compile_and_take_events(bench, &mut row, &folder, "json-schema-to-typescript", COMPILED)?;
    }
    Ok(row)
}

fn openapi_typescript(bench: &Bench, version: &str, file: Option<&Path>) -> Result<Row> {
    let name = format!("openapi-typescript, OpenAPI {version}");
    let mut row = Row::new(&name, &bench.node.version("openapi-typescript"), "TypeScript");
    let Some(file) = file else {
        row.generated = Cell::NotChecked(format!("no OpenAPI file (client-event.openapi-{version}.json is missing)"));
        return Ok(row);
    };
    let folder = bench.workshop.emptied(&format!("codegen/openapi-{version}-typescript"))?;
    let mut command = bench.node.program("openapi-typescript");
    let finished = run(command.arg(file).arg("--output").arg(folder.join("client_event.ts")), None)?;
    row.generated = Cell::of(&finished);
    if finished.success {
        compile_and_take_events(bench, &mut row, &folder, "openapi-typescript", COMPILED)?;
    }
    Ok(row)
}

fn compile_and_take_events(bench: &Bench, row: &mut Row, folder: &Path, generator: &str, expected: Refusal) -> Result<()> {
    let parts = part("codegen/typescript");
    for program in PROGRAMS {
        place(&parts.join(program), &folder.join(program))?;
    }
    place(&parts.join(format!("events.{generator}.ts")), &folder.join("events.ts"))?;
    let finished = run(bench.node.program("tsc").args(["--pretty", "false", "--project"]).arg(folder).current_dir(folder), None)?;
    let found = Diagnostics::of(&finished);
    row.compiled =
        if found.others.is_empty() { Cell::Held("yes".to_owned()) } else { Cell::failed("FAILED", &excerpt(&found.others)) };
    if row.compiled.held() {
        let compiled = CompileTime { wrong_enum: found.wrong_enum.is_empty(), missing_field: found.missing_field.is_empty() };
        let mut program = Command::new("node");
        program.arg(folder.join("out/roundtrip.js"));
        row.take_events(bench, &mut program, compiled, Refusals { wrong_enum: expected, missing_field: expected })?;
    }
    Ok(())
}

/// The errors of tsc by program. The programs that must not compile mark each expected error, so tsc reports an error where none occurred.
#[derive(Debug, Default, PartialEq, Eq)]
struct Diagnostics {
    wrong_enum: String,
    missing_field: String,
    others: String,
}

impl Diagnostics {
    fn of(finished: &Finished) -> Self {
        let mut found = Self::default();
        for line in finished.stdout.lines().filter(|line| !line.is_empty()) {
            let place = match line {
                _ if line.starts_with("wrong_enum.ts") => &mut found.wrong_enum,
                _ if line.starts_with("missing_field.ts") => &mut found.missing_field,
                _ => &mut found.others,
            };
            place.extend([line, "\n"]);
        }
        if !finished.success && found == Self::default() {
            found.others = finished.said();
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_grouped_by_program() {
        let stdout =
            "wrong_enum.ts(7,1): error TS2578: Unused '@ts-expect-error' directive.\nclient_event.ts(1,1): error TS1: x\n";
        let found = Diagnostics::of(&Finished { success: false, stdout: stdout.to_owned(), stderr: String::new() });
        assert!(found.wrong_enum.contains("TS2578") && found.missing_field.is_empty());
        assert_eq!(found.others, "client_event.ts(1,1): error TS1: x\n");
    }

    #[test]
    fn a_compiler_that_fails_without_a_complaint_has_failed() {
        let found = Diagnostics::of(&Finished { success: false, stdout: String::new(), stderr: "out of memory".to_owned() });
        assert_eq!(found.others, "out of memory");
    }
}

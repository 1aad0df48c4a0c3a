//! Python with datamodel-code-generator, for pydantic 2. The program that uses the model is in `xtask/codegen/python`.

use anyhow::Result;

use super::Bench;
use super::row::{Cell, CompileTime, Refusal, Refusals, Row};
use crate::tools::{part, place, run};

const READ: Refusal = Refusal { when_compiled: false, when_read: true };

pub(super) fn check(bench: &Bench) -> Result<Row> {
    let python = &bench.python;
    let version = format!("{}, pydantic {}", python.version("datamodel-code-generator"), python.version("pydantic"));
    let mut row = Row::new("datamodel-code-generator", &version, "Python");
    let folder = bench.workshop.emptied("codegen/datamodel-code-generator")?;
    let generated = row.generate(bench, &folder, |schema, out| {
        let mut command = python.module("datamodel_code_generator");
        command.args(["--input-file-type", "jsonschema", "--output-model-type", "pydantic_v2.BaseModel"]);
        command.args(["--formatters", "builtin", "--disable-timestamp", "--input"]).arg(schema);
        command.arg("--output").arg(out.join("client_event.py"));
        Ok(command)
    })?;
    if !generated {
        return Ok(row);
    }
    let program = folder.join("roundtrip.py");
    place(&part("codegen/python/roundtrip.py"), &program)?;
    row.compiled = Cell::of(&run(python.module("client_event").current_dir(&folder), None)?);
    if row.compiled.held() {
        let expected = Refusals { wrong_enum: READ, missing_field: READ };
        row.take_events(bench, &mut python.script(&program), CompileTime::default(), expected)?;
    }
    Ok(row)
}

//! The compatibility promise of a major version: values that were valid stay valid. The frozen files next to the vectors contain all values
//! that were ever valid, one file per role. Values are added and never removed.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result, bail};
use client_event::schema::{Artefact, Role, to_line, vectors};
use serde_json::Value;

/// Returns the frozen values plus the current values, as files below `folder`.
pub(crate) fn artefacts(folder: &Path) -> Result<Vec<Artefact>> {
    Role::ALL.into_iter().map(|role| artefact(folder, role)).collect()
}

fn path_of(role: Role) -> String {
    format!("client-event/v1/frozen/{role}.json")
}

fn artefact(folder: &Path, role: Role) -> Result<Artefact> {
    let mut values = frozen(folder, role)?;
    for vector in vectors().into_iter().filter(|vector| vector.role == role && vector.valid && !vector.optional) {
        if !values.contains(&vector.data) {
            values.push(vector.data);
        }
    }
    // One value per line, so that a diff shows the additions.
    let lines: Vec<_> = values.iter().map(|value| format!("  {}", to_line(value))).collect();
    Ok(Artefact { path: path_of(role), text: format!("[\n{}\n]\n", lines.join(",\n")) })
}

/// Returns the current frozen values; empty before the first time.
fn frozen(folder: &Path, role: Role) -> Result<Vec<Value>> {
    let file = folder.join(path_of(role));
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("read {}", file.display())),
    };
    match serde_json::from_str(&text).with_context(|| format!("read {} as JSON", file.display()))? {
        Value::Array(values) => Ok(values),
        _ => bail!("{} is not an array of values; restore the file from the last commit", file.display()),
    }
}

#[cfg(test)]
mod tests {
    use client_event::ClientEvent;
    use client_event::schema::{Dialect, SchemaName, schema};

    use super::*;

    /// Frozen values are valid under the schemas and, for `accept`, for the reader.
    #[test]
    fn frozen_values_are_still_valid() {
        for role in Role::ALL {
            let values = frozen(&crate::schemas_folder(), role).unwrap();
            assert!(values.len() >= 50, "{role}: {}", values.len());
            for dialect in [Dialect::Draft202012, Dialect::Draft07] {
                let validator = jsonschema::validator_for(&schema(SchemaName::new(role, dialect).unwrap())).unwrap();
                for value in &values {
                    assert!(validator.is_valid(value), "no longer valid under {role}, {dialect}: {value}");
                    if role == Role::Accept {
                        ClientEvent::from_json(value.to_string().as_bytes()).unwrap();
                    }
                }
            }
        }
    }

    #[test]
    fn values_are_added_and_never_taken_out() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let first = artefact(folder, Role::Send).unwrap();
        let file = folder.join(&first.path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "[\n  {\"of\": \"old\"}\n]\n").unwrap();
        let grown = artefact(folder, Role::Send).unwrap();
        assert!(grown.text.starts_with("[\n  {\"of\": \"old\"},\n"));
        assert_eq!(grown.text.lines().count(), first.text.lines().count() + 1);
        fs::write(&file, "{}").unwrap();
        assert!(artefact(folder, Role::Send).unwrap_err().to_string().contains("is not an array"));
    }
}

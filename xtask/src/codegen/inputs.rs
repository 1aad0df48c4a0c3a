//! The input files of generators: the schema in the role `types`, and the OpenAPI files. Each generator selects its own inputs.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::tools::place;

/// The folder of the message's files, below `schemas/`.
const FOLDER: &str = "client-event/v1";

/// The files. A missing file is `None`; the first file is required.
#[derive(Debug)]
pub(super) struct Inputs {
    pub(super) types: PathBuf,
    pub(super) types_draft_07: Option<PathBuf>,
    /// By version of OpenAPI.
    pub(super) openapi: [(&'static str, Option<PathBuf>); 2],
}

impl Inputs {
    /// Finds the files. Fails if there is no schema.
    pub(super) fn find(schemas: &Path) -> Result<Self> {
        let folder = schemas.join(FOLDER);
        let present = |name: &str| Some(folder.join(name)).filter(|path| path.is_file());
        let Some(types) = present("client-event.schema.json") else {
            bail!("the schema {} is missing; `cargo xtask schemas` writes it", folder.join("client-event.schema.json").display());
        };
        let openapi = [("3.0", present("client-event.openapi-3.0.json")), ("3.1", present("client-event.openapi-3.1.json"))];
        Ok(Self { types, types_draft_07: present("client-event.draft-07.schema.json"), openapi })
    }

    /// Copies the files to another folder. Both drafts have the same name there, because some generators write the name into their output.
    pub(super) fn copied(&self, folder: &Path) -> Result<Self> {
        let copy = |from: &PathBuf, below: &str| {
            let to = folder.join(below).join("client-event.json");
            place(from, &to).map(|()| to)
        };
        let [(v30, openapi_30), (v31, openapi_31)] = &self.openapi;
        Ok(Self {
            types: copy(&self.types, "2020-12")?,
            types_draft_07: self.types_draft_07.as_ref().map(|from| copy(from, "draft-07")).transpose()?,
            openapi: [
                (v30, openapi_30.as_ref().map(|from| copy(from, "openapi-3.0")).transpose()?),
                (v31, openapi_31.as_ref().map(|from| copy(from, "openapi-3.1")).transpose()?),
            ],
        })
    }

    /// The required fields of the schema.
    pub(super) fn required(&self) -> Result<Vec<String>> {
        let text = fs::read(&self.types).with_context(|| format!("read {}", self.types.display()))?;
        let schema: Value = serde_json::from_slice(&text).with_context(|| format!("read {}", self.types.display()))?;
        let names = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Ok(names.map(str::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_schema_is_reported_with_the_command_that_writes_it() {
        let folder = tempfile::tempdir().unwrap();
        let message = Inputs::find(folder.path()).unwrap_err().to_string();
        assert!(message.contains("client-event/v1/client-event.schema.json is missing; `cargo xtask schemas`"), "{message}");
    }

    #[test]
    fn files_are_copied_under_one_name() {
        let folder = tempfile::tempdir().unwrap();
        let schemas = folder.path().join(FOLDER);
        fs::create_dir_all(&schemas).unwrap();
        fs::write(schemas.join("client-event.schema.json"), r#"{"required":["a","b"]}"#).unwrap();
        fs::write(schemas.join("client-event.openapi-3.1.json"), "{}").unwrap();
        let copied = Inputs::find(folder.path()).unwrap().copied(&folder.path().join("copy")).unwrap();
        assert_eq!(copied.required().unwrap(), ["a", "b"]);
        assert_eq!(copied.types_draft_07, None);
        assert_eq!(copied.openapi, [("3.0", None), ("3.1", Some(folder.path().join("copy/openapi-3.1/client-event.json")))]);
    }
}

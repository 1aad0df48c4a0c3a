//! Reads the test vectors, in the format of the JSON Schema Test Suite, and finds their schemas. Documents keep their original text, so
//! that no number is rounded before a validator reads it.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// The format of a file of vectors.
const FORM: &str = r#"[{"description", "schema": {"$ref": "<$id of the schema>"}, "tests": [{"description", "data", "valid"}]}]"#;

/// The paths of vectors.
const LAYOUT: &str = "schemas/<message>/<version>/tests/<role>/*.json, and optional/*.json below it";

/// A draft of JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Draft {
    V2020,
    V7,
}

impl Draft {
    /// The name in the calls of the validators.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::V2020 => "2020-12",
            Self::V7 => "draft-07",
        }
    }

    /// The part before `schema.json` in a file name.
    fn infix(self) -> &'static str {
        match self {
            Self::V2020 => "",
            Self::V7 => "draft-07.",
        }
    }

    fn uri(self) -> &'static str {
        match self {
            Self::V2020 => "https://json-schema.org/draft/2020-12/schema",
            Self::V7 => "http://json-schema.org/draft-07/schema#",
        }
    }
}

/// The vectors of one role, and its schemas.
#[derive(Debug)]
pub(super) struct Role {
    pub(super) schemas: Vec<Schema>,
    pub(super) vectors: Vec<Vector>,
}

/// A schema in one draft.
#[derive(Debug)]
pub(super) struct Schema {
    /// Below `schemas/`.
    pub(super) path: PathBuf,
    pub(super) draft: Draft,
}

/// A document and its expected verdict.
#[derive(Debug)]
pub(super) struct Vector {
    /// Below `schemas/`.
    pub(super) file: PathBuf,
    pub(super) group: String,
    pub(super) description: String,
    /// The original text of the document, on one line.
    pub(super) data: String,
    pub(super) valid: bool,
    /// Whether validators may differ.
    pub(super) optional: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    description: String,
    schema: Reference,
    tests: Vec<Test>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    #[serde(rename = "$ref")]
    reference: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Test {
    description: String,
    data: Box<RawValue>,
    valid: bool,
}

/// Returns all vectors below the folder of the schemas. Fails if there are none, or if a file has another format.
pub(super) fn roles(schemas: &Path) -> Result<Vec<Role>> {
    let mut roles = Vec::new();
    for message in folders(schemas, Path::new(""))? {
        for version in folders(schemas, &message)? {
            for role in folders(schemas, &version.join("tests"))? {
                roles.push(read_role(schemas, &version, &role)?);
            }
        }
    }
    if roles.is_empty() {
        bail!("there are no test vectors below {}: expected {LAYOUT}", schemas.display());
    }
    Ok(roles)
}

fn read_role(schemas: &Path, version: &Path, folder: &Path) -> Result<Role> {
    let message = version.components().next().map(|name| name.as_os_str().to_string_lossy()).unwrap_or_default();
    let role = folder.file_name().unwrap_or_default().to_string_lossy();
    let infix = if role == "types" { String::new() } else { format!("{role}.") };
    let mut found = Vec::new();
    let mut ids = BTreeSet::new();
    for draft in [Draft::V2020, Draft::V7] {
        let path = version.join(format!("{message}.{infix}{}schema.json", draft.infix()));
        if schemas.join(&path).is_file() {
            ids.insert(id(schemas, &path, draft)?);
            found.push(Schema { path, draft });
        }
    }
    ensure!(
        !found.is_empty(),
        "{} contains vectors of the role {role}, but its schema is missing: expected {message}.{infix}schema.json in {}",
        folder.display(),
        version.display()
    );
    let mut vectors = Vec::new();
    for (folder, optional) in [(folder.to_owned(), false), (folder.join("optional"), true)] {
        for file in files(schemas, &folder)? {
            let text = fs::read_to_string(schemas.join(&file)).with_context(|| format!("read {}", file.display()))?;
            vectors.extend(read_vectors(&file, &text, optional, &ids)?);
        }
    }
    for folder in folders(schemas, folder)? {
        ensure!(folder.ends_with("optional"), "{} is not a folder of vectors: expected {LAYOUT}", folder.display());
    }
    ensure!(!vectors.is_empty(), "{} contains no test vectors: expected {LAYOUT}", folder.display());
    Ok(Role { schemas: found, vectors })
}

/// Returns the `$id` of a schema, which must have this draft.
fn id(schemas: &Path, path: &Path, draft: Draft) -> Result<String> {
    let text = fs::read(schemas.join(path)).with_context(|| format!("read {}", path.display()))?;
    let schema: Value = serde_json::from_slice(&text).with_context(|| format!("read {}", path.display()))?;
    ensure!(
        schema["$schema"] == draft.uri(),
        "{}: \"$schema\" is {}, expected \"{}\"",
        path.display(),
        schema["$schema"],
        draft.uri()
    );
    let id = schema["$id"].as_str().with_context(|| format!("{}: there is no \"$id\"", path.display()))?;
    Ok(id.to_owned())
}

fn read_vectors(file: &Path, text: &str, optional: bool, ids: &BTreeSet<String>) -> Result<Vec<Vector>> {
    let groups: Vec<Group> = match serde_json::from_str(text) {
        Ok(groups) => groups,
        Err(error) => bail!("{} is not a file of vectors: {error}; expected {FORM}", file.display()),
    };
    let mut vectors = Vec::new();
    for group in groups {
        let place = || format!("{}: \"{}\"", file.display(), group.description);
        ensure!(
            ids.contains(&group.schema.reference),
            "{}: \"$ref\" is \"{}\", expected the $id of a schema of its role: {}",
            place(),
            group.schema.reference,
            ids.iter().cloned().collect::<Vec<_>>().join(" or ")
        );
        ensure!(!group.tests.is_empty(), "{}: \"tests\" is empty, expected at least one test", place());
        vectors.extend(group.tests.into_iter().map(|test| Vector {
            file: file.to_owned(),
            group: group.description.clone(),
            description: test.description,
            // A line break in JSON stands between tokens, never in a string.
            data: test.data.get().replace(['\n', '\r'], " "),
            valid: test.valid,
            optional,
        }));
    }
    Ok(vectors)
}

fn folders(root: &Path, below: &Path) -> Result<Vec<PathBuf>> {
    entries(root, below, Path::is_dir)
}

fn files(root: &Path, below: &Path) -> Result<Vec<PathBuf>> {
    entries(root, below, |path| path.extension().is_some_and(|extension| extension == "json"))
}

/// Returns the wanted entries of a folder below the root, sorted; empty if the folder does not exist.
fn entries(root: &Path, below: &Path, wanted: fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let folder = root.join(below);
    let found = match fs::read_dir(&folder) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("list {}", folder.display())),
    };
    let mut paths = Vec::new();
    for entry in found {
        let entry = entry.with_context(|| format!("list {}", folder.display()))?;
        if wanted(&entry.path()) {
            paths.push(below.join(entry.file_name()));
        }
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "https://example/x.schema.json";

    fn read(text: &str) -> Result<Vec<Vector>> {
        read_vectors(Path::new("x/v1/tests/types/ids.json"), text, false, &BTreeSet::from([ID.to_owned()]))
    }

    fn group(reference: &str, tests: &str) -> String {
        format!("[{{\"description\": \"ids\", \"schema\": {{\"$ref\": \"{reference}\"}},\n \"tests\": [{tests}]}}]")
    }

    #[test]
    fn documents_are_kept_as_written() {
        let vectors =
            read(&group(ID, "{\"description\": \"big\", \"data\": [9223372036854775807,\n1.0e2, \"a\\n\"], \"valid\": true}"))
                .unwrap();
        assert_eq!(vectors[0].data, "[9223372036854775807, 1.0e2, \"a\\n\"]");
        assert!(vectors[0].valid && vectors[0].description == "big" && vectors[0].group == "ids");
    }

    #[test]
    fn malformed_vectors_are_reported_with_file_place_and_form() {
        let test = "{\"description\": \"d\", \"data\": 1}";
        for (text, expected) in [
            (group(ID, test), "missing field `valid` at line 2"),
            (
                group(ID, "{\"description\": \"d\", \"data\": 1, \"valid\": 1}"),
                "invalid type: integer `1`, expected a boolean at line 2",
            ),
            (group(ID, "{\"descripton\": \"d\"}"), "unknown field `descripton`, expected one of"),
            ("{}".to_owned(), "invalid type: map, expected a sequence at line 1"),
            ("[".to_owned(), "EOF while parsing"),
        ] {
            let message = read(&text).unwrap_err().to_string();
            assert!(message.starts_with("x/v1/tests/types/ids.json is not a file of vectors: "), "{message}");
            assert!(message.contains(expected) && message.ends_with(FORM), "{message}");
        }
    }

    #[test]
    fn a_reference_to_another_schema_and_no_tests_are_refused() {
        let message = read(&group("https://example/y", "")).unwrap_err().to_string();
        assert!(message.ends_with(
            "\"$ref\" is \"https://example/y\", expected the $id of a schema of its role: https://example/x.schema.json"
        ));
        let message = read(&group(ID, "")).unwrap_err().to_string();
        assert!(message.ends_with("\"ids\": \"tests\" is empty, expected at least one test"), "{message}");
    }

    fn layout(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn schema(draft: Draft) -> String {
        format!("{{\"$schema\": \"{}\", \"$id\": \"{ID}\"}}", draft.uri())
    }

    #[test]
    fn roles_are_found_with_their_schemas_and_optional_vectors() {
        let vectors = group(ID, "{\"description\": \"d\", \"data\": 1, \"valid\": true}");
        let folder = layout(&[
            ("x/v1/x.send.schema.json", &schema(Draft::V2020)),
            ("x/v1/x.send.draft-07.schema.json", &schema(Draft::V7)),
            ("x/v1/tests/send/a.json", &vectors),
            ("x/v1/tests/send/optional/b.json", &vectors),
        ]);
        let roles = roles(folder.path()).unwrap();
        assert_eq!(roles[0].schemas.iter().map(|schema| schema.draft).collect::<Vec<_>>(), [Draft::V2020, Draft::V7]);
        assert_eq!(roles[0].vectors.iter().map(|vector| vector.optional).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn missing_files_are_named() {
        let vectors = group(ID, "{\"description\": \"d\", \"data\": 1, \"valid\": true}");
        for (files, expected) in [
            (vec![], "there are no test vectors below"),
            (vec![("x/v1/tests/send/a.json", vectors.as_str())], "expected x.send.schema.json in x/v1"),
            (vec![("x/v1/x.schema.json", &*schema(Draft::V7)), ("x/v1/tests/types/a.json", &vectors)], "\"$schema\" is"),
            (
                vec![("x/v1/x.schema.json", &*schema(Draft::V2020)), ("x/v1/tests/types/other/a.json", &vectors)],
                "not a folder of vectors",
            ),
        ] {
            let message = roles(layout(&files).path()).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}

//! Tests of the command `schema`.

use std::fs;

use serde_json::Value;

use crate::program::ended;

#[test]
fn each_schema_is_printed() {
    for (args, id) in [
        ("schema", "client-event.schema.json"),
        ("schema --role send", "client-event.send.schema.json"),
        ("schema --role accept --draft draft-07", "client-event.accept.draft-07.schema.json"),
    ] {
        let ended = ended(&args.split(' ').collect::<Vec<_>>());
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let schema: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert!(schema["$id"].as_str().unwrap().ends_with(&format!("/v1/{id}")), "{}", schema["$id"]);
    }
    let openapi = ended(&["schema", "--draft", "openapi-3.1"]);
    assert_eq!(serde_json::from_str::<Value>(&openapi.stdout).unwrap()["openapi"], "3.1.0");
}

#[test]
fn files_are_written_into_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let written = ended(&["schema", "--out", out]);
    assert_eq!(written.code, Some(0), "{}", written.stderr);
    assert_eq!(written.stdout.lines().count(), 8);
    let one = folder.path().join("client-event.schema.json");
    fs::write(&one, "mine").unwrap();
    let refused = ended(&["schema", "--out", out]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("client-event.schema.json") && refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(&one).unwrap(), "mine");
    assert_eq!(ended(&["schema", "--out", out, "--force"]).code, Some(0));
}

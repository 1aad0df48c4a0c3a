//! Edge cases of `eventId` and `requestId`: strings that are not empty.

use serde_json::json;

use super::edges::{ALL, Edge, NONE, with};

pub(super) fn edges() -> Vec<Edge> {
    let mut edges = Vec::new();
    for field in ["eventId", "requestId"] {
        for (description, text) in [
            ("one character", "x".to_owned()),
            ("a space", " ".to_owned()),
            ("a tab", "\t".to_owned()),
            ("a line feed", "\n".to_owned()),
            ("a line feed at the end", "id\n".to_owned()),
            ("a null character", "\0".to_owned()),
            ("a digit", "7".to_owned()),
            ("a letter beyond ASCII", "\u{e9}".to_owned()),
            ("a combining character", "e\u{301}".to_owned()),
            ("a character beyond the basic plane", "\u{1f4bc}".to_owned()),
            ("a no-break space", "\u{a0}".to_owned()),
            ("a zero-width space", "\u{200b}".to_owned()),
            ("quotes and backslashes", "\"\\/".to_owned()),
            ("the word null", "null".to_owned()),
            ("73 characters with : / and =", format!("{}:{}==", "0123456789abcdef0123456789abcdef-/-/", "A/".repeat(17))),
            ("a thousand characters", "x".repeat(1000)),
        ] {
            edges.push(Edge::new(field, description, with(field, json!(text)), ALL));
        }
        for (description, value) in [
            ("an empty string", json!("")),
            ("zero", json!(0)),
            ("a number", json!(17)),
            ("a fraction", json!(1.5)),
            ("true", json!(true)),
            ("false", json!(false)),
            ("an empty array", json!([])),
            ("an array with a string", json!(["x"])),
            ("an empty object", json!({})),
            ("an object", json!({"value": "x"})),
        ] {
            edges.push(Edge::new(field, description, with(field, value), NONE));
        }
    }
    edges
}

//! The `types` role: for code generation and documentation. The simplest schema of the message, without keywords that make code generators
//! create wrapper types or fail.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::Value;

use crate::message::ClientEvent;

/// The schema, without its `$id`.
pub(super) fn schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12()
        .with_transform(RecursiveTransform(plain))
        .into_generator()
        .into_root_schema_for::<ClientEvent>();
    // A field that a later version adds must not break readers of this version.
    schema.remove("additionalProperties");
    schema.into()
}

/// Removes defaults, because every generator has one for a missing map. Removes the description beside a reference, because it replaces
/// the description of the enum in TypeScript. Removes the line breaks of the source from descriptions.
fn plain(schema: &mut Schema) {
    schema.remove("default");
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = unwrapped(description);
    }
    if schema.get("$ref").is_some() {
        schema.remove("description");
    }
}

/// The text with each paragraph and each list item on one line.
fn unwrapped(text: &str) -> String {
    let mut unwrapped = String::with_capacity(text.len());
    let mut after_blank = true;
    for line in text.lines() {
        if !after_blank {
            let continues = !line.is_empty() && !line.starts_with("- ");
            unwrapped.push(if continues { ' ' } else { '\n' });
        } else if !unwrapped.is_empty() {
            unwrapped.push('\n');
        }
        unwrapped.push_str(line.trim_start());
        after_blank = line.is_empty();
    }
    unwrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_and_lists_are_unwrapped() {
        assert_eq!(
            unwrapped("One\nline.\n\nA list:\n\n- one\n- two\n  and more"),
            "One line.\n\nA list:\n\n- one\n- two and more"
        );
    }
}

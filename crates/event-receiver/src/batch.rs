//! Splits a body into several messages. It checks only that a JSON array is complete, not the messages.

use serde_json::value::RawValue;

/// The maximum number of messages of a batch. A batch of 1 MiB cannot hold as many valid messages, so this limits only the size of the
/// response.
pub(crate) const BATCH_MESSAGES_MAX: usize = 10_000;

/// A body that is not a batch.
#[derive(Debug)]
pub(crate) enum BatchError {
    /// The body has no message.
    Empty,
    /// The body has more than [`BATCH_MESSAGES_MAX`] messages.
    TooMany,
    /// The body begins like a JSON array, but is not one.
    NotAnArray(serde_json::Error),
}

/// Returns the messages of a body: the elements of a JSON array, or the lines that are not blank.
///
/// # Errors
///
/// If the body has no message or too many, or if its JSON array is incomplete.
pub(crate) fn messages(body: &[u8]) -> Result<Vec<&[u8]>, BatchError> {
    let body = body.trim_ascii();
    // A message begins with a brace, so it is never mistaken for an array.
    let messages: Vec<&[u8]> = if body.starts_with(b"[") {
        let elements: Vec<&RawValue> = serde_json::from_slice(body).map_err(BatchError::NotAnArray)?;
        elements.into_iter().map(|element| element.get().as_bytes()).collect()
    } else {
        let lines = body.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
        lines.filter(|line| !line.is_empty()).take(BATCH_MESSAGES_MAX + 1).collect()
    };
    match messages.len() {
        0 => Err(BatchError::Empty),
        count if count > BATCH_MESSAGES_MAX => Err(BatchError::TooMany),
        _ => Ok(messages),
    }
}

#[cfg(test)]
mod tests {
    use client_event::strategies::client_event;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all messages, a batch of either form is split into the same messages, with any white space between them.
        #[test]
        fn messages_are_found_again(
            events in prop::collection::vec(client_event(), 1..8),
            space in prop::sample::select(vec!["", " ", "\r\n", "\t\n \n"]),
        ) {
            let written: Vec<Vec<u8>> = events
                .iter()
                .map(|event| {
                    let mut json = Vec::new();
                    event.write_json(&mut json);
                    json
                })
                .collect();
            let joined = |separator: String| written.join(separator.as_bytes());
            let [open, close] = [format!("{space}[{space}"), format!("{space}]{space}")];
            let array = [open.as_bytes(), &joined(format!("{space},{space}")), close.as_bytes()].concat();
            prop_assert_eq!(messages(&array).unwrap(), written.clone());
            let lines = [space.as_bytes(), &joined(format!("{space}\n{space}")), space.as_bytes()].concat();
            prop_assert_eq!(messages(&lines).unwrap(), written);
        }

        /// For all bytes, splitting returns messages or an error.
        #[test]
        fn any_bytes_are_bearable(bytes in any::<Vec<u8>>()) {
            for body in [bytes.clone(), [b"[", &bytes[..]].concat()] {
                if let Ok(messages) = messages(&body) {
                    prop_assert!(!messages.is_empty());
                }
            }
        }
    }

    #[test]
    fn bounds_are_exact() {
        for body in ["", " \n\r\n ", "[]", " [ ] "] {
            assert!(matches!(messages(body.as_bytes()), Err(BatchError::Empty)), "{body:?}");
        }
        for body in ["[", "[{}", "[{},]", "[{}]{}", "[{}] x"] {
            assert!(matches!(messages(body.as_bytes()), Err(BatchError::NotAnArray(_))), "{body:?}");
        }
        for form in [|count: usize| vec!["{}"; count].join("\n"), |count| format!("[{}]", vec!["{}"; count].join(","))] {
            assert_eq!(messages(form(BATCH_MESSAGES_MAX).as_bytes()).unwrap().len(), BATCH_MESSAGES_MAX);
            assert!(matches!(messages(form(BATCH_MESSAGES_MAX + 1).as_bytes()), Err(BatchError::TooMany)));
        }
    }
}

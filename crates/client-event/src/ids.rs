//! The ids of a message. The sender chooses their content; no length limit is documented, so none is enforced.

use crate::non_empty_text::non_empty_text;

non_empty_text!(
    /// A unique name of the event, made by the client that sends it; it ties events to each other.
    EventId,
    "an event id"
);

non_empty_text!(
    /// The name that the search service gave to its answer, found in the metadata of the response. A documented one has 73
    /// characters, `:`, `/` and `=` among them.
    RequestId,
    "a request id"
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EmptyText;

    #[test]
    fn only_the_empty_string_is_refused() {
        assert_eq!(EventId::new("").unwrap_err().to_string(), "an event id is empty");
        assert_eq!("".parse::<RequestId>(), Err(EmptyText::of("a request id")));
        assert_eq!(EventId::new(" ").unwrap().as_str(), " ");
        assert!(serde_json::from_str::<EventId>("\"\"").is_err());
    }
}

//! The ids of a message. The sender chooses their content; no length limit is documented, so none is enforced.

use crate::non_empty_text::non_empty_text;

non_empty_text!(
    /// The unique id of an event. The client that sends the event makes the id.
    EventId,
    "an event id"
);

non_empty_text!(
    /// The id of a search request. The search service makes the id and returns it in the metadata of its response. A documented example has
    /// 73 characters, including `:`, `/` and `=`.
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

//! Tests against the server of the crate h2.

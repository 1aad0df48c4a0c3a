//! Properties of the message and its wire form, through the public API.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod api_versions;
mod followed_stream;
mod oracle;
mod request_lifecycle;
mod rfc3339;
mod rules;
mod schema;
mod sequence;
mod spans;
mod vectors;
mod wire_form;

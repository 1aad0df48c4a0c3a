//! Properties of the message and its wire form, through the public API.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod followed_stream;
mod oracle;
mod relatives;
mod request_life;
mod rfc3339;
mod rules;
mod schema;
mod sequence;
mod vectors;
mod wire_form;

//! Properties of the message and its wire form, through the public API.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod relatives;
mod rfc3339;
mod rules;
mod schema;
mod vectors;
mod wire_form;

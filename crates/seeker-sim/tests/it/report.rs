//! The reports of a run.

mod schema;

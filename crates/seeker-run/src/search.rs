//! Searches with a search service. With `--search`, seekers take request ids and job names from the responses of the target's own search
//! instead of the built-in catalogue. Requests and responses have the form of `projects.tenants.jobs.search` of API version 4, reduced to
//! the needed fields; versions 3 and 4beta1 differ in the name of one field.
//!
//! The model decides which seeker searches, when and for what, and how the seeker uses a page. Each job of a response is mapped to a
//! posting of the catalogue, which defines how attractive it is and how to apply. [`answer`] keeps both, and replaces the model's names
//! with the names of the response when an event is written.
//!
//! A failed search counts as an empty result. It is counted and never retried.

pub(crate) mod answer;
pub(crate) mod look_ahead;
pub(crate) mod request;
pub(crate) mod searcher;
pub(crate) mod service;
mod words;

//! Searches at a service: with `--search` seekers take the ids of requests and the names of jobs from answers of the target's own search,
//! instead of the built-in catalogue's. Requests and answers are those of `projects.tenants.jobs.search` of version 4 of the API, as far
//! as they are needed; versions 3 and 4beta1 differ in the name of one field.
//!
//! Who searches, when and for what is decided by the model, and what comes of a page too: for each job of an answer a posting of the
//! catalogue stands, which says how attractive it is and how one applies. [`answer`] keeps both apart, and puts the names of the
//! answer in the place of the model's when an event is written.
//!
//! A search that fails is one that finds nothing, to the seeker; it is counted, and never made again.

pub(crate) mod ahead;
pub(crate) mod answer;
pub(crate) mod request;
pub(crate) mod searcher;
pub(crate) mod service;
mod words;

//! Targets by name: addresses that options hold, and services with their credentials.

pub(crate) mod address;
pub(crate) mod service;

//! The process of a run: signals, processor time, pauses, open files.

pub(crate) mod cpu;
pub(crate) mod host_name;
pub(crate) mod open_files;
pub(crate) mod pause_meter;
pub(crate) mod signals;

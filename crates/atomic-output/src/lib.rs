//! Output that is either complete or absent: files that are replaced as a whole, and a process end that removes drafts.

pub mod atomic_file;
pub mod forced_end;

mod new_name;
mod standard_output;

pub use standard_output::standard_output;

/// Compiles and runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;

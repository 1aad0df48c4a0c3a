//! The version of the program.

/// The version, and the commit that the program was built from where that is known.
pub(crate) const VERSION: &str = env!("SEEKER_SIM_VERSION");

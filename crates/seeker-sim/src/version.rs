//! The version of the program.

/// The version, with the commit that the program was built from if that is known.
pub const VERSION: &str = env!("SEEKER_SIM_VERSION");

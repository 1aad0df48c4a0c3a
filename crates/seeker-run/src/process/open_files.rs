//! The limit of open files, which also limits connections. A run without enough files would blame the target for a limit of the generator,
//! so the limit is checked before the run.

use thiserror::Error;

/// The limit of open files is lower than the run needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "--connections is {connections}, but this process is limited to {may} open files and needs {others} of them for other purposes; \
     lower --connections{}, or raise the limit (ulimit -n)",
    room(.may.saturating_sub(*.others) / .ends)
)]
pub struct TooFewFiles {
    /// The value of the option.
    pub connections: u64,
    /// The number of connection ends in this process, per connection.
    ends: u64,
    /// The number of files that the run needs besides its connections.
    others: u64,
    /// The limit of open files.
    may: u64,
}

/// Returns the end of an advice sentence: the number of connections that fit, if any.
fn room(connections: u64) -> String {
    if connections > 0 { format!(" to {connections}") } else { String::new() }
}

/// The number of files that a run needs besides its connections: a few per core for its threads, plus reports and metrics.
fn others(cores: usize) -> u64 {
    const OF_ALL: u64 = 32;
    const OF_A_CORE: u64 = 8;
    OF_ALL + OF_A_CORE * cores as u64
}

/// Raises the limit as far as the system allows, for this many connections with this many ends each in this process.
pub(crate) fn make_room(connections: u64, ends: u64, cores: usize) -> Result<(), TooFewFiles> {
    let others = others(cores);
    let wanted = connections * ends + others;
    match raise_limit_to(wanted) {
        Some(may) if ends > 0 && may < wanted => Err(TooFewFiles { connections, ends, others, may }),
        _ => Ok(()),
    }
}

/// Returns how many of these connections fit into the limit of a process that only serves them. Raises the limit as far as the system
/// allows.
pub fn connections_with_room(connections: usize, cores: usize) -> usize {
    let others = others(cores);
    let wanted = (connections as u64).saturating_add(others);
    let room = raise_limit_to(wanted).map_or(connections as u64, |may| may.saturating_sub(others));
    usize::try_from(room).map_or(connections, |room| room.clamp(1, connections))
}

/// Raises the limit to `wanted` if it is lower, as far as the system allows. Returns the resulting limit, if there is one.
#[cfg(unix)]
fn raise_limit_to(wanted: u64) -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let current = limit.current.filter(|current| *current < wanted)?;
    let raised = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted));
    // If the system refuses, the previous limit stays.
    let is_raised = setrlimit(Resource::Nofile, Rlimit { current: Some(raised), ..limit }).is_ok();
    Some(if is_raised { raised } else { current })
}

#[cfg(not(unix))]
fn raise_limit_to(_: u64) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_names_the_number_of_connections() {
        let too_few = |connections, ends, may| TooFewFiles { connections, ends, others: 48, may }.to_string();
        assert_eq!(
            too_few(5000, 1, 1024),
            "--connections is 5000, but this process is limited to 1024 open files and needs 48 of them for other purposes; lower \
             --connections to 976, or raise the limit (ulimit -n)"
        );
        assert!(too_few(5000, 2, 1024).contains("lower --connections to 488, or"));
        assert!(too_few(5000, 1, 40).contains("lower --connections, or raise"));
    }

    #[test]
    fn at_least_one_connection_fits() {
        assert_eq!(connections_with_room(1, 1), 1);
        assert!((1..=usize::MAX).contains(&connections_with_room(usize::MAX, 1)));
    }

    #[test]
    fn lines_take_no_connections() {
        assert_eq!(make_room(0, 0, 1 << 40), Ok(()));
        assert_eq!(make_room(1, 1, 1), Ok(()));
    }
}

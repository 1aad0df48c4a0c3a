//! Windows as CSV (RFC 4180, with line feeds as line ends): a header line, then one line per window. The column names are the names in the
//! JSON report, with their units. Values that were not measured are empty.

use std::fmt;
use std::io::{self, Write};

use crate::{Window, WindowPercentiles};

/// The header line.
pub const NAMES: &str = "from_s,to_s,planned,begun,sent,acknowledged,refused,failed,unknown,\
     latency_p50_ms,latency_p90_ms,latency_p99_ms,latency_max_ms,\
     service_time_p50_ms,service_time_p90_ms,service_time_p99_ms,service_time_max_ms,\
     schedule_lag_p99_ms,live_seekers,not_sent,latency_lower_bound_above,generator_lag_p99_ms,generator_pause_ms";

/// Writes the header and all windows.
///
/// # Errors
///
/// The output cannot be written.
pub fn write(windows: &[Window], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{NAMES}")?;
    windows.iter().try_for_each(|window| writeln!(out, "{}", Line(window)))
}

/// Displays a window as a CSV line.
pub struct Line<'a>(pub &'a Window);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Window { from_s, to_s, planned, begun, sent, acknowledged, refused, failed, unknown, live_seekers, .. } = self.0;
        write!(f, "{from_s},{to_s},{planned},{begun},{sent},{acknowledged},{refused},{failed},{unknown}")?;
        for percentiles in [&self.0.latency_ms, &self.0.service_time_ms] {
            match percentiles {
                Some(WindowPercentiles { p50, p90, p99, max, .. }) => write!(f, ",{p50},{p90},{p99},{max}")?,
                None => write!(f, ",,,,")?,
            }
        }
        let Window { schedule_lag_p99_ms, not_sent, generator_lag_p99_ms, generator_pause_ms, .. } = self.0;
        let lower_bound_above = self.0.latency_ms.and_then(|latency| latency.lower_bound_above);
        write!(f, ",{},{live_seekers},{not_sent}", Cell(*schedule_lag_p99_ms))?;
        write!(f, ",{},{},{generator_pause_ms}", Cell(lower_bound_above), Cell(*generator_lag_p99_ms))
    }
}

/// A value; empty if it was not measured.
struct Cell(Option<f64>);

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |value| write!(f, "{value}"))
    }
}

//! Windows, or the parts of a merged report, as CSV (RFC 4180, with line feeds as line ends): a header line, then one line per window or part.
//! The column names are the names in the JSON report, with their units. Values that were not measured are empty.

use std::fmt;
use std::io::{self, Write};

use crate::{Part, Report, ShardPart, Window, WindowPercentiles};

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
pub fn write(windows: &[Window], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{NAMES}")?;
    windows.iter().try_for_each(|window| writeln!(out, "{}", Line(window)))
}

/// The header line of the parts.
const PART_NAMES: &str = "report,part,of,host,start_offset_ms,planned,sent,acknowledged,latency_p50_ms,latency_p99_ms,latency_lower_bound_above,outcome,reasons";

/// Writes a line for each part of a merged report, and a line for the whole, whose name is `all`.
///
/// # Errors
///
/// The output cannot be written.
pub fn write_parts(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{PART_NAMES}")?;
    let whole = Part { report: "all".to_owned(), ..Part::whole(report) };
    for Part { report, shard, host, start_offset_ms, events, latency_ms, outcome, reasons, .. } in
        report.parts.iter().chain([&whole])
    {
        let number = |of: fn(ShardPart) -> u64| shard.map(|shard| of(shard).to_string()).unwrap_or_default();
        let (part, of) = (number(|shard| shard.part), number(|shard| shard.of));
        write!(out, "{},{part},{of},{},{}", Text(report), Text(host.as_deref().unwrap_or_default()), Cell(*start_offset_ms))?;
        write!(out, ",{},{},{}", events.planned, events.sent(), events.acknowledged)?;
        write!(out, ",{},{},{}", Cell(latency_ms.p50), Cell(latency_ms.p99), Cell(latency_ms.lower_bound_above))?;
        writeln!(out, ",{},{}", outcome.name(), Text(&reasons.join("; ")))?;
    }
    Ok(())
}

/// A text; in quotes if it contains a character with a meaning.
struct Text<'a>(&'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains([',', '"', '\n', '\r']) {
            write!(f, "\"{}\"", self.0.replace('"', "\"\""))
        } else {
            f.write_str(self.0)
        }
    }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples::{empty_report, named};

    proptest! {
        /// For all texts, the cell has one line, and a reader of CSV gets the text back.
        #[test]
        fn texts_are_read_back(text in "[a,\"\n ]{0,9}") {
            let cell = Text(&text).to_string();
            let read = match cell.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
                Some(quoted) => quoted.replace("\"\"", "\""),
                None => cell,
            };
            prop_assert_eq!(read, text);
        }
    }

    #[test]
    fn each_part_has_a_line() {
        let mut report = empty_report();
        report.parts = Part::of(&named("a,b.json", report.clone()));
        report.parts[0].shard = Some(ShardPart { part: 2, of: 3 });
        report.parts[0].start_offset_ms = Some(1.5);
        let mut written = Vec::new();
        write_parts(&report, &mut written).unwrap();
        let text = String::from_utf8(written).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[1], "\"a,b.json\",2,3,,1.5,0,0,0,,,,target_unreachable,connection refused");
        assert_eq!(lines[2], "all,,,,,0,0,0,,,,target_unreachable,connection refused");
        assert_eq!(lines[0].split(',').count(), 13);
    }
}

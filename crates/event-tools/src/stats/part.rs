//! A part of statistics: the counts and samples of one shard, and the merge of all parts.

use std::io::{self, Write};

use event_input::Input;
use event_stats::Summary;
use scenario::time_zone::parse_time_zone;
use serde::{Deserialize, Serialize};

use crate::generate::Shard;
use crate::parts::{NamedPart, Part, PartHeader, PartsError, read_parts};
use crate::stats::{Read, StatsPlan, StatsReport};

/// A part of the statistics of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatsPart {
    /// The command, the shard, and what all parts have in common.
    #[serde(rename = "part")]
    header: PartHeader,
    inputs: Vec<String>,
    time_zone: String,
    unreadable: u64,
    failures: Vec<String>,
    summary: Summary,
}

impl StatsPart {
    pub(super) fn of(plan: &StatsPlan, shard: Shard, program_version: &str, read: Read) -> Self {
        let Read { statistics, events, content, unreadable, failures, .. } = read;
        let inputs: Vec<_> = plan.inputs.iter().map(Input::name).collect();
        let time_zone = plan.time_zone.iana_name().unwrap_or("UTC").to_owned();
        let whole = [
            ("FILE", inputs.join(" ")),
            ("--format", plan.format.to_string()),
            ("--time-zone", time_zone.clone()),
            ("content", format!("{events} events, {unreadable} unreadable, hash {content:016x}")),
            ("errors of the inputs", failures.join("; ")),
        ];
        let header = PartHeader {
            command: Self::COMMAND.to_owned(),
            version: program_version.to_owned(),
            shard: shard.into(),
            whole: whole.map(|(key, value)| (key.to_owned(), value)).into(),
        };
        Self { header, inputs, time_zone, unreadable, failures, summary: statistics.summary() }
    }

    /// The inputs that could not be read, or only in part, one sentence each.
    pub fn failures(&self) -> &[String] {
        &self.failures
    }

    /// Writes the part as JSON.
    ///
    /// # Errors
    ///
    /// Returns the error of the writer.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        writeln!(out)
    }
}

impl Part for StatsPart {
    const COMMAND: &'static str = "stats";

    fn header(&self) -> &PartHeader {
        &self.header
    }

    fn problem(&self) -> Option<String> {
        if let Err(error) = parse_time_zone(&self.time_zone) {
            return Some(error.to_string());
        }
        (!self.summary.is_plausible()).then(|| "a count is too large".to_owned())
    }
}

/// Reads the parts of all shards and returns the report of the whole. Its figures equal one `stats` over the whole stream.
///
/// # Errors
///
/// [`PartsError`] if an input is not a part, or if the parts are not those of one whole, each once.
pub fn merge(inputs: &[Input]) -> Result<StatsReport, PartsError> {
    let mut parts = read_parts::<StatsPart>(inputs)?.into_iter().map(|NamedPart { part, .. }| part);
    let Some(StatsPart { inputs, time_zone, unreadable, failures, mut summary, .. }) = parts.next() else {
        return Err(PartsError::Missing { missing: vec![1], of: 1 });
    };
    parts.for_each(|part| summary.add(part.summary));
    let time_zone = parse_time_zone(&time_zone).expect("the time zone of a part is checked when the part is read");
    Ok(StatsReport { inputs, time_zone, summary, unreadable, failures })
}

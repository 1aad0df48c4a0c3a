//! Reads the reports of `run --report FILE.json` and `report merge`. Unknown keys are ignored, because newer versions may add keys. Any
//! other content is an error. Counts are limited, so that sums cannot overflow.

use std::io::{self, Read};
use std::path::PathBuf;

use event_input::{BytesRead, Input};
use serde::de::Error;
use serde_json::Value;
use serde_json::error::Category;
use terminal_escape::escape_controls_within;
use thiserror::Error;

use crate::Report;

/// Keys that every version of the report has.
const KEYS: [&str; 3] = ["outcome", "events", "latency_ms"];

/// Numbers up to this value are exact in JSON, and thousands of them can be added without overflow.
const COUNT_MAX: u64 = 1 << 53;

/// The maximum size of an unpacked report. A report of a whole day, with all windows and histograms, has a few megabytes.
const BYTES_MAX: u64 = 256 * 1024 * 1024;

/// A report and its origin.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedReport {
    /// The file name as given on the command line.
    pub name: String,
    /// The report.
    pub report: Report,
}

/// Why a report cannot be read.
#[derive(Debug, Error)]
pub enum ReadReportError {
    /// The operating system returned an error.
    #[error("{name} cannot be read")]
    Io {
        /// The name of the file.
        name: String,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The file is empty.
    #[error("{0} is empty; expected a report of `seeker-sim run --report FILE.json`")]
    Empty(String),
    /// The file is truncated.
    #[error("{0} is truncated: the JSON is incomplete; copy the file again, or create the report again")]
    CutOff(String),
    /// The file is a report in another format.
    #[error("{name} is {form}; expected the JSON report of `seeker-sim run --report FILE.json`")]
    OtherForm {
        /// The name of the file.
        name: String,
        /// The format of the file.
        form: &'static str,
    },
    /// The file is not JSON.
    #[error("{name} is not JSON; expected a report of `seeker-sim run --report FILE.json`")]
    NotJson {
        /// The name of the file.
        name: String,
        /// The syntax error and its position.
        source: serde_json::Error,
    },
    /// The file is JSON, but not a report.
    #[error("{name} is JSON, but not a report: it has no key `{key}`; expected a report of `seeker-sim run --report FILE.json`")]
    NotAReport {
        /// The name of the file.
        name: String,
        /// A key that every report has.
        key: &'static str,
    },
    /// A key is missing that current reports have.
    #[error(
        "{name} has no key `{key}`: an older version wrote it; create the report again with seeker-sim {}",
        env!("CARGO_PKG_VERSION")
    )]
    Missing {
        /// The name of the file.
        name: String,
        /// The missing key, with its parent keys.
        key: String,
    },
    /// A value has the wrong type.
    #[error("{name}: the value of `{key}` is not valid in a report")]
    Invalid {
        /// The name of the file.
        name: String,
        /// The key, with its parent keys.
        key: String,
        /// The expected type.
        source: serde_json::Error,
    },
}

/// Reads a report from a file, or from standard input if the path is `-`; plain, gzip or zstd.
///
/// # Errors
///
/// [`ReadReportError`] if the file is not a readable report.
pub fn read_report(path: PathBuf) -> Result<NamedReport, ReadReportError> {
    let input = Input::from_argument(path);
    let name = input.name();
    let mut bytes = Vec::new();
    let read = input.open(&BytesRead::default()).and_then(|opened| {
        opened.text.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > BYTES_MAX {
            return Err(io::Error::other(format!("it has more than {BYTES_MAX} bytes when uncompressed; expected a report")));
        }
        Ok(())
    });
    if let Err(source) = read {
        return Err(ReadReportError::Io { name, source });
    }
    let report = from_bytes(&name, &bytes)?;
    Ok(NamedReport { name, report })
}

/// Parses a report. `name` is the name of its file in messages.
///
/// # Errors
///
/// The bytes are not a report of this version.
pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Report, ReadReportError> {
    let name = || name.to_owned();
    let text = bytes.trim_ascii_start();
    if text.is_empty() {
        return Err(ReadReportError::Empty(name()));
    }
    let mut value: Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(_) if text.starts_with(b"from_s,") => return Err(ReadReportError::OtherForm { name: name(), form: "CSV" }),
        Err(_) if text.starts_with(b"<!DOCTYPE html") => {
            return Err(ReadReportError::OtherForm { name: name(), form: "HTML" });
        }
        Err(error) if error.classify() == Category::Eof => return Err(ReadReportError::CutOff(name())),
        Err(source) => return Err(ReadReportError::NotJson { name: name(), source }),
    };
    // The report may come from an untrusted source and is shown on a terminal. Reports of this program have no control characters.
    escape_controls_within(&mut value);
    if let Some(key) = KEYS.into_iter().find(|key| value.get(key).is_none()) {
        return Err(ReadReportError::NotAReport { name: name(), key });
    }
    if let Some(key) = too_large(&value, "") {
        let source = serde_json::Error::custom(format_args!("it is too large; expected at most {COUNT_MAX}"));
        return Err(ReadReportError::Invalid { name: name(), key, source });
    }
    complete(&mut value);
    let report: Report = serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let source = error.into_inner();
        let missing = source.to_string();
        match missing.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
            Some(key) if path == "." => ReadReportError::Missing { name: name(), key: key.to_owned() },
            Some(key) => ReadReportError::Missing { name: name(), key: format!("{path}.{key}") },
            None => ReadReportError::Invalid { name: name(), key: path, source },
        }
    })?;
    let warm_up = report.warm_up.map(|warm_up| warm_up.events).unwrap_or_default();
    if let Some((key, _)) = [("events", report.events), ("warm_up.events", warm_up)].iter().find(|(_, events)| !events.add_up()) {
        let expected = "expected planned = acknowledged + refused + failed + unknown + not_sent";
        return Err(ReadReportError::Invalid {
            name: name(),
            key: (*key).to_owned(),
            source: serde_json::Error::custom(expected),
        });
    }
    Ok(report)
}

/// Fills in keys that older versions left out because they had only one possible value.
fn complete(report: &mut Value) {
    if report.get("requests").is_none() {
        // Before batches existed, every sent event and every retry was a request.
        let counts = ["acknowledged", "refused", "failed", "unknown"]
            .map(|outcome| report["events"][outcome].as_u64().unwrap_or_default());
        report["requests"] = (counts.iter().sum::<u64>() + report["retries"]["attempts"].as_u64().unwrap_or_default()).into();
    }
}

/// Finds a whole number that is too large to add. Ignores the seed, because it is never added.
fn too_large(value: &Value, key: &str) -> Option<String> {
    let below = |below: &str| if key.is_empty() { below.to_owned() } else { format!("{key}.{below}") };
    match value {
        Value::Number(number) => number.as_u64().is_some_and(|count| count > COUNT_MAX).then(|| key.to_owned()),
        Value::Array(values) => values.iter().enumerate().find_map(|(place, value)| too_large(value, &below(&place.to_string()))),
        Value::Object(values) => {
            values.iter().filter(|(name, _)| *name != "seed").find_map(|(name, value)| too_large(value, &below(name)))
        }
        Value::Null | Value::Bool(_) | Value::String(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::samples::any_report;
    use terminal_escape::one_line;

    fn read(text: &str) -> Result<Report, String> {
        from_bytes("run.json", text.as_bytes()).map_err(|error| one_line(&error))
    }

    proptest! {
    // A report holds histograms with tens of thousands of buckets.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.div_ceil(8), ..ProptestConfig::default() })]

        /// For all reports, reading a written report returns the same report, even if a newer version has added keys.
        #[test]
        fn written_text_is_read_back(report in any_report()) {
            let text = serde_json::to_string_pretty(&report).unwrap();
            prop_assert_eq!(read(&text), Ok(report.clone()));
            let mut newer = serde_json::to_value(&report).unwrap();
            for place in ["", "/events", "/generator", "/latency_ms", "/histograms"] {
                newer.pointer_mut(place).unwrap()["new"] = json!([1]);
            }
            prop_assert_eq!(read(&newer.to_string()), Ok(report));
        }

        /// For all reports, a truncated report is reported as truncated at any cut, and each missing key is named.
        #[test]
        fn missing_keys_are_reported(report in any_report(), cut in any::<prop::sample::Index>()) {
            let text = serde_json::to_string(&report).unwrap();
            let cut = cut.index(text.len() - 1) + 1;
            prop_assume!(text.is_char_boundary(cut));
            let told = read(&text[..cut]).unwrap_err();
            prop_assert!(told.starts_with("run.json is truncated"), "{}", told);
            let whole = serde_json::to_value(&report).unwrap();
            // Keys that may be null, or that a later version added.
            let optional = ["aborted_after_s", "warm_up", "capacity", "requests", "searches", "check_sent", "receiver", "started_at", "format", "histograms", "parts", "answered_latency_ms", "latency_blocks", "connections", "run", "shard", "target_clock", "second_series", "merge"];
            for key in whole.as_object().unwrap().keys() {
                let mut less = whole.clone();
                less.as_object_mut().unwrap().remove(key);
                let told = read(&less.to_string()).err();
                let is_told = told.as_ref().is_some_and(|told| told.contains(&format!("no key `{key}`")));
                prop_assert_eq!(is_told, !optional.contains(&key.as_str()), "{}: {:?}", key, told);
            }
        }
    }

    #[test]
    fn invalid_reports_are_refused_in_one_line() {
        for (text, expected) in [
            ("", "run.json is empty; expected a report of `seeker-sim run --report FILE.json`"),
            (" \n", "run.json is empty"),
            ("{", "run.json is truncated"),
            ("hello", "run.json is not JSON; expected a report of `seeker-sim run --report FILE.json`: expected value at line 1"),
            ("from_s,to_s,planned\n0,1,5\n", "run.json is CSV; expected the JSON report of `seeker-sim run"),
            ("<!DOCTYPE html><html></html>", "run.json is HTML; expected the JSON report"),
            ("[]", "run.json is JSON, but not a report: it has no key `outcome`"),
            ("{\"events\": 5}", "it has no key `outcome`"),
            (
                "{\"outcome\": 1, \"events\": 2, \"latency_ms\": 3}",
                "run.json: the value of `events` is not valid in a report: invalid type: integer `2`",
            ),
            (
                "{\"outcome\": \"passed\", \"events\": {}, \"latency_ms\": {}}",
                "run.json has no key `events.planned`: an older version wrote it; create the report again with",
            ),
            (
                "{\"outcome\": 1, \"events\": {\"planned\": 9007199254740993}, \"latency_ms\": 3}",
                "run.json: the value of `events.planned` is not valid in a report: it is too large; expected at most 9007199254740992",
            ),
        ] {
            let told = read(text).unwrap_err();
            assert!(told.contains(expected), "{text}: {told}");
            assert!(!told.contains('\n'), "{told}");
        }
    }

    /// The keys of `errors` are texts as well.
    #[test]
    fn control_characters_of_others_are_escaped() {
        let mut report = serde_json::to_value(crate::samples::empty_report()).unwrap();
        report["target"] = json!("http://h/\u{1b}[2J");
        report["errors"] = json!({"answered\r500": 1});
        let shown = read(&report.to_string()).unwrap();
        assert_eq!(shown.target, "http://h/\\u{1b}[2J");
        assert_eq!(shown.errors.keys().collect::<Vec<_>>(), ["answered\\r500"]);

        report["outcome"] = json!("\u{1b}[31mpassed");
        let told = read(&report.to_string()).unwrap_err();
        assert!(told.contains("\\u{1b}[31mpassed"), "{told}");
    }

    #[test]
    fn events_that_do_not_add_up_are_refused() {
        let mut report = serde_json::to_value(crate::samples::empty_report()).unwrap();
        report["events"]["planned"] = json!(1);
        let told = read(&report.to_string()).unwrap_err();
        assert!(told.contains("`events` is not valid in a report: expected planned = acknowledged"), "{told}");
    }
}

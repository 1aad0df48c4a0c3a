//! The thresholds of a run as `JUnit` XML for CI services: one test per threshold and one for the run itself. The test of the run fails if
//! the run has no valid figures, so that such a run does not look like a pass.

use std::io::{self, Write};
use std::path::Path;

use atomic_output::atomic_file::{AtomicFile, AtomicFileError};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, Event};

use crate::thresholds::JudgedThreshold;
use crate::{Outcome, Report};

/// A writable destination of `JUnit` XML.
#[derive(Debug)]
pub struct JUnitFile(AtomicFile);

impl JUnitFile {
    /// Checks that the file can be written, without changing an existing file.
    ///
    /// # Errors
    ///
    /// [`AtomicFileError`] if the path is not writable.
    pub fn create(path: &Path) -> Result<Self, AtomicFileError> {
        AtomicFile::create("--junit", path).map(Self)
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Whether the destination is a pipe, a terminal or another device.
    pub fn is_pipe(&self) -> bool {
        self.0.is_pipe()
    }

    /// Writes the thresholds of the report.
    ///
    /// # Errors
    ///
    /// [`AtomicFileError::Io`], for example if the disk is full. An existing file then stays unchanged.
    pub fn write(mut self, report: &Report) -> Result<(), AtomicFileError> {
        let written = text(report).and_then(|text| self.0.write_all(text.as_bytes()));
        written.map_err(|source| self.0.failed(source))?;
        self.0.finish()
    }
}

/// Returns the thresholds of the report as XML.
///
/// # Errors
///
/// The document cannot be written.
pub fn text(report: &Report) -> io::Result<String> {
    let mut cases = vec![run(report)];
    cases.extend(report.thresholds.iter().map(|judged| threshold(judged, report)));
    let count = |is: fn(&Status) -> bool| cases.iter().filter(|case| is(&case.status)).count().to_string();
    let counts = [
        ("tests", count(|_| true)),
        ("failures", count(|status| matches!(status, Status::Failure { .. }))),
        ("errors", count(|status| matches!(status, Status::Error { .. }))),
        ("skipped", count(|status| matches!(status, Status::Skipped { .. }))),
    ];
    let counts = || counts.iter().map(|(name, count)| (*name, count.as_str()));
    let suite = xml_text(&format!("seeker-sim run to {}", report.target));
    let seconds = format!("{:.3}", report.duration_s);
    let seed = report.seed.to_string();

    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 4);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let suites = xml.create_element("testsuites").with_attribute(("name", "seeker-sim")).with_attributes(counts());
    suites.write_inner_content(|xml| {
        let suite = xml.create_element("testsuite").with_attribute(("name", &*suite)).with_attributes(counts());
        suite.with_attribute(("time", &*seconds)).write_inner_content(|xml| {
            xml.create_element("properties").write_inner_content(|xml| {
                xml.create_element("property").with_attributes([("name", "seed"), ("value", &seed)]).write_empty()?;
                Ok(())
            })?;
            cases.iter().try_for_each(|case| case.write(xml))
        })?;
        Ok(())
    })?;
    let mut bytes = xml.into_inner();
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(io::Error::other)
}

/// A test of the suite.
struct TestCase {
    name: String,
    class: &'static str,
    status: Status,
}

enum Status {
    Success,
    /// A threshold is missed.
    Failure {
        message: String,
    },
    /// The run has no valid figures.
    Error {
        kind: &'static str,
        message: String,
    },
    Skipped {
        message: String,
    },
}

impl TestCase {
    fn write(&self, xml: &mut Writer<Vec<u8>>) -> io::Result<()> {
        let name = xml_text(&self.name);
        let case = xml.create_element("testcase").with_attributes([("name", &*name), ("classname", self.class)]);
        let (element, kind, message) = match &self.status {
            Status::Success => {
                case.write_empty()?;
                return Ok(());
            }
            Status::Failure { message } => ("failure", Some(Outcome::ThresholdMissed.name()), message),
            Status::Error { kind, message } => ("error", Some(*kind), message),
            Status::Skipped { message } => ("skipped", None, message),
        };
        let message = xml_text(message);
        case.write_inner_content(|xml| {
            let status = xml.create_element(element).with_attribute(("message", &*message));
            status.with_attributes(kind.map(|kind| ("type", kind))).write_empty()?;
            Ok(())
        })?;
        Ok(())
    }
}

/// Replaces characters that XML does not allow, even escaped.
fn xml_text(text: &str) -> String {
    let is_allowed =
        |char: char| !(char.is_control() && !matches!(char, '\t' | '\n' | '\r') || matches!(char, '\u{fffe}' | '\u{ffff}'));
    text.chars().map(|char| if is_allowed(char) { char } else { char::REPLACEMENT_CHARACTER }).collect()
}

/// The test that the run has figures to judge.
fn run(report: &Report) -> TestCase {
    let status = match report.outcome {
        Outcome::Passed | Outcome::ThresholdMissed => Status::Success,
        Outcome::NotTrustworthy | Outcome::TargetUnreachable | Outcome::Interrupted => {
            Status::Error { kind: report.outcome.name(), message: report.reasons.join("; ") }
        }
    };
    TestCase { name: "the run can be trusted".to_owned(), class: "seeker-sim.run", status }
}

fn threshold(judged: &JudgedThreshold, report: &Report) -> TestCase {
    let status = match (judged.passed, judged.lack()) {
        (Some(true), _) => Status::Success,
        (Some(false), _) => Status::Failure { message: judged.reason().unwrap_or_default() },
        // In a trusted run that was not ended early, a threshold without a value counts as missed.
        (None, Some(lack)) if report.outcome == Outcome::ThresholdMissed && report.aborted_after_s.is_none() => {
            Status::Failure { message: lack }
        }
        (None, _) => Status::Skipped {
            message: match report.aborted_after_s {
                Some(seconds) => format!("not judged: the run stopped after {seconds} s"),
                None => format!("not judged: the outcome of the run is {}", report.outcome.name()),
            },
        },
    };
    TestCase { name: judged.threshold.to_string(), class: "seeker-sim.threshold", status }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever a target or a reason contains, the document can be read and has the text. XML parsers turn line breaks in
        /// attributes into spaces.
        #[test]
        fn any_text_is_valid_xml(name in any::<String>(), message in any::<String>(), kind in 0_usize..4) {
            let status = match kind {
                0 => Status::Success,
                1 => Status::Failure { message: message.clone() },
                2 => Status::Error { kind: "interrupted", message: message.clone() },
                _ => Status::Skipped { message: message.clone() },
            };
            let mut xml = Writer::new(Vec::new());
            TestCase { name: name.clone(), class: "seeker-sim.run", status }.write(&mut xml).unwrap();
            let xml = String::from_utf8(xml.into_inner()).unwrap();
            let document = roxmltree::Document::parse(&xml).unwrap();
            let case = document.root_element();
            let spaced = |text: &str| text.replace(['\t', '\n', '\r'], " ");
            let attribute = |node: roxmltree::Node<'_, '_>, name| node.attribute(name).map(spaced);
            prop_assert_eq!(attribute(case, "name"), Some(spaced(&xml_text(&name))));
            let status = case.first_element_child();
            prop_assert_eq!(status.map(|node| node.tag_name().name()), [None, Some("failure"), Some("error"), Some("skipped")][kind]);
            prop_assert_eq!(status.and_then(|node| attribute(node, "message")), status.map(|_| spaced(&xml_text(&message))));
        }
    }
}

//! Workflow commands of GitHub Actions, which show findings beside the lines of a change (GitHub, "Workflow commands").

use std::io::{self, Write};

use terminal_escape::{escape_controls, one_line};

use crate::check::output::{counted, table};
use crate::check::report::CheckReport;

pub(super) fn write(report: &CheckReport, with_statistics: bool, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        let (file, title) = (property(&finding.file), property(finding.rule.code()));
        let message = match &finding.related {
            Some(related) => format!("{} (the other event: {}:{})", finding.message, related.file, related.line),
            None => finding.message.clone(),
        };
        let (severity, line, column) = (finding.severity.name(), finding.line, finding.column);
        writeln!(out, "::{severity} file={file},line={line},col={column},title={title}::{}", data(&message))?;
    }
    for failure in &report.failures {
        writeln!(out, "::error file={}::{}", property(&failure.file), data(&one_line(failure)))?;
    }
    if report.omitted > 0 {
        writeln!(out, "::notice::{}", data(&format!("{} not shown", counted(report.omitted, "more finding", "more findings"))))?;
    }
    if with_statistics {
        table::write_statistics(&report.statistics, out)?;
    }
    Ok(())
}

/// Escapes control characters as on a terminal: a log shows them unchanged, and a line break would end the command.
fn data(text: &str) -> String {
    escape_controls(text).replace('%', "%25")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_command_is_escaped() {
        assert_eq!(data("100 % of: a,b\r\nc\u{1b}[2J"), "100 %25 of: a,b\\r\\nc\\u{1b}[2J");
        assert_eq!(property("c:\\a,b%.json"), "c%3A\\a%2Cb%25.json");
    }
}

//! The commands that read files of events: `check` and `stats`, whole and in parts.

use std::io;

use event_tools::check::{self, CheckReport, TextStyle, write_report};
use event_tools::stats::{self, StatsForm, StatsReport, write_stats};
use terminal_escape::one_line;

use super::output::{fail, has_colours, print, print_whole};
use crate::cli::{CheckArgs, CheckCommand, CheckReportArgs, StatsArgs, StatsCommand};
use crate::exit::ExitCode;
use crate::version::VERSION;

pub(super) fn stats(args: &StatsArgs) -> ExitCode {
    if let Some(StatsCommand::Merge(args)) = &args.command {
        return match stats::merge(&args.inputs()) {
            Ok(report) => print_stats(&report, args.output.form),
            Err(error) => fail(one_line(&error), ExitCode::BadInput),
        };
    }
    let Some(shard) = args.shard else {
        return print_stats(&stats::stats(&args.plan()), args.output.form);
    };
    let part = stats::stats_part(&args.plan(), shard, VERSION);
    let code = code_of_inputs(part.failures().is_empty());
    let code = print_whole(|out| part.write(out), code);
    for failure in part.failures() {
        fail(failure, ExitCode::BadInput);
    }
    code
}

fn print_stats(report: &StatsReport, form: StatsForm) -> ExitCode {
    let code = print_whole(|out| write_stats(report, form, out), code_of_inputs(report.failures.is_empty()));
    for failure in &report.failures {
        fail(failure, ExitCode::BadInput);
    }
    code
}

const fn code_of_inputs(were_all_read: bool) -> ExitCode {
    if were_all_read { ExitCode::Success } else { ExitCode::BadInput }
}

pub(super) fn check(args: &CheckArgs) -> ExitCode {
    if let Some(topic) = args.explain {
        return print(&topic.text(), ExitCode::Success);
    }
    if let Some(CheckCommand::Merge(args)) = &args.command {
        return match check::merge(&args.inputs(), args.report.findings_max()) {
            Ok(report) => print_check(&report, &args.report),
            Err(error) => fail(one_line(&error), ExitCode::BadInput),
        };
    }
    let plan = match args.plan() {
        Ok(plan) => plan,
        Err(error) => return fail(one_line(&error), ExitCode::BadInput),
    };
    let Some(shard) = args.shard else {
        return print_check(&check::check(&plan), &args.report);
    };
    let part = check::check_part(&plan, shard, VERSION);
    let code = print_whole(|out| part.write(out), code_of_inputs(part.failures().next().is_none()));
    for failure in part.failures() {
        fail(one_line(&failure), ExitCode::BadInput);
    }
    code
}

fn print_check(report: &CheckReport, args: &CheckReportArgs) -> ExitCode {
    let has_colours = has_colours(&io::stdout());
    let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let style = TextStyle { has_colours, width };
    let code = if !report.failures.is_empty() {
        ExitCode::BadInput
    } else if report.has_findings(args.fail_on.into()) {
        ExitCode::ThresholdMissed
    } else {
        ExitCode::Success
    };
    let code = print_whole(|out| write_report(report, args.output, &style, args.statistics, out), code);
    for failure in &report.failures {
        fail(one_line(failure), ExitCode::BadInput);
    }
    code
}

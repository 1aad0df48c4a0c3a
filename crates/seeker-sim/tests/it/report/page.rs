//! Tests of the HTML page of a run: one file, all text escaped, charts of measured values, and a sentence for each missing chart.

use std::fs;

use roxmltree::Document;

use crate::browser::assert_nothing_stands_out;
use crate::report::reported;
use crate::service::{Manner, Service, silent_port};

/// The HTML page of a run with these options.
fn page(options: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (ended, paths) = reported(folder.path(), options, &["html"]);
    // Every outcome of a run has a page. Bad input and internal errors would have none.
    assert!(![Some(2), Some(5)].contains(&ended.code), "{}", ended.stderr);
    fs::read_to_string(&paths[0]).unwrap()
}

/// The names of the charts. Each chart must be well-formed.
fn charts(page: &str) -> Vec<String> {
    let starts = page.match_indices("<svg");
    let charts = starts.map(|(start, _)| &page[start..start + page[start..].find("</svg>").unwrap() + "</svg>".len()]);
    let name = |chart: &str| {
        let document = Document::parse(chart).unwrap();
        let title = document.root_element().children().find(|child| child.tag_name().name() == "title");
        title.and_then(|title| title.text()).unwrap().to_owned()
    };
    charts.map(name).collect()
}

fn assert_self_contained(page: &str) {
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">") && page.ends_with("</html>\n"));
    for outside in ["<script", "src=", "<link", "@import", "url(", "href="] {
        assert!(!page.contains(outside), "{outside}");
    }
}

/// Errors have a chart and a table.
#[test]
fn refusals_are_drawn_and_described() {
    let service = Service::answering("400 Bad Request");
    let page = page(&format!("--target {} --rate 100/s --duration 2s --warm-up 200ms", service.url()));
    assert_self_contained(&page);
    assert_eq!(
        charts(&page),
        ["Latency over time", "Events per second", "Times by percentile", "Not acknowledged", "Live job seekers"]
    );
    for told in ["answered 400", "Warm-up", "refused", "p99", &service.url()] {
        assert!(page.contains(told), "{told}");
    }
    assert_nothing_stands_out(&page, 5);
}

/// The page shows each threshold with the measured value and the verdict, also for a run without a valid result.
#[test]
fn thresholds_are_shown_with_the_measured_values() {
    let service = Service::answering("400 Bad Request");
    let thresholds = "--threshold 'acknowledged >= 0' --threshold 'refused < 5' --threshold 'rate > 1/s' --threshold 'APPLICATION_REDIRECT_FROM_START.latency.p99 < 1us over 1s'";
    let page = page(&format!("--target {} --rate 100/s --duration 2s {thresholds}", service.url()));
    let rows: Vec<_> = page.split("<tr>").filter(|row| row.contains("class=\"held ")).collect();
    assert_eq!(rows.len(), 4);
    let is_trusted = !page.contains("Not trustworthy");
    for (row, (name, value, verdict)) in rows.iter().zip([
        ("acknowledged &gt;= 0", "class=\"number\">", "tone-green"),
        ("refused &lt; 5", "class=\"number\">", "tone-red"),
        ("rate &gt; 1/s", "/s", "tone-green"),
        ("APPLICATION_REDIRECT_FROM_START.latency.p99 &lt; 1us over 1s", "", "tone-"),
    ]) {
        assert!(row.contains(&format!("<code>{name}</code>")) && row.contains(value), "{row}");
        assert!(row.contains(if is_trusted { verdict } else { "tone-grey" }), "{row}");
    }
    assert_nothing_stands_out(&page, charts(&page).len());
}

#[test]
fn a_run_that_was_ended_early_says_so() {
    let service = Service::answering("400 Bad Request");
    let page =
        page(&format!("--target {} --rate 100/s --duration 1h --threshold 'refused == 0' --abort-on-threshold", service.url()));
    assert!(page.contains("The run stopped early, because a threshold could no longer pass."), "{page}");
}

/// Without errors there is no chart of errors.
#[test]
fn a_good_run_says_so() {
    let page = page("--rate 200/s --duration 2s --check-sent");
    assert_self_contained(&page);
    assert_eq!(charts(&page).len(), 4);
    assert!(page.contains("all events were acknowledged") && page.contains("answered with a 2xx status"));
    assert!(page.contains("All thresholds passed.") || page.contains("Not judged, because"));
    assert!(page.contains("follow the rules of the message") && page.contains("Built-in receiver"));
    assert_nothing_stands_out(&page, 4);
}

/// For values that were not measured, the page has a sentence and no empty chart.
#[test]
fn missing_measurements_are_named() {
    let silent = Service::start(Manner::KeepsSilent);
    let without_answers = page(&format!("--target {} --rate 50/s --duration 1s --timeout 300ms", silent.url()));
    assert!(without_answers.contains("p99 is a lower bound") && without_answers.contains("no answers"));
    assert!(without_answers.contains("\u{2265}\u{a0}"), "what has no answer is a lower bound");

    let port = silent_port();
    let unreachable = page(&format!("--target 'http://127.0.0.1:{port}/<b>&\"' --duration 1s"));
    assert_self_contained(&unreachable);
    assert_eq!(charts(&unreachable).len(), 0);
    assert!(unreachable.contains("Target unreachable") && unreachable.contains("nothing was sent"));
    assert!(!unreachable.contains("<b>"), "{unreachable}");
}

//! Tests of `report show`: it prints and writes the same as the run, from the report.

use std::fs;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::program::{ended, seeker_sim};
use crate::report::schema::FROZEN;
use crate::report::{reported, without_files};
use crate::service::{Service, silent_port};

/// For all outcomes of a run, `report show` prints and writes the same as the run.
#[test]
fn a_report_shows_the_results_of_the_run() {
    let service = Service::answering("400 Bad Request");
    for options in [
        "--rate 100/s --duration 1s --warm-up 200ms --check-sent".to_owned(),
        format!("--target {} --arrivals 20/s --duration 1s --threshold 'refused < 5'", service.url()),
        format!("--target http://127.0.0.1:{} --duration 1s", silent_port()),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (run, paths) = reported(folder.path(), &options, &["json", "html", "csv"]);
        let json = paths[0].to_str().unwrap();
        for (form, expected) in [
            ("text", without_files(&run.stdout, &paths)),
            ("json", fs::read_to_string(&paths[0]).unwrap()),
            ("html", fs::read_to_string(&paths[1]).unwrap()),
            ("csv", fs::read_to_string(&paths[2]).unwrap()),
        ] {
            let shown = ended(&["report", "show", json, "--output", form]);
            assert_eq!((shown.code, shown.stderr.as_str()), (Some(0), ""), "{options}");
            assert_eq!(shown.stdout, expected, "{options} as {form}");
        }
        let xml = ended(&["report", "show", json, "--output", "junit"]).stdout;
        assert!(roxmltree::Document::parse(&xml).is_ok(), "{xml}");
    }
}

/// Reports of older versions can be shown.
#[test]
fn older_reports_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in FROZEN {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        let shown = ended(&["report", "show", path.to_str().unwrap()]);
        assert_eq!((shown.code, shown.stderr.as_str()), (Some(0), ""));
        assert!(shown.stdout.starts_with("run ") && shown.stdout.contains("  seed          7, for "), "{}", shown.stdout);
    }
}

/// Control characters in the texts of a report are escaped in every format, so that the terminal does not interpret them.
#[test]
fn control_characters_in_a_report_are_escaped() {
    const ESCAPE: &str = "\u{1b}[2J\u{9b}31m\u{202e}\r";
    let folder = tempfile::tempdir().unwrap();
    let mut report: Value = serde_json::from_str(FROZEN[0].1).unwrap();
    for place in ["/reasons", "/load/stages", "/errors"] {
        *report.pointer_mut(place).unwrap() = if place == "/errors" { json!({ESCAPE: 3}) } else { json!([ESCAPE]) };
    }
    report["target"] = json!(format!("http://h/{ESCAPE}"));
    let path = folder.path().join("foreign.json");
    fs::write(&path, report.to_string()).unwrap();
    let path = path.to_str().unwrap();
    let forms = ["text", "json", "html", "csv", "junit"].map(|form| vec!["report", "show", path, "--output", form]);
    let others = [vec!["report", "compare", path, path, "--force"], vec!["report", "merge", path, path]];
    for args in forms.into_iter().chain(others) {
        let shown = ended(&args);
        let all = shown.stdout + &shown.stderr;
        assert!(!all.is_empty() && !all.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\r']), "{args:?}: {all:?}");
    }
    let text = ended(&["report", "show", path]).stdout;
    assert_eq!(text.matches("\\u{1b}[2J\\u{9b}31m\\u{202e}\\r").count(), 4, "{text}");
}

#[test]
fn a_report_comes_from_standard_input() {
    let mut child = seeker_sim(&["report", "show", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), FROZEN[0].1.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stdout.starts_with(b"run passed\n"));
}

/// For all files that are not a report, the error says in one line what is wrong.
#[test]
fn invalid_reports_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    let (_, whole) = FROZEN[0];
    for (text, expected) in [
        ("", "is empty; expected a report of `seeker-sim run --report FILE.json`"),
        (&whole[..whole.len() / 2], "is truncated: the JSON is incomplete"),
        ("from_s,to_s\n", "is CSV; expected the JSON report of `seeker-sim run"),
        ("{\"findings\": [], \"statistics\": {}}", "is JSON, but not a report: it has no key `outcome`"),
        (&whole.replace("\"windows\"", "\"rows\""), "has no key `windows`: an older version wrote it"),
        (
            &whole.replace("\"speed\": 60.0", "\"speed\": \"high\""),
            "the value of `speed` is not valid in a report: invalid type: string",
        ),
        (
            &whole.replace("VIEW.latency.p99 <", "VIEW.latency.p198 <"),
            "the value of `thresholds[1].threshold` is not valid in a report: unknown",
        ),
    ] {
        fs::write(&path, text).unwrap();
        for command in ["show", "merge"] {
            let told = ended(&["report", command, path.to_str().unwrap()]);
            assert_eq!((told.code, told.stdout.as_str()), (Some(2), ""), "{text}");
            assert!(told.stderr.contains(expected) && told.stderr.lines().count() == 1, "{}", told.stderr);
        }
    }
    let missing = ended(&["report", "show", "missing.json"]);
    assert_eq!(missing.code, Some(2));
    assert!(missing.stderr.starts_with("seeker-sim: missing.json cannot be read: "), "{}", missing.stderr);
}

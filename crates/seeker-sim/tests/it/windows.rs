//! Tests of the windows of the report, one per second.

use serde_json::Value;

use crate::program::{Reported, assert_sound, count};
use crate::service::{Manner, Service};

fn sum(windows: &[Value], key: &str) -> u64 {
    windows.iter().map(|window| window[key].as_u64().unwrap()).sum()
}

/// For all loads and responses, the windows are consecutive and add up to the totals.
#[test]
fn windows_add_up_to_the_run() {
    let answers = |text: &str| Manner::Answers(text.as_bytes().to_vec());
    for (load, manner) in [
        ("--rate 200/s --duration 2500ms", answers("HTTP/1.1 204 No Content\r\n\r\n")),
        ("--seekers 30 --duration 2s", answers("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n")),
        ("--arrivals 20/s --duration 2s --warm-up 700ms", answers("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")),
        ("--rate 50/s --duration 1s --warm-up 200ms --timeout 300ms", Manner::KeepsSilent),
    ] {
        let service = Service::start(manner);
        let (ended, report) = Reported::new().run(&format!("--target {} {load}", service.url()));
        let windows = report["windows"].as_array().unwrap();
        for fate in ["acknowledged", "refused", "failed", "unknown"] {
            assert_eq!(sum(windows, fate), count(&report, &format!("events.{fate}")), "{load} {fate}: {}", ended.stdout);
        }
        let sent = ["acknowledged", "refused", "failed", "unknown"].map(|fate| count(&report, &format!("events.{fate}")));
        assert_eq!(sum(windows, "sent"), sent.iter().sum::<u64>(), "{load}");
        assert!(sum(windows, "begun") <= count(&report, "events.planned"), "{load}");
        let begins = report["warm_up"]["duration_s"].as_f64().unwrap_or(0.0);
        for (number, window) in windows.iter().enumerate() {
            let from = window["from_s"].as_f64().unwrap();
            assert!((from - begins - f64::from(u32::try_from(number).unwrap())).abs() < 1e-6, "{load}: {window}");
            let is_answered = ["acknowledged", "refused"].iter().any(|fate| window[*fate] != 0);
            assert!(!is_answered || window["latency_ms"]["p99"].is_number(), "{load}: {window}");
        }
        assert!(windows.iter().any(|window| window["live_seekers"] != 0), "{load}");
    }
}

/// The schedule law: the events planned for a second begin in that second. Whether they are sent in that second depends on the machine. The
/// report shows that, and the verdict judges it.
#[test]
fn each_second_begins_the_planned_events() {
    for pacing in ["steady", "poisson"] {
        let (ended, report) = Reported::new().run(&format!("--rate 500/s --duration 4s --seed 3 --pacing {pacing}"));
        assert_sound(&ended, &report);
        let windows = report["windows"].as_array().unwrap();
        assert_eq!(sum(&windows[..4], "planned"), 2000);
        let is_even = windows[..4].iter().all(|window| window["planned"] == 500);
        assert_eq!(is_even, pacing == "steady", "{windows:?}");
        for window in &windows[1..4] {
            let (planned, begun) = (window["planned"].as_f64().unwrap(), window["begun"].as_f64().unwrap());
            assert!((begun / planned - 1.0).abs() <= 0.05, "{window}");
        }
    }
}

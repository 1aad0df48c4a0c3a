//! Tests of all kinds and shapes of load: the sent events, and the account of all events.

use crate::program::{Reported, assert_sound, count, number};
use crate::service::{Manner, Service};

/// One load of each kind, constant and in stages, one or two seconds long.
const LOADS: [&str; 6] = [
    "--rate 80/s --duration 1s",
    "--arrivals 30/s --duration 1s",
    "--seekers 40 --duration 1s",
    "--stage 1s:0->100/s --stage 300ms:200/s --stage 700ms:100->0/s",
    "--stage '1s:0->30 arrivals/s' --stage '500ms:sine 5..40 arrivals/s every 200ms'",
    "--stage '700ms:0->40 seekers' --stage '1s:40->5 seekers'",
];

/// For all behaviours of the target and all loads, with and without a warm-up, `Reported::run` checks the account law.
#[test]
fn the_account_holds_for_every_load_and_every_failure() {
    let failing = Manner::Answers(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n".to_vec());
    let check = |load: &str, manner: &Manner, fate: &str, warm_up: &str| {
        let service = Service::start(manner.clone());
        let options = format!("--target {} {load} {warm_up} --timeout 100ms --connections 8", service.url());
        let (ended, report) = Reported::new().run(&options);
        assert_ne!(ended.code, Some(0), "{options}: {}", ended.stdout);
        assert!(count(&report, &format!("events.{fate}")) > 0, "{options}: {report}");
        assert_eq!(count(&report, "events.acknowledged"), 0, "{options}");
        assert_eq!(report["warm_up"].is_null(), warm_up.is_empty(), "{options}");
    };
    std::thread::scope(|scope| {
        for (manner, fate) in [(failing, "failed"), (Manner::HangsUp, "failed"), (Manner::KeepsSilent, "unknown")] {
            scope.spawn(move || {
                for (number, load) in LOADS.into_iter().enumerate() {
                    let warm_up = if (number % 2 == 0) == (fate == "failed") { "--warm-up 300ms" } else { "" };
                    check(load, &manner, fate, warm_up);
                }
            });
        }
    });
}

#[test]
fn arrivals_are_counted_as_seekers() {
    let (ended, report) = Reported::new().run("--arrivals 50/s --duration 2s");
    assert_sound(&ended, &report);
    assert_eq!(report["load"]["kind"], "arrivals");
    assert_eq!((number(&report, "load.planned"), number(&report, "load.achieved")), (100.0, 100.0));
    assert_eq!(count(&report, "seekers.started"), 100);
    assert!(count(&report, "events.planned") > 100, "each seeker sends more than one event: {report}");
    assert!(ended.stdout.contains("arrivals      planned 100.0, achieved 100.0 (100.0 %)"), "{}", ended.stdout);
}

#[test]
fn leaving_seekers_are_replaced() {
    let (ended, report) = Reported::new().run("--seekers 50 --duration 3s --speed 600");
    assert_sound(&ended, &report);
    assert_eq!(count(&report, "seekers.live_max"), 50);
    assert_eq!(report["load"]["planned"], 50.0);
    let ratio = number(&report, "load.achieved_ratio");
    assert!((0.98..=1.0).contains(&ratio), "{report}");
    assert!(count(&report, "seekers.started") > 100 && count(&report, "seekers.finished") > 50, "{report}");
    assert_eq!(count(&report, "seekers.left_early"), 0);
}

#[test]
fn surplus_seekers_leave() {
    let (ended, report) = Reported::new().run("--stage '1s:100 seekers' --stage '2s:10 seekers' --speed 600");
    assert_sound(&ended, &report);
    assert!(count(&report, "seekers.left_early") > 0, "{report}");
    assert_eq!(count(&report, "seekers.live_max"), 100);
    assert_eq!(report["load"]["planned"], 40.0);
}

/// The planned events are the integral of the stages: a ramp up, a hold, a spike and a ramp down. No pacing changes the integral.
#[test]
fn stages_are_sent_as_planned() {
    for pacing in ["steady", "poisson"] {
        let (ended, report) = Reported::new().run(&format!(
            "--stage 1s:0->200/s --stage 1s:200/s --stage 100ms:500/s --stage 1s:200->0/s --stage '1s:sine 50..150/s every 500ms' \
             --pacing {pacing}"
        ));
        assert_sound(&ended, &report);
        assert_eq!(count(&report, "events.planned"), 100 + 200 + 50 + 100 + 100);
        assert_eq!(count(&report, "events.acknowledged"), 550);
        assert_eq!(report["load"]["stages"][4], "1s:sine 50..150/s every 500ms");
    }
}

/// Arrivals that `--seekers-max` prevents count as events that were not sent.
#[test]
fn arrivals_that_never_start_are_not_sent() {
    let (ended, report) = Reported::new().run("--arrivals 50/s --duration 1s --seekers-max 1 --speed 1");
    assert_eq!(ended.code, Some(3), "{}", ended.stdout);
    let started = count(&report, "seekers.started");
    assert!(started < 50 && count(&report, "events.not_sent") >= 50 - started, "{report}");
}

#[test]
fn the_warm_up_counts_for_no_figure() {
    let (ended, report) = Reported::new().run("--rate 200/s --duration 2s --warm-up 500ms");
    assert_sound(&ended, &report);
    assert_eq!(report["warm_up"]["duration_s"], 0.5);
    let (warm_up, measured) = (count(&report, "warm_up.events.planned"), count(&report, "events.planned"));
    assert_eq!(warm_up + measured, 400);
    // Seekers begin at the moments of missing events, so a few events fall on the other side of the border.
    assert!(warm_up.abs_diff(100) <= 20, "{warm_up}");
    assert_eq!(count(&report, "receiver.accepted"), 400);
    assert!((number(&report, "rate.planned_per_s") - 200.0).abs() <= 20.0);
    assert!(ended.stdout.contains("warm-up       0.5 s, not included below"), "{}", ended.stdout);
}

/// Events that wait at the end of the load are sent for the time of `--drain`.
#[test]
fn draining_has_its_limit() {
    let service = Service::start(Manner::KeepsSilent);
    let run = |drain: &str| {
        let options =
            format!("--target {} --rate 50/s --duration 1s --connections 5 --timeout 300ms --drain {drain}", service.url());
        Reported::new().run(&options).1
    };
    let (at_once, later) = (run("0s"), run("20s"));
    assert!(count(&at_once, "events.not_sent") > 10, "{at_once}");
    assert_eq!(count(&later, "events.not_sent"), 0, "{later}");
    assert_eq!(count(&later, "events.unknown"), 50);
}

/// A high rate is accounted for, whether or not this build and this machine reach it: in the totals (checked by `Reported::run`), by the
/// receiver, and in the windows.
#[test]
fn fifty_thousand_a_second_are_accounted_for() {
    let (_, report) = Reported::new().run("--rate 50000/s --duration 1s --connections 16");
    assert_eq!(count(&report, "events.planned"), 50_000);
    let acknowledged = count(&report, "events.acknowledged");
    assert!(acknowledged > 0, "{report}");
    // Events that the receiver accepted without a response in time are unknown or failed here.
    let unsure = count(&report, "events.unknown") + count(&report, "events.failed");
    let accepted = count(&report, "receiver.accepted");
    assert!((acknowledged..=acknowledged + unsure).contains(&accepted), "{accepted} of {report}");
    let windows = report["windows"].as_array().unwrap();
    for of_window in ["planned", "acknowledged", "refused", "failed", "unknown", "not_sent"] {
        let sum: u64 = windows.iter().map(|window| count(window, of_window)).sum();
        assert_eq!(sum, count(&report, &format!("events.{of_window}")), "{of_window}: {report}");
    }
}

#[test]
fn a_rate_below_the_pace_of_one_seeker_holds() {
    let (ended, report) = Reported::new().run("--rate 1/s --duration 4s --speed 6000");
    assert_sound(&ended, &report);
    assert_eq!((count(&report, "events.planned"), count(&report, "events.acknowledged")), (4, 4));
}

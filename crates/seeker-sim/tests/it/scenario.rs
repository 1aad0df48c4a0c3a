//! Tests of the command `scenario`, and of `--scenario` in other commands.

use std::fs;

use crate::program::{Reported, assert_sound, count, ended, number};

const BUILT_IN: [&str; 5] = ["job-board", "aggregator", "staffing-agency", "campaign-spike", "weekday-morning"];

#[test]
fn printed_scenarios_are_valid() {
    let folder = tempfile::tempdir().unwrap();
    let printed = [vec!["scenario", "init"], vec!["scenario", "show"]];
    let ready = BUILT_IN.into_iter().flat_map(|name| [vec!["scenario", "init", name], vec!["scenario", "show", name]]);
    for (number, args) in printed.into_iter().chain(ready).enumerate() {
        let printed = ended(&args);
        assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""), "{args:?}");
        let path = folder.path().join(format!("{number}.toml"));
        fs::write(&path, &printed.stdout).unwrap();
        let path = path.to_str().unwrap();
        let checked = ended(&["scenario", "check", path]);
        assert_eq!((checked.code, checked.stdout), (Some(0), format!("{path}: valid\n")), "{args:?}: {}", checked.stderr);
        // Showing the output of `show` gives the same output.
        if args[1] == "show" {
            assert_eq!(ended(&["scenario", "show", path]).stdout, printed.stdout);
        } else {
            assert!(printed.stdout.starts_with("#:schema ./scenario.schema.json\n"), "{args:?}");
        }
    }
}

#[test]
fn every_problem_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my.toml");
    let file = path.to_str().unwrap();
    fs::write(&path, "speed = 0\n\n[behaviour]\naply_per_view = 0.1\n").unwrap();
    for args in [&["scenario", "check", file][..], &["scenario", "show", file], &["generate", "--scenario", file]] {
        let refused = ended(args);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{args:?}");
        for expected in
            [":1:9", "speed is 0; expected 0.01 to 10000", ":4:1", "did you mean apply_per_view?", "my.toml: 2 problems"]
        {
            assert!(refused.stderr.contains(expected), "{expected}: {}", refused.stderr);
        }
    }
}

#[test]
fn invalid_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path_of = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path_of("latin1.toml"), b"description = '\xe9'").unwrap();
    fs::write(path_of("long.toml"), vec![b'#'; 2 << 20]).unwrap();
    fs::write(path_of("valid.toml"), "").unwrap();
    for (file, expected) in [
        (path_of("none.toml"), "none.toml is neither a file nor a built-in scenario; the built-in scenarios are job-board, "),
        (path_of(""), "cannot be read"),
        (path_of("latin1.toml"), "latin1.toml cannot be read: invalid utf-8 sequence of 1 bytes from index 15"),
        (path_of("long.toml"), "long.toml has more than 1048576 bytes; expected a scenario in TOML"),
        #[cfg(target_os = "linux")]
        ("/dev/zero".to_owned(), "/dev/zero has more than 1048576 bytes; expected a scenario in TOML"),
    ] {
        let refused = ended(&["scenario", "check", &path_of("valid.toml"), &file]);
        assert_eq!(refused.code, Some(2));
        assert!(refused.stdout.contains("valid.toml: valid"), "the other files are checked too");
        assert!(refused.stderr.contains(expected), "{}", refused.stderr);
    }
    let refused = ended(&["scenario", "init", "jobboard"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("expected one of job-board, aggregator, "), "{}", refused.stderr);
}

#[test]
fn a_scenario_sets_the_population_and_the_load() {
    let generated = |scenario: &str| {
        let ended = ended(&["generate", "--seekers", "60", "--days", "2", "--scenario", scenario]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended.stdout
    };
    let agency = generated("staffing-agency");
    assert!(agency.contains("\"eventType\":\"APPLICATION_COMPANY_SUBMIT\"") && !agency.contains("APPLICATION_REDIRECT"));
    // 8:00 in Berlin on 2026-01-06 is 7:00 UTC.
    let morning = generated("weekday-morning");
    let times: Vec<i64> = morning
        .lines()
        .map(|line| client_event::ClientEvent::from_json(line.as_bytes()).unwrap().event_timestamp_millis.as_millis())
        .collect();
    assert!(times.iter().all(|millis| *millis >= 1_767_682_800_000) && times[0] < 1_767_686_400_000, "{}", times[0]);
}

#[test]
fn a_run_takes_its_load_its_speed_and_its_times_from_a_scenario() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my.toml");
    fs::write(
        &path,
        "timestamps = 'simulated'\nspeed = 120\nstart = 2026-01-06T00:00:00\n[load]\nrate = '200/s'\nduration = '2s'",
    )
    .unwrap();
    let scenario = format!("--scenario {} --seed 1 --check-sent", path.display());
    let (ended, report) = Reported::new().run(&scenario);
    assert_sound(&ended, &report);
    assert_eq!((count(&report, "events.planned"), number(&report, "speed")), (400, 120.0));
    // Options of the command line override the scenario.
    let (ended, report) = Reported::new().run(&format!("{scenario} --rate 100/s --speed 30"));
    assert_sound(&ended, &report);
    assert_eq!((count(&report, "events.planned"), number(&report, "speed")), (200, 30.0));
}

//! Reads a scenario and reports all its problems together.

use std::collections::HashSet;

use seeker_model::ParameterErrors;
use serde_json::Value;

use crate::document::{Document, child};
use crate::problems::{ScenarioProblem, ScenarioProblems};
use crate::{Scenario, structure};

/// Reads a scenario. Messages use `file` as the name of the text.
///
/// # Errors
///
/// [`ScenarioProblems`] has all problems.
pub fn read(text: &str, file: &str) -> Result<Scenario, ScenarioProblems> {
    let mut problems = Vec::new();
    let document = Document::read(text, &mut problems);
    // Reports no further problems for a part that cannot be read.
    let unreadable: HashSet<_> = problems.iter().map(|problem| problem.span.clone()).collect();
    let of_syntax = problems.len();
    let refused = structure::check(&document, &mut problems);
    let mut of_structure = problems.split_off(of_syntax);
    of_structure.retain(|problem| !unreadable.contains(&problem.span));
    problems.append(&mut of_structure);
    // Treats refused parts as left out, so that the rest can be checked for consistency.
    let mut rest = document.value.clone();
    for pointer in &refused {
        remove(&mut rest, pointer);
    }
    match serde_json::from_value::<Scenario>(rest) {
        Ok(scenario) => {
            problems.extend(meaning(&scenario, &document));
            if problems.is_empty() {
                return Ok(scenario);
            }
        }
        // A part that is invalid without the refused parts. There is no other cause, because values that match the schema
        // can be read.
        Err(error) if problems.is_empty() => problems.push(ScenarioProblem::new(error.to_string(), 0..0)),
        Err(_) => {}
    }
    problems.sort_by_key(|problem| problem.span.start);
    Err(ScenarioProblems { file: file.to_owned(), text: text.to_owned(), problems })
}

/// Returns the contradictions between parts that are each in range.
fn meaning(scenario: &Scenario, document: &Document) -> Vec<ScenarioProblem> {
    let checked = [
        ("behaviour", scenario.behaviour.validate()),
        ("catalogue", scenario.catalogue.validate()),
        ("rhythm", scenario.rhythm.validate()),
    ];
    let mut problems = Vec::new();
    if let Err(error) = scenario.load.check() {
        // The keys have the same names as the options.
        let message = error.to_string().replace("--stage", "stages").replace("--warm-up", "warm_up").replace("--", "");
        problems.push(ScenarioProblem::new(format!("load: {message}"), document.place("/load").key.clone()));
    }
    for (table, errors) in checked {
        for error in errors.err().iter().flat_map(ParameterErrors::all) {
            let pointer = error.path.split('.').fold(child("", table), |pointer, key| child(&pointer, key));
            let message = format!("{table}.{error}");
            problems.push(ScenarioProblem::new(message, document.place(&pointer).value.clone()));
        }
    }
    problems
}

fn remove(value: &mut Value, pointer: &str) {
    // An element of an array cannot be missing, so the whole array is removed.
    let mut pointer = pointer;
    while let Some((around, key)) = pointer.rsplit_once('/') {
        if let Some(Value::Object(table)) = value.pointer_mut(around) {
            table.remove(&key.replace("~1", "/").replace("~0", "~"));
            return;
        }
        pointer = around;
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use serde_json::json;

    use std::time::Duration;

    use super::*;
    use crate::schema::{resolved, schema};
    use crate::{shown, template};
    use load_plan::load::{LoadSpec, Rate};

    /// Returns every key with a value, by its pointer, with the schema of the value.
    fn leaves() -> Vec<(String, Value)> {
        fn below(pointer: &str, part: &Value, root: &Value, leaves: &mut Vec<(String, Value)>) {
            let part = resolved(part, root);
            match part["properties"].as_object() {
                Some(keys) => keys.iter().for_each(|(key, part)| below(&child(pointer, key), part, root, leaves)),
                None => leaves.push((pointer.to_owned(), part.clone())),
            }
        }
        let (root, mut leaves) = (schema(), Vec::new());
        below("", root, root, &mut leaves);
        leaves
    }

    /// Returns a file with this value under this key. If the key is one of a pair, the file includes the other key.
    fn file(pointer: &str, value: &str) -> String {
        let keys: Vec<_> = pointer.trim_start_matches('/').split('/').collect();
        match keys[..] {
            [key] => format!("{key} = {value}"),
            [table, key] => format!("[{table}]\n{key} = {value}"),
            [table, key, half] => {
                let other = if half == "median" { "sigma" } else { "median" };
                format!("[{table}]\n{key} = {{ {half} = {value}, {other} = 1 }}")
            }
            _ => unreachable!("no key lies deeper"),
        }
    }

    fn problems(text: &str) -> Vec<String> {
        let of = |problems: ScenarioProblems| problems.problems.into_iter().map(|problem| problem.message).collect();
        read(text, "a.toml").map_or_else(of, |_| Vec::new())
    }

    #[test]
    fn every_key_refuses_invalid_values() {
        let leaves = leaves();
        assert!(leaves.len() > 60, "{}", leaves.len());
        for (pointer, schema) in leaves {
            let wrong: &[&str] = match schema["type"].as_str() {
                Some("string") => &["1", "true"],
                Some("integer" | "number") => &["'text'", "-1", "1e99", "inf", "nan", "{}"],
                _ if schema["minItems"].is_null() => &["'text'", "[1]", "['never']"],
                _ => &["'text'", "[]", "1979-05-27"],
            };
            for value in wrong {
                let found = problems(&file(&pointer, value));
                assert_eq!(found.len(), 1, "{pointer} = {value}: {found:?}");
            }
        }
    }

    #[test]
    fn problems_name_the_expected_value() {
        for (text, expected) in [
            ("speed = 0", "1:9: speed is 0; expected 0.01 to 10000"),
            ("\nspede = 1", "2:1: unknown key \"spede\"; did you mean speed?"),
            ("a.b = 1", "1:1: unknown key \"a\"; expected one of behaviour, catalogue, "),
            ("[behaviour]\nfoo = 1", "2:1: unknown key \"foo\"; `seeker-sim scenario init` lists all keys"),
            ("[load]\nrate = '0/s'", "2:8: load.rate is \"0/s\"; expected a rate above 0"),
            ("[load]\nrate = '5/s'\narrivals = '5/s'", "1:2: load: rate and arrivals both set the load; remove one of them"),
            ("load.warm_up = '1h'", "1:1: load: warm_up is 1h, but the load lasts 30s; expected a shorter warm-up"),
            ("[load]\nstages = ['30s:5/s', '5/s']", "2:22: load.stages.1 is \"5/s\"; expected "),
            (
                "thresholds = ['refuse == 0']",
                "1:15: thresholds.0 is \"refuse == 0\"; unknown figure \"refuse\"; did you mean refused?",
            ),
            ("load = 5", "1:8: load is 5; expected a table"),
            ("timestamps = 'real'", "1:14: timestamps is \"real\"; expected \"wall\" or \"simulated\""),
            ("start = 2026-02-30T00:00:00", "1:9: invalid date, expected day between 01 and 28"),
            ("start = 2026-01-05", "1:9: start is \"2026-01-05\"; expected a date from 1970 to 9000 and a time of day"),
            ("time_zone = 'Mars'", "1:13: time_zone: \"Mars\" is not a time zone"),
            ("[behaviour]\nglance_s = { median = 1 }", "2:1: behaviour.glance_s has no sigma"),
            ("[behaviour]\nglance_s = 1", "2:12: behaviour.glance_s is 1; expected a table with median and sigma"),
            ("[behaviour]\npage_size = 2.5", "2:13: behaviour.page_size is 2.5; expected a whole number"),
            ("[rhythm]\nhours = [1]", "2:9: rhythm.hours: expected 24 numbers, found 1"),
            (
                "[behaviour]\nagency_share = 0.5\nrecruiter_share = 0.6",
                "3:19: behaviour.recruiter_share is 0.6; expected a sum with agency_share of at most 1",
            ),
            ("speed = 1\nspeed = 2", "2:1: duplicate key"),
            ("speed = ", "1:9: "),
            ("= [", "1:1: "),
            ("x\u{0}", "1:2: "),
        ] {
            let found = read(text, "a.toml").unwrap_err().to_string();
            assert!(found.starts_with(&format!("a.toml:{expected}")), "{text}: {found}");
        }
    }

    #[test]
    fn all_problems_are_reported_in_text_order() {
        let text = "speed = 0\nlode = 1\n[behaviour]\npage_size = 0\nreading_range_s = [2, 1]\n[catalogue]\npostings = 'many'";
        let found = read(text, "a.toml").unwrap_err();
        let lines: Vec<_> = found.to_string().lines().map(|line| line.split(':').nth(1).unwrap().to_owned()).collect();
        assert_eq!(lines, ["1", "2", "4", "5", "7"]);
        assert!(found.shown(false).contains(" --> a.toml:4:13"), "{}", found.shown(false));
    }

    /// A file with thousands of problems in one line is refused with a short text.
    #[test]
    fn many_problems_are_counted() {
        let keys: Vec<_> = (0..2_000).map(|number| format!("k{number}=1")).collect();
        let problems = read(&format!("behaviour={{{}}}", keys.join(",")), "a.toml").unwrap_err();
        for text in [problems.to_string(), problems.shown(false)] {
            assert_eq!(text.matches("unknown key").count(), 20, "{text}");
            assert!(text.contains("\n… and 1980 more problems"), "{text}");
        }
    }

    #[test]
    fn the_template_is_the_default_with_or_without_its_marks() {
        assert_eq!(read(&template(), "t.toml").unwrap(), Scenario::default());
        let key = |line: &str| {
            line.split_once(" = ").is_some_and(|(key, _)| key.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase()))
        };
        let (mut is_value, mut is_load) = (false, false);
        let unmarked = template().lines().fold(String::new(), |text, line| {
            if line.starts_with('[') {
                is_load = line == "[load]";
            }
            let rest = line.strip_prefix("# ").filter(|_| !is_load);
            is_value = rest.is_some_and(|rest| key(rest) || is_value && (rest.starts_with("  ") || rest == "]"));
            text + if is_value { rest.unwrap() } else { line } + "\n"
        });
        let keys = unmarked.lines().filter(|line| key(line)).count();
        let in_template = |pointer: &str| !pointer.ends_with("/sigma") && !pointer.starts_with("/load");
        assert_eq!(keys, leaves().iter().filter(|(pointer, _)| in_template(pointer)).count(), "all keys are there");
        assert_eq!(read(&unmarked, "t.toml").unwrap(), Scenario::default());
    }

    /// Only one key can set the load, so each example is tested alone.
    #[test]
    fn every_example_of_the_template_is_sound() {
        let template = template();
        let load = template.split_once("[load]").unwrap().1.split("\n[").next().unwrap();
        let examples: Vec<_> =
            load.lines().filter_map(|line| line.strip_prefix("# ").filter(|line| line.contains(" = "))).collect();
        assert_eq!(examples.len(), 7);
        for example in examples {
            assert_ne!(read(&format!("[load]\n{example}"), "e.toml").unwrap().load, LoadSpec::default(), "{example}");
        }
    }

    proptest! {
        /// For all scenarios, writing and reading returns the same scenario, for texts of any length and with any TOML
        /// syntax in them.
        #[test]
        fn a_shown_scenario_is_read_back(
            description in vec(prop_oneof![any::<char>(), select(vec!['[', ']', '\'', '"', '\\', '=', '#', '\n', ' '])], 0..300)
                .prop_map(String::from_iter),
            page_size in 1_u16..=100,
            share in 0.0..=1.0,
            median in 0.001..1e7,
            hour in 0.0..1e6,
            speed in 0.01..1e4,
            rate in 1.0..1e6,
            millis in 1_000_u64..1 << 34,
            thresholds in vec(select(vec!["acknowledged_ratio >= 98%", "latency.p99.9 < 50ms over 10s"]), 0..9),
            stages in vec((1_u64..999, 1_u32..999), 0..9),
        ) {
            let mut scenario = Scenario { description, speed, ..Scenario::default() };
            scenario.thresholds = thresholds.iter().map(|threshold| threshold.parse().unwrap()).collect();
            scenario.behaviour.page_size = page_size;
            scenario.behaviour.alert_share = share;
            scenario.behaviour.form_s.median = median;
            scenario.rhythm.hours[3] = hour;
            scenario.load = LoadSpec::rate(Rate::per_second(rate).unwrap(), Duration::from_millis(millis));
            if !stages.is_empty() {
                let stages = stages.iter().map(|(seconds, arrivals)| format!("{seconds}s:0->{arrivals} arrivals/s").parse().unwrap());
                scenario.load = LoadSpec { stages: stages.collect(), ..LoadSpec::default() };
            }
            prop_assert_eq!(read(&shown(&scenario), "a.toml").unwrap(), scenario);
        }

        /// For all texts, reading ends, and every problem lies inside the text.
        #[test]
        fn any_text_is_read_without_a_panic(text in "[a-z_]{1,9}( = |\\.|\\[|\n|\"|\\{ ){1,3}[a-z0-9\"'\\]\\[{}é.,# \n-]{0,40}") {
            if let Err(problems) = read(&text, "a.toml") {
                prop_assert!(!problems.problems.is_empty());
                prop_assert!(problems.problems.iter().all(|problem| problem.span.end <= text.len()));
                prop_assert!(problems.shown(false).contains("a.toml"));
            }
        }
    }

    #[test]
    fn the_schema_is_a_schema() {
        jsonschema::meta::validate(schema()).unwrap();
        assert_eq!(schema()["properties"]["speed"]["maximum"], json!(10_000.0));
    }
}

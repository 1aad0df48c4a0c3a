//! Edge cases of `eventTimestampMillis`: an int64 in every form that ProtoJSON reads. Producers write plain digits only.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::edges::{ACCEPT, ALL, Edge, NONE, Verdicts, with};
use crate::json::int64::parse_int64;
use crate::schema::roles::Role;

const FILE: &str = "eventTimestampMillis";

pub(super) fn edges() -> Vec<Edge> {
    let mut edges = plain_digits();
    edges.extend(other_texts());
    edges.extend(numbers());
    edges.extend(beyond_json_schema());
    edges
}

fn text(text: &str, verdicts: Verdicts) -> Edge {
    Edge::new(FILE, format!("the text {text:?}"), with(FILE, json!(text)), verdicts)
}

/// Plain digits, and texts that are nearly plain digits: all lengths, and all places at which a number can leave the range of int64.
fn plain_digits() -> Vec<Edge> {
    let mut texts: BTreeSet<String> = ["0", "7", "9", "10", "31536000000", "9007199254740993"].map(str::to_owned).into();
    texts.extend((1..=20).map(|length| "1".repeat(length)));
    for bound in [i64::MAX.unsigned_abs(), i64::MIN.unsigned_abs()] {
        texts.extend(around(&bound.to_string()));
    }
    texts.extend(["9999999999999999999", "18446744073709551615", "1/", "1:", "/", ":"].map(str::to_owned));
    let mut edges = Vec::new();
    for digits in texts {
        let negative = format!("-{digits}");
        edges.push(text(&digits, if is_plain_int64(&digits) { ALL } else { NONE }));
        edges.push(text(&negative, if is_plain_int64(&negative) { ACCEPT } else { NONE }));
        // The bounds again, followed by a fraction of zeros.
        if digits.len() == 19 {
            edges.push(text(&format!("{digits}.0"), if is_plain_int64(&digits) { ACCEPT } else { NONE }));
        }
    }
    edges
}

/// The bound, and texts that differ from it. For each position: the digits of the bound before the position; then the same digit, the
/// digit below or the digit above; then only zeros or only nines. Some texts have the ASCII character before `0` or after `9` in place of
/// a digit.
fn around(bound: &str) -> BTreeSet<String> {
    let mut texts = BTreeSet::from([bound.to_owned()]);
    for (position, digit) in bound.char_indices() {
        let (before, rest) = (&bound[..position], bound.len() - position - 1);
        let mut add = |digit: char, behind: &str| texts.insert(format!("{before}{digit}{}", behind.repeat(rest)));
        let neighbours = [digit as u8 - 1, digit as u8, digit as u8 + 1].map(char::from);
        for digit in neighbours.into_iter().chain(['0', '1']) {
            add(digit, "0");
            add(digit, "9");
        }
        for no_digit in ['/', ':'] {
            add(no_digit, "0");
            add('0', &no_digit.to_string());
            add('1', &no_digit.to_string());
        }
    }
    texts
}

/// Whether the text is the plain digits of an int64. Compares numbers.
fn is_plain_int64(text: &str) -> bool {
    let digits = text.trim_start_matches('-');
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    plain && text.parse::<i128>().is_ok_and(|number| i64::try_from(number).is_ok())
}

/// Texts that ProtoJSON reads as an int64 and no producer writes.
const ACCEPTED: &[&str] = &[
    "0.0",
    "-0.0",
    "1.0",
    "1000.000",
    "-5.00",
    "1e3",
    "1E3",
    "1e+3",
    "1e03",
    "1e0",
    "0e0",
    "-1e3",
    "1.5e3",
    "1.50e1",
    "12300e-2",
    "1700000000000e0",
    "1.7e12",
    "-9.223372036854775808e18",
    "10e-1",
    "0e-5",
    "0.001e3",
    "9e1",
    "19e1",
    "90e1",
    "1.9e3",
    "1.0e9",
];

/// Texts that are not an int64.
const REFUSED: &[&str] = &[
    "",
    " ",
    "-",
    "+",
    "+1",
    "+0",
    "--1",
    "00",
    "01",
    "-01",
    "-00",
    "007",
    " 1",
    "1 ",
    "\t1",
    "\n",
    "1 000",
    "1,000",
    "1_000",
    "1'000",
    ".",
    ".5",
    "1.",
    "-.5",
    "1.5",
    "0.5",
    "-1.25",
    "1.0.0",
    "0.10",
    "9007199254740993.5",
    "e3",
    "1e",
    "1e+",
    "1e-",
    "1e3.0",
    "1e 3",
    "1e3e3",
    "01e3",
    "-01e3",
    "1.e3",
    "/e3",
    ":e3",
    "1/e3",
    "1:e3",
    "1./e3",
    "1.:e3",
    "1e/",
    "1e:",
    "1/0",
    ".5e1",
    "0x10",
    "0b1",
    "0o7",
    "1n",
    "1L",
    "NaN",
    "Infinity",
    "-Infinity",
    "null",
    "true",
    "now",
    "2023-11-14T22:13:20Z",
    "1700000000000ms",
    "\u{661}",
    "\u{ff11}",
    "1\u{661}",
    "1\u{a0}",
    "\u{2212}1",
    "1\0",
];

fn other_texts() -> Vec<Edge> {
    let accepted = ACCEPTED.iter().map(|accepted| text(accepted, ACCEPT));
    let refused = REFUSED.iter().map(|refused| text(refused, NONE));
    accepted.chain(refused).collect()
}

fn numbers() -> Vec<Edge> {
    let mut edges = Vec::new();
    for (description, value) in [
        ("the number 0", json!(0)),
        ("the number 1", json!(1)),
        ("the number -1", json!(-1)),
        ("the number 1700000000000", json!(1_700_000_000_000_i64)),
        ("the number 1000.0", json!(1000.0)),
        ("the number 2^53", json!(9_007_199_254_740_992_i64)),
        ("the number 2^53 + 1", json!(9_007_199_254_740_993_i64)),
        ("the greatest int64", json!(i64::MAX)),
        ("the least int64", json!(i64::MIN)),
        ("the number 1.7e12", json!(1.7e12)),
    ] {
        edges.push(Edge::new(FILE, description, with(FILE, value), ACCEPT));
    }
    for (description, value) in [
        ("the number 1.5", json!(1.5)),
        ("the number -0.25", json!(-0.25)),
        ("the number 1e-3", json!(1e-3)),
        ("the number 1e19", json!(1e19)),
        ("the number -1e19", json!(-1e19)),
        ("the number 2^64 - 1", json!(u64::MAX)),
        ("true", json!(true)),
        ("false", json!(false)),
        ("an empty array", json!([])),
        ("a number in an array", json!([1_700_000_000_000_i64])),
        ("an empty object", json!({})),
        ("seconds and nanoseconds", json!({"seconds": 1_700_000_000, "nanos": 0})),
    ] {
        edges.push(Edge::new(FILE, description, with(FILE, value), NONE));
    }
    edges
}

/// Values that the reader refuses, but that a schema cannot refuse or that validators treat differently.
fn beyond_json_schema() -> Vec<Edge> {
    let value_of_exponent =
        ["1e-1", "15e-1", "1.23e1", "1e19", "-1e19", "9.223372036854775808e18", "1e400", "1e-400"].map(|text| {
            debug_assert!(parse_int64(text).is_err(), "{text}");
            let description = format!("the text {text:?}, whose value is not an int64");
            Edge::optional(Role::Accept, "value-of-an-exponent", description, with(FILE, json!(text)), false)
        });
    let doubles = [("2^63", Value::from(1_u64 << 63))].map(|(name, value)| {
        let description = format!("the number {name}, which equals the greatest int64 if both are doubles");
        Edge::optional(Role::Accept, "integers-as-doubles", description, with(FILE, value), false)
    });
    let line_feeds = Role::ALL.map(|role| {
        let description = "the text \"1\\n\": in some regular expression engines, $ matches before the line feed";
        Edge::optional(role, "line-feed-at-the-end", description, with(FILE, json!("1\n")), false)
    });
    value_of_exponent.into_iter().chain(doubles).chain(line_feeds).collect()
}

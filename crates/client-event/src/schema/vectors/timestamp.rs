//! Edges of `eventTimestampMillis`: an int64 in every form that ProtoJSON reads, of which only plain digits are written.

use serde_json::{Value, json};

use super::edges::{ACCEPT, ALL, Edge, NONE, Verdicts, with};
use crate::schema::roles::Role;
use crate::wire::int64::parse_int64;

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

/// Digits and nothing else: all lengths, and around the greatest and the least int64 every digit a little greater and smaller.
fn plain_digits() -> Vec<Edge> {
    let mut texts: Vec<String> = ["0", "7", "9", "10", "31536000000", "9007199254740993"].map(str::to_owned).into();
    texts.extend((1..=20).map(|length| "1".repeat(length)));
    for bound in [i64::MAX.to_string(), i64::MIN.to_string().trim_start_matches('-').to_owned()] {
        let digits: Vec<char> = bound.chars().collect();
        for (position, digit) in digits.iter().enumerate() {
            for (other, behind) in [
                (digit.to_digit(10).map(|digit| digit + 1), '0'),
                (digit.to_digit(10).and_then(|digit| digit.checked_sub(1)), '9'),
            ] {
                let Some(other) = other.and_then(|other| char::from_digit(other, 10)) else { continue };
                let mut text: Vec<char> = digits.clone();
                text[position] = other;
                text[position + 1..].fill(behind);
                let text: String = text.into_iter().collect();
                if !text.starts_with('0') {
                    texts.push(text);
                }
            }
        }
        texts.push(bound);
    }
    texts.push("9999999999999999999".to_owned());
    texts.push("18446744073709551615".to_owned());
    texts.sort();
    texts.dedup();
    let mut edges = Vec::new();
    for digits in texts {
        let fits: i128 = digits.parse().unwrap_or(i128::MAX);
        edges.push(text(&digits, if fits <= i128::from(i64::MAX) { ALL } else { NONE }));
        let negative = format!("-{digits}");
        edges.push(text(&negative, if -fits >= i128::from(i64::MIN) { ACCEPT } else { NONE }));
        // Every branch of the bounds again, with a fraction of zeros behind it.
        if digits.len() >= 19 {
            let fraction = format!("{digits}.0");
            edges.push(text(&fraction, if fits <= i128::from(i64::MAX) { ACCEPT } else { NONE }));
        }
    }
    edges
}

fn other_texts() -> Vec<Edge> {
    let mut edges = Vec::new();
    for accepted in [
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
    ] {
        edges.push(text(accepted, ACCEPT));
    }
    for refused in [
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
        "1\n",
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
    ] {
        edges.push(text(refused, NONE));
    }
    edges
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

/// What the reader knows and a schema cannot say, or engines do differently.
fn beyond_json_schema() -> Vec<Edge> {
    let value_of_exponent =
        ["1e-1", "15e-1", "1.23e1", "1e19", "-1e19", "9.223372036854775808e18", "1e400", "1e-400"].map(|text| {
            debug_assert!(parse_int64(text).is_err(), "{text}");
            let description = format!("the text {text:?}, whose value is no int64");
            Edge::optional(Role::Accept, "value-of-an-exponent", description, with(FILE, json!(text)), false)
        });
    let doubles = [("2^63", Value::from(1_u64 << 63))].map(|(name, value)| {
        let description = format!("the number {name}, which as a double is also the greatest int64");
        Edge::optional(Role::Accept, "integers-as-doubles", description, with(FILE, value), false)
    });
    value_of_exponent.into_iter().chain(doubles).collect()
}

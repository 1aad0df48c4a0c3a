//! The changes of a regular expression: removes each alternative, anchor and quantifier, and makes each class and each repetition wider and
//! narrower. Works on the text of the simple expressions in the schemas. A change may be an invalid expression; the caller that compiles it
//! discards it.

/// Returns descriptions of the changes, each with the changed pattern.
pub(super) fn changes(pattern: &str) -> Vec<(String, String)> {
    let mut changes = Vec::new();
    without_alternatives(pattern, &mut changes);
    let bytes = pattern.as_bytes();
    let mut in_class = false;
    for (at, &byte) in bytes.iter().enumerate() {
        let escaped = at > 0 && bytes[at - 1] == b'\\';
        match byte {
            b'[' if !in_class => in_class = true,
            b']' => in_class = false,
            // A range such as 0-9: moves each end one further in and one further out.
            b'-' if in_class && at >= 1 && bytes[at - 1].is_ascii_alphanumeric() && bytes[at + 1].is_ascii_alphanumeric() => {
                for (end, other) in [(at - 1, 1), (at - 1, -1), (at + 1, 1), (at + 1, -1)] {
                    if let Some(char) = bytes[end].checked_add_signed(other) {
                        replace(pattern, end..end + 1, &char::from(char).to_string(), &mut changes);
                    }
                }
            }
            b'^' if in_class => replace(pattern, at..at + 1, "", &mut changes),
            _ if in_class || escaped => {}
            b'^' | b'$' | b'?' => replace(pattern, at..at + 1, "", &mut changes),
            b'+' => {
                for other in ["", "*"] {
                    replace(pattern, at..at + 1, other, &mut changes);
                }
            }
            b'*' => {
                for other in ["", "+"] {
                    replace(pattern, at..at + 1, other, &mut changes);
                }
            }
            b'{' => repetitions(pattern, at, &mut changes),
            b'0'..=b'9' if !in_repetition(bytes, at) => {
                // Another digit in the same place.
                let other = if byte == b'9' { "8".to_owned() } else { char::from(byte + 1).to_string() };
                replace(pattern, at..at + 1, &other, &mut changes);
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'/' => replace(pattern, at..at + 1, "~", &mut changes),
            _ => {}
        }
    }
    changes
}

fn in_repetition(bytes: &[u8], at: usize) -> bool {
    let open = bytes[..at].iter().rposition(|byte| *byte == b'{');
    let close = bytes[..at].iter().rposition(|byte| *byte == b'}');
    open > close
}

fn replace(pattern: &str, range: std::ops::Range<usize>, other: &str, changes: &mut Vec<(String, String)>) {
    let (before, found, behind) = (&pattern[..range.start], &pattern[range.clone()], &pattern[range.end..]);
    let change = format!("with {found:?} at {} made {other:?}", range.start);
    changes.push((change, format!("{before}{other}{behind}")));
}

/// `{3}` and `{0,3}`: each bound minus one and plus one.
fn repetitions(pattern: &str, at: usize, changes: &mut Vec<(String, String)>) {
    let Some(length) = pattern[at..].find('}') else { return };
    let inside = &pattern[at + 1..at + length];
    let bounds: Vec<i64> = inside.split(',').filter_map(|bound| bound.parse().ok()).collect();
    for position in 0..bounds.len() {
        for step in [-1, 1] {
            let mut other = bounds.clone();
            other[position] += step;
            let text: Vec<_> = other.iter().map(ToString::to_string).collect();
            replace(pattern, at + 1..at + length, &text.join(","), changes);
        }
    }
}

/// Removes each alternative of each group.
fn without_alternatives(pattern: &str, changes: &mut Vec<(String, String)>) {
    let bytes = pattern.as_bytes();
    // For each open group, the ends of its alternatives so far: the place of `(`, then of each `|`.
    let mut open: Vec<Vec<usize>> = Vec::new();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' => open.push(vec![at]),
            b'|' => open.last_mut().into_iter().for_each(|ends| ends.push(at)),
            b')' => {
                let Some(mut ends) = open.pop() else { continue };
                ends.push(at);
                for pair in ends.windows(2).filter(|_| ends.len() > 2) {
                    let (from, to) = (pair[0] + 1, pair[1]);
                    // Includes the bar after the alternative, or the bar before it if it is the last.
                    let range = if bytes[to] == b'|' { from..to + 1 } else { from - 1..to };
                    replace(pattern, range, "", changes);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(pattern: &str) -> Vec<String> {
        let mut patterns: Vec<_> = changes(pattern).into_iter().map(|(_, pattern)| pattern).collect();
        patterns.sort();
        patterns
    }

    #[test]
    fn every_part_is_changed() {
        assert_eq!(
            patterns("(1|[2-3]|a)"),
            [
                "(1|[1-3]|a)",
                "(1|[2-2]|a)",
                "(1|[2-3])",
                "(1|[2-3]|~)",
                "(1|[2-4]|a)",
                "(1|[3-3]|a)",
                "(1|a)",
                "(2|[2-3]|a)",
                "([2-3]|a)"
            ]
        );
        assert_eq!(patterns("^[^/]+$"), ["[^/]+$", "^[/]+$", "^[^/]$", "^[^/]*$", "^[^/]+"]);
        assert_eq!(patterns("\\.{0,2}"), ["\\.{-1,2}", "\\.{0,1}", "\\.{0,3}", "\\.{1,2}"]);
    }
}

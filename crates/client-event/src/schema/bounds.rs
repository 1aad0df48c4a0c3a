//! Regular expressions for bounded integers that are written as strings. They use only ASCII classes and no look-around, so RE2, Rust,
//! ECMAScript and Python agree.

/// A pattern for the plain decimal digits of 0 to `max`: no sign, no leading zero, no white space.
pub(super) fn up_to(max: u64) -> String {
    let digits = max.to_string();
    let length = digits.len();
    let mut branches = vec!["0".to_owned()];
    if length > 1 {
        branches.push(format!("[1-9]{}", any_digits(0, length - 2)));
    }
    // Numbers with as many digits as the bound: equal up to one digit, smaller at that digit, any digits after it. The last digit may
    // also be equal.
    for (position, digit) in digits.bytes().enumerate() {
        let lowest = if position == 0 { b'1' } else { b'0' };
        let behind = length - position - 1;
        let highest = if behind == 0 { digit } else { digit - 1 };
        if highest >= lowest {
            let digit = if highest == lowest {
                char::from(lowest).to_string()
            } else {
                format!("[{}-{}]", char::from(lowest), char::from(highest))
            };
            branches.push(format!("{}{digit}{}", &digits[..position], any_digits(behind, behind)));
        }
    }
    format!("^({})$", branches.join("|"))
}

fn any_digits(least: usize, most: usize) -> String {
    match (least, most) {
        (_, 0) => String::new(),
        (1, 1) => "[0-9]".to_owned(),
        (least, most) if least == most => format!("[0-9]{{{least}}}"),
        (least, most) => format!("[0-9]{{{least},{most}}}"),
    }
}

#[cfg(test)]
mod tests {
    use jsonschema::Validator;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn validator(max: u64) -> Validator {
        jsonschema::validator_for(&json!({"pattern": up_to(max)})).unwrap()
    }

    fn takes(validator: &Validator, text: &str) -> bool {
        validator.is_valid(&json!(text))
    }

    #[test]
    fn edges_of_int64() {
        let int64 = validator(i64::MAX.unsigned_abs());
        for valid in ["0", "7", "10", "999999999999999999", "1000000000000000000", "9223372036854775807", "9223372036854775799"] {
            assert!(takes(&int64, valid), "{valid}");
        }
        for invalid in [
            "",
            "-0",
            "-1",
            "+1",
            "00",
            "01",
            "1.0",
            "1e3",
            " 1",
            "1 ",
            "1_0",
            "٣",
            "9223372036854775808",
            "9300000000000000000",
            "10000000000000000000",
        ] {
            assert!(!takes(&int64, invalid), "{invalid}");
        }
    }

    proptest! {
        /// For all bounds and numbers, the pattern matches the digits of the number exactly if the number is not above the bound.
        #[test]
        fn accepts_numbers_up_to_the_bound(max in prop_oneof![0..2_000_u64, any::<u64>()], number in prop_oneof![0..2_000_u64, any::<u64>()], near in -3_i64..4) {
            let validator = validator(max);
            for number in [number, max.saturating_add_signed(near)] {
                prop_assert_eq!(takes(&validator, &number.to_string()), number <= max, "{} {}", number, max);
            }
        }
    }
}

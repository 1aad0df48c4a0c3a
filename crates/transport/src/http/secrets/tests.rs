//! Tests that no part of a secret is shown in any encoding.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;

fn secrets_of(url: &str, headers: &[&str]) -> Secrets {
    let headers: Vec<Header> = headers.iter().map(|header| header.parse().unwrap()).collect();
    Secrets::of(&Url::parse(url).unwrap(), &headers)
}

#[test]
fn possible_secrets_are_concealed() {
    let headers = ["Authorization: Bearer abc.def-123", "X-Api-Key: 0123456789", "Content-Type: application/json", "X-Short: 1"];
    let secrets = secrets_of("https://jobs.example/events?key=se%2Fcret&alt=json&flag-without-value", &headers);
    for (said, shown) in [
        ("no such token: Bearer abc.def-123", "no such token: Bearer [concealed]"),
        ("token ABC.DEF-123, key 0123456789", "token [concealed], key [concealed]"),
        ("cut off: abc.def-, 23456789", "cut off: [concealed], [concealed]"),
        ("seven are not enough: abc.def, 3456789", "seven are not enough: abc.def, 3456789"),
        (
            "/events?key=se%2Fcret or se/cret or SE\\/CRET&alt=json",
            "/events?key=[concealed] or [concealed] or [concealed]&alt=json",
        ),
        ("?flag-without-value", "?[concealed]"),
        ("expected application/json, 1 of 10", "expected application/json, 1 of 10"),
        ("é0123456789é", "é[concealed]é"),
    ] {
        assert_eq!(secrets.conceal(said), shown);
    }
}

#[test]
fn encodings_around_each_other_are_undone() {
    let secrets = secrets_of("http://h/", &["Authorization: Bearer ab/cd+ef\"gh"]);
    let base64 = |text: &str| BASE64_STANDARD.encode(text);
    let in_json = r#"ab\/cd+ef\"gh"#;
    for said in [
        r#"{"said":"{\"said\":\"ab\\\/cd+ef\\\"gh\"}"}"#.to_owned(),
        base64(&format!("{{\"token\":\"{in_json}\"}}")),
        base64(&base64("ab/cd+ef\"gh")),
        "%61%62%5C%2F%63%64%2B%65%66%5C%22%67%68".to_owned(),
        "ab%252Fcd%252Bef%2522gh".to_owned(),
        "ab%2fcd ef&quot;gh".to_owned(),
        base64("ab/cd+ef\"gh").replace('=', "\\u003d").replace('i', "\\u0069"),
        base64("x-ab/cd+ef\"gh-x").to_lowercase(),
    ] {
        let shown = secrets.conceal(&said);
        assert!(shown.contains(CONCEALED), "{said}: {shown}");
    }
}

#[test]
fn the_password_in_basic_credentials_is_concealed() {
    let credentials = BASE64_STANDARD.encode("alice:open sesame");
    let secrets = secrets_of("http://h/", &[&format!("authorization: BASIC {credentials}")]);
    assert_eq!(secrets.conceal(&format!("{credentials} of alice: open+sesame")), "[concealed] of alice: [concealed]");
}

#[test]
fn renewed_credentials_are_added() {
    let secrets = secrets_of("http://h/?key=0123456789", &["Authorization: Bearer first-token"]);
    let secrets = secrets.and(&["Authorization: Bearer other-token".parse().unwrap()]);
    assert_eq!(secrets.conceal("first-token other-token 0123456789"), "[concealed] [concealed] [concealed]");
}

fn each_byte(text: &str, written: fn(u8) -> String) -> String {
    text.bytes().map(written).collect()
}

/// The encodings of a text or a part of it. The base64 ones write only the characters that do not depend on the surrounding bytes.
const ENCODINGS: [fn(&str) -> Vec<String>; 7] = [
    |text| vec![text.to_owned(), text.replace(' ', "+")],
    |text| vec![text.replace('\\', "\\\\").replace('"', "\\\"").replace('/', "\\/")],
    |text| vec![each_byte(text, |byte| format!("\\u{byte:04x}"))],
    |text| vec![each_byte(text, |byte| format!("%{byte:02X}"))],
    |text| vec![percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()],
    |text| vec![each_byte(text, |byte| format!("{byte:02x}"))],
    |text| {
        let encoded = (0..3).flat_map(|before| {
            let bytes = [&[0; 2][..before], text.as_bytes()].concat();
            let determined = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
            [BASE64_STANDARD.encode(&bytes), BASE64_URL_SAFE_NO_PAD.encode(&bytes)]
                .map(|encoded| encoded[determined.clone()].to_owned())
        });
        encoded.collect()
    },
];

/// The text around a secret: arbitrary, or similar to a piece of an encoding.
fn surrounding() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), r#"[\\%&u0-9a-fA-F/+=_" -]{0,12}"#]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    /// For all secrets, encodings, cuts and surroundings, no part of eight characters of the secret is shown in any of the encodings, in
    /// any case.
    #[test]
    fn no_part_of_a_secret_is_shown(
        secret in "[!-~][ -~]{6,38}[!-~]",
        encoding in 0..ENCODINGS.len(),
        variant in any::<prop::sample::Index>(),
        other_case: bool,
        cut in prop::option::of(any::<prop::sample::Index>()),
        (before, after) in (surrounding(), surrounding()),
    ) {
        let secrets = secrets_of("http://h/", &[&format!("X-Secret: {secret}")]);
        let written = ENCODINGS[encoding](&secret);
        let written = variant.get(&written);
        let written = if other_case { written.to_ascii_uppercase() } else { written.clone() };
        let written = cut.map_or(&written[..], |cut| &written[..cut.index(written.len())]);
        let shown = secrets.conceal(&format!("{before}{written}{after}")).to_ascii_lowercase();
        let parts = secret.as_bytes().windows(PART).map(|part| str::from_utf8(part).unwrap());
        for part in parts {
            for encoded in ENCODINGS.iter().flat_map(|encoding| encoding(part)) {
                prop_assert!(!shown.contains(&encoded.to_ascii_lowercase()), "{} of {} in {}", encoded, part, shown);
            }
        }
    }

    /// For all secrets and all texts without any part of them, the texts are unchanged.
    #[test]
    fn other_texts_stay(secret in "[A-Z]{8,40}", text in "[0-9 .,:;(){}]{0,200}") {
        prop_assert_eq!(secrets_of("http://h/", &[&format!("X-Secret: {secret}")]).conceal(&text), text);
    }
}

//! The times of API versions 3 and 4, compared with the crate `time`.

use client_event::EventTimestamp;
use client_event::api_versions::Timestamp;
use client_event::strategies::timestamp;
use proptest::prelude::*;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

fn as_nanos(time: Timestamp) -> i128 {
    i128::from(time.seconds()) * 1_000_000_000 + i128::from(time.nanos())
}

/// Whether the text has a form that `time` accepts and ProtoJSON refuses: lower case, another separator, a leap second, more than nine
/// digits, year 0, or a time outside the years 1 to 9999 after subtracting the offset.
fn only_lenient(text: &str) -> bool {
    let digits = text.split_once('.').map_or(0, |(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count());
    let date_time = text.as_bytes();
    date_time[10] != b'T' || text.contains('z') || text[17..].starts_with("60") || digits > 9 || text.starts_with("0000")
}

proptest! {
    /// For all times in range, the text is read as the time, by `time` too.
    #[test]
    fn text_means_its_time(time in timestamp()) {
        let text = time.to_string();
        prop_assert_eq!(text.parse(), Ok(time));
        prop_assert_eq!(OffsetDateTime::parse(&text, &Rfc3339).unwrap().unix_timestamp_nanos(), as_nanos(time));
    }

    /// For all milliseconds in range, converting to a time and to its text and back gives the same millisecond.
    #[test]
    fn every_millisecond_in_range_comes_back(millis in -62_135_596_800_000_i64..=253_402_300_799_999) {
        let event_time = EventTimestamp::from_millis(millis);
        let time = Timestamp::try_from(event_time).unwrap();
        prop_assert_eq!(time.to_event_timestamp(), event_time);
        prop_assert_eq!(time.to_string().parse::<Timestamp>().unwrap().to_event_timestamp(), event_time);
        prop_assert_eq!(time.nanos_below_millisecond(), 0);
    }

    /// For all times and offsets, the local time with its offset is read as the same time.
    #[test]
    fn offsets_are_taken_off(time in timestamp(), minutes in -1439_i32..=1439) {
        let offset = time::UtcOffset::from_whole_seconds(minutes * 60).unwrap();
        let local = OffsetDateTime::from_unix_timestamp_nanos(as_nanos(time)).unwrap().checked_to_offset(offset);
        if let Some(text) = local.and_then(|local| local.format(&Rfc3339).ok()).filter(|text| !text.starts_with("0000")) {
            prop_assert_eq!(text.parse(), Ok(time), "{}", text);
        }
    }

    /// For all texts that look like a time, an accepted text gives the same time in `time`, and a refused text is refused by `time` too or
    /// is not ProtoJSON.
    #[test]
    fn agrees_with_time(
        text in "(000[01]|9999|2[0-9]{3}|1900)-(0[0-9]|1[0-3])-([0-2][0-9]|3[0-2])[Tt ]([01][0-9]|2[0-4]):([0-5][0-9]|60):([0-5][0-9]|60)\
                 (\\.[0-9]{0,10})?(Z|z|[+-]([01][0-9]|2[0-5]):([0-5][0-9]|60)|)",
    ) {
        let by_time = OffsetDateTime::parse(&text, &Rfc3339);
        match (text.parse::<Timestamp>(), by_time) {
            (Ok(ours), by_time) => prop_assert_eq!(by_time.map(OffsetDateTime::unix_timestamp_nanos), Ok(as_nanos(ours)), "{}", text),
            (Err(_), Err(_)) => {}
            (Err(error), Ok(by_time)) => {
                let utc = by_time.checked_to_offset(time::UtcOffset::UTC);
                let outside = utc.is_none_or(|utc| !(1..=9999).contains(&utc.year()));
                prop_assert!(only_lenient(&text) || outside, "{}: {}", text, error);
            }
        }
    }

    /// For all texts, reading does not panic.
    #[test]
    fn arbitrary_texts_do_not_panic(text: String, start in 0_usize..20) {
        let _ = text.parse::<Timestamp>();
        let _ = format!("{}{text}", &"2023-01-01T00:00:00Z"[..start]).parse::<Timestamp>();
    }
}

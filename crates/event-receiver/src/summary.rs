//! The counts of a receiver.

pub use receiver_summary::{EventIdCounts, LimitCounts, ReasonCounts, Summary};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::Counters;

    #[test]
    fn keys_are_stable_and_in_order() {
        let json = serde_json::to_string(&Counters::default().summary()).unwrap();
        assert_eq!(
            json,
            "{\"received\":0,\"accepted\":0,\"by_type\":{\"EVENT_TYPE_UNSPECIFIED\":0,\"APPLICATION_START\":0,\
             \"APPLICATION_FINISH\":0,\"APPLICATION_QUICK_SUBMISSION\":0,\"APPLICATION_REDIRECT\":0,\
             \"APPLICATION_COMPANY_SUBMIT\":0,\"VIEW\":0,\"BOOKMARK\":0,\"IMPRESSION\":0,\"NOTIFICATION\":0,\"HIRED\":0,\
             \"SENT_CV\":0,\"INTERVIEW_GRANTED\":0,\"APPLICATION_START_FROM_START\":0,\"APPLICATION_REDIRECT_FROM_START\":0,\
             \"VIEW_DIRECT\":0},\"refused\":{\"messages\":0,\"by_reason\":{\"not-json\":0,\"not-utf8\":0,\"not-an-object\":0,\
             \"unknown-field\":0,\"duplicate-field\":0,\"wrong-type\":0,\"not-an-int64\":0,\"int64-out-of-range\":0,\
             \"unknown-event-type\":0,\"required-field\":0,\"unspecified-event-type\":0,\"timestamp-too-early\":0,\
             \"timestamp-in-future\":0,\"several-jobs\":0,\"repeated-job\":0,\"job-name-form\":0}},\"too_large\":0,\
             \"event_ids\":{\"repeated\":0,\"conflicting\":0},\"warnings\":{\"messages\":0,\"by_reason\":{\
             \"timestamp-too-early\":0,\"timestamp-in-future\":0,\"several-jobs\":0,\"repeated-job\":0,\"job-name-form\":0}},\
             \"limits\":{\"too_slow\":0,\"no_memory\":0,\"closed_connections\":0}}"
        );
    }

    #[test]
    fn a_summary_without_warnings_and_limits_is_read() {
        let mut json = serde_json::to_value(Counters::default().summary()).unwrap();
        for key in ["warnings", "limits"] {
            json.as_object_mut().unwrap().remove(key);
        }
        let summary: Summary = serde_json::from_value(json).unwrap();
        assert_eq!((summary.warnings, summary.limits), (ReasonCounts::default(), LimitCounts::default()));
    }
}

//! Tests of the counts: for any requests in any order, over one connection or several, the counts add up and equal those of a simple model.

use std::collections::HashMap;
use std::thread;

use client_event::{EventType, Reason};
use event_receiver::BODY_BYTES_MAX;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::client::{Connection, assert_adds_up, receiver, stopped, view};

/// A request to send.
#[derive(Clone, Debug)]
enum Sent {
    /// A valid message. Its event id and content come from a small set.
    View {
        id: usize,
        job: usize,
    },
    UnknownField,
    NotJson,
    TooLarge,
    /// A request without a message.
    Health,
}

impl Sent {
    fn over(&self, connection: &mut Connection) -> u16 {
        match self {
            Self::View { id, job } => connection.post(view(&format!("e{id}"), *job).as_bytes()).code,
            // The message has two unknown fields, which count as one reason.
            Self::UnknownField => connection.post(view("e", 1).replace('}', ",\"a\":1,\"b\":2}").as_bytes()).code,
            Self::NotJson => connection.post(b"eventId=e").code,
            Self::TooLarge => connection.post(&vec![b' '; BODY_BYTES_MAX + 1]).code,
            Self::Health => connection.request("GET", "/healthz", b"").code,
        }
    }
}

fn sent() -> impl Strategy<Value = Sent> {
    prop_oneof![
        12 => (0_usize..8, 0_usize..2).prop_map(|(id, job)| Sent::View { id, job }),
        2 => Just(Sent::UnknownField),
        2 => Just(Sent::NotJson),
        1 => Just(Sent::TooLarge),
        1 => Just(Sent::Health),
    ]
}

fn count(all: &[Sent], which: impl Fn(&Sent) -> bool) -> u64 {
    u64::try_from(all.iter().filter(|sent| which(sent)).count()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// For all sequences over one connection: every response and every count equals that of the model.
    #[test]
    fn numbers_are_those_of_a_model(all in vec(sent(), 0..60)) {
        let receiver = receiver();
        let mut connection = Connection::open(receiver.addr());
        let mut jobs: HashMap<usize, usize> = HashMap::new();
        let (mut repeated, mut conflicting) = (0, 0);
        for sent in &all {
            let expected = match sent {
                Sent::View { id, job } => match jobs.get(id) {
                    None => {
                        jobs.insert(*id, *job);
                        200
                    }
                    Some(first) if first == job => {
                        repeated += 1;
                        200
                    }
                    Some(_) => {
                        conflicting += 1;
                        409
                    }
                },
                Sent::UnknownField | Sent::NotJson => 400,
                Sent::TooLarge => 413,
                Sent::Health => 200,
            };
            prop_assert_eq!(sent.over(&mut connection), expected);
        }
        drop(connection);
        let summary = stopped(receiver);
        let accepted = u64::try_from(jobs.len()).unwrap();
        prop_assert_eq!((summary.accepted, summary.by_type[&EventType::View]), (accepted, accepted));
        prop_assert_eq!((summary.event_ids.repeated, summary.event_ids.conflicting), (repeated, conflicting));
        let unknown_field = count(&all, |sent| matches!(sent, Sent::UnknownField));
        let not_json = count(&all, |sent| matches!(sent, Sent::NotJson));
        prop_assert_eq!(summary.refused.messages, unknown_field + not_json);
        prop_assert_eq!(summary.refused.by_reason[&Reason::UnknownField], unknown_field);
        prop_assert_eq!(summary.refused.by_reason[&Reason::NotJson], not_json);
        prop_assert_eq!(summary.too_large, count(&all, |sent| matches!(sent, Sent::TooLarge)));
        prop_assert_eq!(summary.received, count(&all, |sent| !matches!(sent, Sent::Health)));
    }

    /// For all sequences over several connections at once: every summary adds up, also during traffic. Counts that do not depend on the
    /// order equal those of the model.
    #[test]
    fn numbers_add_up_amid_traffic(parts in vec(vec(sent(), 0..30), 2..5)) {
        let receiver = receiver();
        let addr = receiver.addr();
        thread::scope(|scope| {
            for part in &parts {
                scope.spawn(move || {
                    let mut connection = Connection::open(addr);
                    for sent in part {
                        assert!(sent.over(&mut connection) < 500);
                    }
                });
            }
            for _ in 0..20 {
                assert_adds_up(&receiver.summary());
            }
        });
        let summary = stopped(receiver);
        let all = parts.concat();
        let mut ids: Vec<_> = all.iter().filter_map(|sent| if let Sent::View { id, .. } = sent { Some(*id) } else { None }).collect();
        let views = u64::try_from(ids.len()).unwrap();
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(summary.accepted, u64::try_from(ids.len()).unwrap());
        prop_assert_eq!(summary.accepted + summary.event_ids.repeated + summary.event_ids.conflicting, views);
        prop_assert_eq!(summary.refused.messages, count(&all, |sent| matches!(sent, Sent::UnknownField | Sent::NotJson)));
        prop_assert_eq!(summary.too_large, count(&all, |sent| matches!(sent, Sent::TooLarge)));
    }
}

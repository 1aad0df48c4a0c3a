//! Flow control in both directions.

use std::collections::HashMap;

use http2_client::{Connection, Ending};
use proptest::prelude::*;

use crate::server::*;

/// What the server does next.
#[derive(Clone, Debug)]
enum Step {
    /// The client starts a request with a body of this length.
    Request(usize),
    /// The server enlarges a window: of the connection, or of a stream.
    Window(Option<prop::sample::Index>, u32),
    /// The server changes the initial window.
    Initial(u32),
    /// The output is written.
    Write,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0_usize..60_000).prop_map(Step::Request),
        (prop::option::of(any::<prop::sample::Index>()), 1_u32..40_000).prop_map(|(of, by)| Step::Window(of, by)),
        (0_u32..80_000).prop_map(Step::Initial),
        Just(Step::Write),
    ]
}

/// The windows as the server counts them.
struct Model {
    connection: i64,
    initial: i64,
    streams: HashMap<u32, (i64, Vec<u8>, bool)>,
}

impl Model {
    fn read(&mut self, frames: Vec<Frame>) {
        for frame in frames {
            if frame.kind == HEADERS {
                let is_whole = frame.flags & END_STREAM != 0;
                self.streams.insert(frame.stream, (self.initial, Vec::new(), is_whole));
            } else if frame.kind == DATA {
                let length = i64::try_from(frame.payload.len()).unwrap();
                let (window, body, is_whole) = self.streams.get_mut(&frame.stream).unwrap();
                self.connection -= length;
                *window -= length;
                assert!(self.connection >= 0 && *window >= 0 && !*is_whole, "the client keeps to the windows");
                body.extend(frame.payload);
                *is_whole = frame.flags & END_STREAM != 0;
            }
        }
    }
}

proptest! {
    /// For all bodies and windows, the client sends no more than the windows allow, and each body arrives whole once the windows are large
    /// enough. A request counts as sent exactly when its last byte is written.
    #[test]
    fn bodies_keep_to_the_windows(initial in 0_u32..70_000, steps in prop::collection::vec(step(), 0..40)) {
        let mut connection = connected(&[(4, initial)]);
        let mut model = Model { connection: 65_535, initial: initial.into(), streams: HashMap::new() };
        let mut requests = Vec::new();
        let head = head();
        for step in steps {
            match step {
                Step::Request(length) => {
                    let body: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
                    // All output so far is written under the earlier windows.
                    model.read(write_all(&mut connection));
                    requests.push((connection.request(&head, &[], &body, Recorded::default()).unwrap(), body));
                }
                Step::Window(None, by) => {
                    model.read(write_all(&mut connection));
                    model.connection += i64::from(by);
                    receive(&mut connection, &frame(WINDOW_UPDATE, 0, 0, &by.to_be_bytes())).unwrap();
                }
                Step::Window(Some(_), _) if requests.is_empty() => {}
                Step::Window(Some(index), by) => {
                    model.read(write_all(&mut connection));
                    let id = requests[index.index(requests.len())].0.id();
                    model.streams.get_mut(&id).unwrap().0 += i64::from(by);
                    receive(&mut connection, &frame(WINDOW_UPDATE, 0, id, &by.to_be_bytes())).unwrap();
                }
                Step::Initial(size) => {
                    model.read(write_all(&mut connection));
                    for (window, ..) in model.streams.values_mut() {
                        *window += i64::from(size) - model.initial;
                    }
                    model.initial = size.into();
                    receive(&mut connection, &settings(&[(4, size)])).unwrap();
                }
                Step::Write => model.read(write_all(&mut connection)),
            }
        }
        model.read(write_all(&mut connection));
        for (key, body) in &requests {
            let (_, received, is_whole) = &model.streams[&key.id()];
            prop_assert_eq!(*is_whole, received.len() == body.len());
            prop_assert_eq!(connection.response(*key).unwrap().sent, u32::from(*is_whole));
        }
        for (id, by) in requests.iter().map(|(key, _)| (key.id(), 1 << 20)).chain([(0, 1 << 25)]) {
            receive(&mut connection, &frame(WINDOW_UPDATE, 0, id, &u32::to_be_bytes(by))).unwrap();
            if id == 0 { model.connection += i64::from(by) } else { model.streams.get_mut(&id).unwrap().0 += i64::from(by) }
        }
        model.read(write_all(&mut connection));
        for (key, body) in &requests {
            let (_, received, is_whole) = &model.streams[&key.id()];
            prop_assert!(*is_whole && received == body);
            prop_assert_eq!(connection.response(*key).unwrap().sent, 1);
        }
    }

    /// For all response bodies, the windows that the client opens let the server send all of them, and never exceed their maximum.
    #[test]
    fn responses_of_any_length_fit(lengths in prop::collection::vec(0_usize..400_000, 1..6), part in 1_usize..16_000, padding in 0_u8..200) {
        let mut connection = connected(&[]);
        let head = head();
        let mut open = HashMap::new();
        for length in lengths {
            let key = connection.request(&head, &[], b"", Recorded::default()).unwrap();
            receive(&mut connection, &frame(HEADERS, END_HEADERS, key.id(), STATUS_200)).unwrap();
            open.insert(key.id(), (key, 65_535_usize, length, length));
        }
        let mut window = 1_usize << 20;
        while !open.is_empty() {
            let mut has_progressed = false;
            for (id, (key, of_stream, left, length)) in open.clone() {
                let room = (window.min(of_stream)).saturating_sub(1 + usize::from(padding));
                let size = part.min(left).min(room);
                if size == 0 && left > 0 {
                    continue;
                }
                has_progressed = true;
                let payload = [&[padding][..], &vec![b'x'; size], &vec![0; padding.into()]].concat();
                let flags = PADDED | if size == left { END_STREAM } else { 0 };
                window -= payload.len();
                receive(&mut connection, &frame(DATA, flags, id, &payload)).unwrap();
                if size == left {
                    let response = connection.take(key).unwrap();
                    prop_assert_eq!((response.body.len(), response.endings.as_slice()), (length, [Ok(Ending::Complete)].as_slice()));
                    open.remove(&id);
                } else {
                    open.insert(id, (key, of_stream - payload.len(), left - size, length));
                }
            }
            for Frame { kind, stream, payload, .. } in write_all(&mut connection) {
                if kind != WINDOW_UPDATE {
                    continue;
                }
                let by = u32::from_be_bytes(payload.try_into().unwrap()) as usize;
                if stream == 0 {
                    window += by;
                    prop_assert!(window <= 1 << 20);
                } else if let Some((_, of_stream, ..)) = open.get_mut(&stream) {
                    *of_stream += by;
                    prop_assert!(*of_stream <= 65_535);
                }
            }
            prop_assert!(has_progressed, "the windows stay closed");
        }
    }
}

#[test]
fn a_response_can_be_longer_than_the_window() {
    let mut connection = connected(&[]);
    let key = connection.request(&head(), &[], b"", Recorded::default()).unwrap();
    receive(&mut connection, &frame(HEADERS, END_HEADERS, 1, STATUS_200)).unwrap();
    for _ in 0..100 {
        receive(&mut connection, &frame(DATA, 0, 1, &[0; 16_000])).unwrap();
    }
    assert!(connection.take(key).is_none(), "the response goes on");
}

#[test]
fn a_body_that_the_caller_does_not_want_is_cancelled() {
    let mut connection = Connection::new();
    receive(&mut connection, &settings(&[])).unwrap();
    let key = connection.request(&head(), &[], b"", Recorded { body_max: 5, ..Recorded::default() }).unwrap();
    write_all(&mut connection);
    receive(&mut connection, &[frame(HEADERS, END_HEADERS, 1, STATUS_200), frame(DATA, 0, 1, b"0123456")].concat()).unwrap();
    assert_eq!(connection.take(key).unwrap().endings, [Ok(Ending::Cut)]);
    assert_eq!(write_all(&mut connection)[0].kind, RST_STREAM);
}

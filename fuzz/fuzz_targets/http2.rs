//! The client side of HTTP/2: the responses do not depend on how the bytes are split, each request ends once, and the output is bounded.
#![no_main]

use std::ops::ControlFlow;

use http2_client::{Connection, ConnectionError, Ending, RequestError, RequestHead, Response};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Default, PartialEq)]
struct Recorded {
    status: u16,
    fields: usize,
    body: usize,
    endings: Vec<Result<Ending, RequestError>>,
}

impl Response for Recorded {
    type Moment = ();

    fn sent(&mut self, (): ()) {}

    fn head(&mut self, status: u16, (): ()) {
        self.status = status;
    }

    fn field(&mut self, name: &[u8], value: &[u8]) {
        self.fields += name.len() + value.len();
    }

    fn data(&mut self, data: &[u8]) -> ControlFlow<()> {
        self.body += data.len();
        ControlFlow::Continue(())
    }

    fn ended(&mut self, ending: Result<Ending, RequestError>, (): ()) {
        self.endings.push(ending);
    }
}

/// The largest output of a server that reads everything: three requests, and the replies to one piece of input.
const OUTPUT_MAX: usize = 1 << 20;

fn result(bytes: &[u8], cuts: &[usize]) -> (Vec<Recorded>, Option<ConnectionError>) {
    let fields: [(&[u8], &[u8]); 2] = [(b":method", b"POST"), (b":path", b"/")];
    let head = RequestHead::new(&fields, true).expect("the head is valid");
    let mut connection = Connection::new();
    let keys = [0, 1, 2].map(|_| connection.request(&head, &[], b"{}", Recorded::default()).expect("the connection is new"));
    let mut consumed = 0;
    for end in cuts.iter().copied().chain([bytes.len()]) {
        while let Ok(more @ 1..) = connection.receive(&bytes[consumed..end.max(consumed)], ()) {
            consumed += more;
            assert!(connection.output().len() < OUTPUT_MAX);
            connection.wrote(connection.output().len(), ());
        }
    }
    let error = connection.error();
    connection.abandon(());
    let responses = keys.into_iter().map(|key| connection.take(key).expect("each request has ended")).collect::<Vec<_>>();
    assert!(responses.iter().all(|response| response.endings.len() == 1));
    (responses, error)
}

/// An empty SETTINGS frame, with which a server begins.
const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];

fuzz_target!(|data: &[u8]| {
    let Some((data, cuts)) = data.split_last_chunk::<4>() else { return };
    let bytes = [&SETTINGS, data].concat();
    let mut cuts = cuts.map(|cut| usize::from(cut) * bytes.len() / 255);
    cuts.sort_unstable();
    let whole = result(&bytes, &[]);
    assert_eq!(result(&bytes, &cuts), whole);
    if bytes.len() < 512 {
        let each: Vec<_> = (0..bytes.len()).collect();
        assert_eq!(result(&bytes, &each), whole);
    }
});

//! Tests of the response to each request, valid or not. [`crate::counts`] tests the counts.

use std::cell::{Cell, RefCell};

use client_event::strategies::{broken_message_by, client_event};
use client_event::{ClientEvent, EventId, Reason};
use proptest::prelude::*;
use serde_json::json;

use crate::client::{Answer, Connection, receiver, request, stopped, strict_receiver, view};

/// The reasons that a response names.
fn reasons(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let violations = json["error"]["details"][0]["fieldViolations"].as_array().unwrap();
    violations.iter().map(|violation| violation["reason"].as_str().unwrap().to_owned()).collect()
}

fn upper_snake(reason: Reason) -> String {
    reason.code().replace('-', "_").to_ascii_uppercase()
}

/// For all valid messages: the receiver accepts each and responds with its canonical form, twice over one connection.
#[test]
fn a_valid_message_is_echoed() {
    let receiver = receiver();
    let connection = RefCell::new(Connection::open(receiver.addr()));
    let count = Cell::new(0);
    proptest!(|(mut event in client_event())| {
        // The strategy may use an id twice with different content.
        count.set(count.get() + 1);
        event.event_id = EventId::new(format!("{}#{}", event.event_id, count.get())).unwrap();
        let mut json = Vec::new();
        event.write_json(&mut json);
        for _ in 0..2 {
            let answer = connection.borrow_mut().post(&json);
            prop_assert_eq!(answer.code, 200);
            prop_assert_eq!(answer.header("content-type"), Some("application/json"));
            prop_assert_eq!(&answer.body, &json);
            prop_assert_eq!(ClientEvent::from_json(&answer.body), Ok(event.clone()));
        }
    });
    drop(connection);
    let summary = stopped(receiver);
    assert_eq!((summary.accepted, summary.event_ids.repeated), (count.get(), count.get()));
}

/// For all broken messages: a strict receiver refuses each, and the response names the reason.
#[test]
fn a_broken_message_is_refused_for_its_reason() {
    // A time in the future of the strategies may be in the past of the receiver.
    let reasons_of_any_time: Vec<_> =
        Reason::OF_MESSAGES.into_iter().filter(|reason| *reason != Reason::TimestampInFuture).collect();
    let receiver = strict_receiver();
    let connection = RefCell::new(Connection::open(receiver.addr()));
    proptest!(|(broken in proptest::sample::select(reasons_of_any_time).prop_flat_map(broken_message_by))| {
        let answer = connection.borrow_mut().post(&broken.json);
        let message = answer.error(400, "INVALID_ARGUMENT");
        prop_assert!(!message.is_empty());
        prop_assert!(reasons(&answer).contains(&upper_snake(broken.reason)), "{:?}", answer.json());
        let json = answer.json();
        let violations = json["error"]["details"][0]["fieldViolations"].as_array().unwrap();
        prop_assert!(violations.iter().any(|violation| violation["field"] == broken.path));
    });
    drop(connection);
    let summary = stopped(receiver);
    assert_eq!(summary.received, summary.refused.messages);
}

/// For all bodies: the status is 200 or 400, never a server error.
#[test]
fn any_body_is_answered() {
    let receiver = receiver();
    let connection = RefCell::new(Connection::open(receiver.addr()));
    proptest!(|(body in prop_oneof![any::<Vec<u8>>(), any::<String>().prop_map(String::into_bytes)])| {
        prop_assert!(matches!(connection.borrow_mut().post(&body).code, 200 | 400));
    });
}

/// For all bytes in place of a request: the connection ends without a 5xx response, and the receiver continues to work.
#[test]
fn any_bytes_in_place_of_a_request_do_no_harm() {
    let receiver = receiver();
    let starts = [
        "",
        "GET /summary HTTP/1.1\r\nHost: test\r\n",
        "POST /clientEvents HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\n",
        "POST /clientEvents HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /clientEvents HTTP/1.1\r\nHost: test\r\nContent-Length: x\r\n",
    ];
    proptest!(|(start in proptest::sample::select(starts.to_vec()), bytes in any::<Vec<u8>>())| {
        let mut connection = Connection::open(receiver.addr());
        // The receiver may close the connection before the client has sent everything.
        let _ = connection.send(&[start.as_bytes(), &bytes].concat());
        connection.finish();
        let rest = connection.rest();
        prop_assert!(!rest.windows(10).any(|bytes| bytes == b"HTTP/1.1 5"), "{}", String::from_utf8_lossy(&rest));
    });
    stopped(receiver);
}

#[test]
fn several_problems_are_reported_together() {
    let receiver = receiver();
    let body = br#"{"eventId":"e","eventType":"IMPRESSION","requestId":"r","relatedJobNames":["jobs/1","jobs/1"],
                    "eventTimestampMillis":9000000000000000000,"extra":1}"#;
    let answer = Connection::open(receiver.addr()).post(body);
    let message = answer.error(400, "INVALID_ARGUMENT");
    for part in ["relatedJobNames[1]: ", "eventTimestampMillis: ", "extra: "] {
        assert!(message.contains(part), "{message}");
    }
    let mut reasons = reasons(&answer);
    reasons.sort();
    assert_eq!(reasons, ["REPEATED_JOB", "TIMESTAMP_IN_FUTURE", "UNKNOWN_FIELD"]);
    let detail = &answer.json()["error"]["details"][0];
    assert_eq!(detail["@type"], "type.googleapis.com/google.rpc.BadRequest");
    let repeated = json!({
        "field": "relatedJobNames[1]",
        "description": "names the same job as relatedJobNames[0]",
        "reason": "REPEATED_JOB",
    });
    assert!(detail["fieldViolations"].as_array().unwrap().contains(&repeated), "{detail}");
}

#[test]
fn an_id_used_for_other_content_conflicts() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    assert_eq!(connection.post(view("e", 1).as_bytes()).code, 200);
    assert!(connection.post(view("e", 2).as_bytes()).error(409, "ALREADY_EXISTS").contains("\"e\""));
    assert_eq!(connection.post(view("e", 1).as_bytes()).code, 200);
}

#[test]
fn other_paths_and_methods() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    for path in ["/", "/clientEvents/", "/clientevents", "/clientEvents/1", "/v4/projects/p/clientEvents"] {
        for (method, body) in [("GET", ""), ("POST", "{}")] {
            assert!(connection.request(method, path, body.as_bytes()).error(404, "NOT_FOUND").contains(path));
        }
    }
    for (path, methods, allow) in [
        ("/clientEvents", ["GET", "PUT", "DELETE", "OPTIONS"], "POST"),
        ("/summary", ["POST", "PUT", "DELETE", "OPTIONS"], "GET, HEAD"),
        ("/healthz", ["POST", "PATCH", "DELETE", "BREW"], "GET, HEAD"),
    ] {
        for method in methods {
            let answer = connection.request(method, path, b"{}");
            assert!(answer.error(405, "UNIMPLEMENTED").contains(method));
            assert_eq!(answer.header("allow"), Some(allow));
        }
    }
    // All requests used one connection, so no body was left unread in it.
    drop(connection);
    assert_eq!(stopped(receiver).received, 0);
}

#[test]
fn a_path_with_percent_encoded_characters() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    assert_eq!(connection.request("POST", "/clientEvents%3Abatch?n=1", view("e", 1).as_bytes()).code, 200);
    // An error names the path as it was sent.
    for (path, code, status) in [("/clientEvents%3Abatch", 405, "UNIMPLEMENTED"), ("/summary%2F", 404, "NOT_FOUND")] {
        assert!(connection.request("GET", path, b"").error(code, status).contains(path));
    }
    drop(connection);
    assert_eq!(stopped(receiver).accepted, 1);
}

#[test]
fn health() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    let answer = connection.request("GET", "/healthz?from=test", b"");
    assert_eq!((answer.code, &*answer.body), (200, &b"ok"[..]));
    assert_eq!(connection.request("HEAD", "/healthz", b"").code, 200);
    assert_eq!(connection.request("HEAD", "/summary", b"").code, 200);
    assert_eq!(connection.request("HEAD", "/clientEvents", b"").code, 405);
}

#[test]
fn requests_one_after_the_other_without_waiting() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    let bodies: Vec<_> = (0..20).map(|number| view(&format!("e{number}"), number)).collect();
    let requests: Vec<_> = bodies.iter().map(|body| request("POST", "/clientEvents", body.as_bytes())).collect();
    connection.send(&requests.concat()).unwrap();
    for body in bodies {
        assert_eq!(connection.answer("POST").body, body.as_bytes());
    }
}

#[test]
fn a_body_in_small_chunks_is_put_together() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    let body = view("e", 1);
    connection.send(b"POST /clientEvents HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    for piece in body.as_bytes().chunks(7) {
        connection.send(format!("{:x}\r\n{}\r\n", piece.len(), std::str::from_utf8(piece).unwrap()).as_bytes()).unwrap();
    }
    connection.send(b"0\r\n\r\n").unwrap();
    assert_eq!(connection.answer("POST").body, body.as_bytes());
}

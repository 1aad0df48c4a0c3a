//! Compares the clock of this machine with the clock of a target, by the `Date` of its answers.
//!
//! A `Date` has whole seconds. When it turns says more: requests close to the turn bound the offset to the time between two requests and the
//! time of an answer. The first second finds the turn roughly. Later requests are sent around the next turn only. [`run_report::TargetClock`]
//! derives the bounds, and what two generators learn from them.
//!
//! Servers of one address can turn their dates at different times: worker processes that read the clock twice a second, or several machines.
//! Several connections reach several of them.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use run_report::TargetClock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use transport::http::{Endpoint, Socket};
use url::{Position, Url};

/// How long a comparison takes: at least two turns of a second, unless answers are slow.
pub(super) const CHECKING: Duration = Duration::from_millis(2_500);

/// A shorter time may see no turn.
const CHECKING_MIN: Duration = Duration::from_millis(1_200);

/// The number of connections, which may reach different servers.
const CONNECTIONS: usize = 3;

/// The maximum number of requests per connection.
const REQUESTS_MAX: usize = 64;

/// The maximum length of an answer's head.
const HEAD_MAX: usize = 16 * 1024;

const SECOND_MICROS: i64 = 1_000_000;

/// By how much the answers on a connection may contradict each other. Own choice: a busy server that renews its date with a timer shows it later
/// in some seconds than in others, by some milliseconds; a date from a cache is wrong by seconds.
const CONTRADICTION_MAX_MICROS: i64 = 100_000;

/// While the turn is unknown, the time between two requests.
const SEARCH_STEP_MICROS: i64 = 25_000;

/// The number of requests around a turn, and the least time between two.
const STEPS_PER_TURN: i64 = 16;
const STEP_MICROS_MIN: i64 = 1_000;

/// A server whose answers have a `Date`.
pub(crate) struct ClockCheck {
    endpoint: Arc<Endpoint>,
    url: String,
    request: Vec<u8>,
}

impl ClockCheck {
    /// Prepares the requests to this URL, with the address and the certificates of the endpoint. The requests carry no query, no token and
    /// no other header of the run.
    pub(super) fn new(url: &Url, endpoint: Arc<Endpoint>) -> Self {
        let (authority, path) = (&url[Position::BeforeHost..Position::AfterPort], url.path());
        let agent = concat!("seeker-sim/", env!("CARGO_PKG_VERSION"));
        let request = format!("HEAD {path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: {agent}\r\nAccept: */*\r\n\r\n");
        Self { endpoint, url: url[..Position::AfterPath].to_owned(), request: request.into_bytes() }
    }

    /// Compares the clocks for this time, and takes all of it. `None` without a `Date`, and if the answers contradict each other.
    pub(super) async fn compare(&self, time: Duration) -> Option<TargetClock> {
        if time < CHECKING_MIN {
            sleep(time).await;
            return None;
        }
        let ends = Instant::now() + time;
        let (one, two, three) = tokio::join!(self.ask(ends), self.ask(ends), self.ask(ends));
        let offsets: [Offset; CONNECTIONS] = [one, two, three];
        sleep_until(ends).await;
        let Offset { min, max } = Offset::covering(&offsets)?;
        Some(TargetClock { url: self.url.clone(), offset_min_us: min, offset_max_us: max })
    }

    /// Bounds the offset by requests on one connection.
    async fn ask(&self, ends: Instant) -> Offset {
        let mut answers = Answers::default();
        // A server that closes the connection, or that is too slow, has said what it has said.
        let _ = timeout_at(ends, self.ask_until_closed(&mut answers)).await;
        answers.offset
    }

    async fn ask_until_closed(&self, answers: &mut Answers) -> Option<()> {
        let mut socket = Socket::connect(&self.endpoint).await.ok()?.start_tls(&self.endpoint).await.ok()?;
        let mut unread = Vec::new();
        for _ in 0..REQUESTS_MAX {
            let wait = answers.next_request(now_micros()).saturating_sub(now_micros());
            sleep(Duration::from_micros(u64::try_from(wait).unwrap_or_default())).await;
            let asked = now_micros();
            socket.write_all(&self.request).await.ok()?;
            let length = loop {
                if let Some(length) = head_length(&unread) {
                    break length;
                }
                if unread.len() > HEAD_MAX || socket.read_buf(&mut unread).await.ok()? == 0 {
                    return None;
                }
            };
            answers.observe(asked, now_micros(), date_of(&unread[..length])?);
            unread.drain(..length);
        }
        Some(())
    }
}

fn now_micros() -> i64 {
    Timestamp::now().as_microsecond()
}

/// The length of the head of an answer, if it is complete.
fn head_length(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|end| end == b"\r\n\r\n").map(|place| place + 4)
}

/// The `Date` of an answer in microseconds since the epoch.
fn date_of(head: &[u8]) -> Option<i64> {
    let lines = head.split(|byte| *byte == b'\n').skip(1);
    let fields = lines.filter_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        Some((&line[..colon], line[colon + 1..].trim_ascii()))
    });
    let (_, date) = fields.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(b"date"))?;
    DateTimeParser::new().parse_timestamp(date).ok().map(Timestamp::as_microsecond)
}

/// Bounds of the target's clock minus the own clock, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Offset {
    min: i64,
    max: i64,
}

/// Nothing is known.
impl Default for Offset {
    fn default() -> Self {
        Self { min: i64::MIN, max: i64::MAX }
    }
}

/// What the answers on a connection say.
#[derive(Clone, Copy, Debug, Default)]
struct Answers {
    offset: Offset,
    date: Option<i64>,
    /// Whether the date has turned from one answer to the next.
    has_turned: bool,
}

impl Answers {
    /// Takes an answer into account: `date` was right at some time between `asked` and `answered` on the own clock.
    fn observe(&mut self, asked: i64, answered: i64, date: i64) {
        let Offset { min, max } = self.offset;
        self.offset = Offset {
            min: min.max(date.saturating_sub(answered)),
            max: max.min(date.saturating_add(SECOND_MICROS).saturating_sub(asked)),
        };
        self.has_turned |= self.date.replace(date).is_some_and(|before| before != date);
    }

    /// When to send the next request, on the own clock: soon while no turn was seen, then around the next turn.
    fn next_request(&self, now: i64) -> i64 {
        if !self.has_turned {
            return if self.date.is_none() { now } else { now.saturating_add(SEARCH_STEP_MICROS) };
        }
        let Offset { min, max } = self.offset;
        let step = (max.saturating_sub(min) / STEPS_PER_TURN).max(STEP_MICROS_MIN);
        // The first whole second that the target may not have reached.
        let seconds = now.saturating_add(min).saturating_add(SECOND_MICROS - 1).div_euclid(SECOND_MICROS);
        now.saturating_add(step).max(seconds.saturating_mul(SECOND_MICROS).saturating_sub(max))
    }
}

impl Offset {
    /// The bounds that fit all answers of a connection. If the answers contradict each other, the bounds are wider by the contradiction on each
    /// side. `None` if the contradiction is too large.
    fn of_all_answers(self) -> Option<Self> {
        let Self { min, max } = self;
        let contradiction = min.saturating_sub(max).max(0);
        let is_small = contradiction <= CONTRADICTION_MAX_MICROS;
        is_small.then(|| Self { min: min.min(max) - contradiction, max: max.max(min) + contradiction })
    }

    /// One interval that covers the bounds of all connections that have some. `None` if there are none, or if the answers of a
    /// connection contradict each other by too much.
    fn covering(all: &[Self]) -> Option<Self> {
        let known = all.iter().filter(|offset| **offset != Self::default());
        let covering = known.map(|offset| offset.of_all_answers()).reduce(|one, other| {
            let (one, other) = (one?, other?);
            Some(Self { min: one.min.min(other.min), max: one.max.max(other.max) })
        });
        covering.flatten()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A server whose clock is off by `offset`, and which shows its date late by `late`, seen over a network.
    #[derive(Clone, Debug)]
    struct Server {
        offset: i64,
        late: i64,
        /// By how much later the date can turn in some seconds.
        jitter: i64,
    }

    impl Server {
        fn date_at(&self, now: i64) -> i64 {
            let time = now + self.offset - self.late;
            let later = (time.div_euclid(SECOND_MICROS) * 7_919).rem_euclid(self.jitter + 1);
            (time - later).div_euclid(SECOND_MICROS) * SECOND_MICROS
        }

        /// Asks for 2.5 s, with these times of the way there and back.
        fn asked(&self, began: i64, ways: &[(i64, i64)]) -> Offset {
            let (mut answers, mut now) = (Answers::default(), began);
            for (there, back) in ways.iter().cycle().take(REQUESTS_MAX) {
                now = answers.next_request(now).max(now);
                if now > began + 2_500_000 {
                    break;
                }
                let answered = now + there + back;
                answers.observe(now, answered, self.date_at(now + there));
                now = answered;
            }
            answers.offset
        }
    }

    proptest! {
        /// For all offsets of the target, delays of its date and times of its answers, the bounds hold, and are as close as the way and the
        /// last steps allow.
        #[test]
        fn bounds_hold_and_are_close(
            offset in -3_000_000_i64..3_000_000,
            late in 0_i64..1_000_000,
            began in 1_700_000_000_000_000_i64..1_700_000_002_000_000,
            ways in prop::collection::vec((0_i64..3_000, 0_i64..3_000), 1..20),
        ) {
            let Offset { min, max } = Server { offset, late, jitter: 0 }.asked(began, &ways);
            prop_assert!((min..=max).contains(&(offset - late)), "{} {} {}", min, max, offset - late);
            prop_assert!(max - min <= 15_000, "{} us", max - min);
        }

        /// For all servers whose date turns at times that vary by some milliseconds, there are bounds. They hold at some time, and are wider by little.
        #[test]
        fn a_date_that_turns_unevenly_still_bounds(
            offset in -3_000_000_i64..3_000_000,
            jitter in 0_i64..50_000,
            began in 1_700_000_000_000_000_i64..1_700_000_002_000_000,
            ways in prop::collection::vec((0_i64..3_000, 0_i64..3_000), 1..20),
        ) {
            let server = Server { offset, late: 0, jitter };
            let Offset { min, max } = Offset::covering(&[server.asked(began, &ways)]).unwrap();
            prop_assert!(min <= offset && max >= offset - jitter, "{} {} {}", min, max, offset);
            prop_assert!(max - min <= 15_000 + 3 * jitter, "{} us", max - min);
        }

        /// For all pairs of generators, the difference of their clocks lies in the interval that their reports give, however late the
        /// server shows its date, and whenever they ask.
        #[test]
        fn two_generators_bound_each_other(
            clocks in prop::array::uniform2(-3_000_000_i64..3_000_000),
            late in 0_i64..1_000_000,
            began in prop::array::uniform2(1_700_000_000_000_000_i64..1_700_000_060_000_000),
            ways in prop::collection::vec((0_i64..30_000, 0_i64..30_000), 1..20),
        ) {
            let clock_of = |clock: i64, began: i64| {
                let Offset { min, max } = Server { offset: -clock, late, jitter: 0 }.asked(began, &ways);
                TargetClock { url: String::new(), offset_min_us: min, offset_max_us: max }
            };
            let (one, other) = (clock_of(clocks[0], began[0]), clock_of(clocks[1], began[1]));
            let (lower, upper) = one.ahead_of(&other).unwrap();
            prop_assert!((lower..=upper).contains(&(clocks[0] - clocks[1])));
        }
    }

    #[test]
    fn contradictions_bound_nothing() {
        let (some, nothing) = (Offset { min: 5, max: 9 }, Offset::default());
        assert_eq!(Offset::covering(&[some, nothing, Offset { min: 7, max: 12 }]), Some(Offset { min: 5, max: 12 }));
        assert_eq!(Offset::covering(&[some, Offset { min: 9, max: 7 }]), Some(Offset { min: 5, max: 11 }));
        assert_eq!(Offset::covering(&[some, Offset { min: CONTRADICTION_MAX_MICROS + 1, max: 0 }]), None);
        assert_eq!(Offset::covering(&[nothing, nothing]), None);
        // A date that stands still, as in an answer from a cache.
        let mut cached = Answers::default();
        for at in [0, 1_000_000, 2_000_000] {
            cached.observe(at, at + 1_000, 0);
        }
        assert_eq!(Offset::covering(&[cached.offset]), None);
    }

    #[test]
    fn dates_are_read_from_heads() {
        const DATE: i64 = 784_111_777_000_000;
        for (head, date) in [
            ("HTTP/1.1 405 Method Not Allowed\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n", Some(DATE)),
            ("HTTP/1.1 200 OK\r\nx-date: 1\r\ndate:Sun, 06 Nov 1994 08:49:37 GMT \r\n\r\n", Some(DATE)),
            ("HTTP/1.1 200 OK\r\nDate: yesterday\r\n\r\n", None),
            ("HTTP/1.1 200 OK\r\nDate:\r\n\r\n", None),
            ("HTTP/1.1 200 OK\r\n\r\n", None),
            ("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n", None),
        ] {
            assert_eq!(date_of(head.as_bytes()), date, "{head}");
            assert_eq!(head_length(head.as_bytes()), Some(head.len()));
        }
    }
}

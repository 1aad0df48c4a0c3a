//! A Kafka cluster with scripted answers. It records the events that it stores. Its reader and writer of the protocol are its own.

mod protocol;
mod scram;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

use crate::service::{ClientFiles, tls_config_for};
use protocol::{Produced, Reader, metadata, produced, read_produced};

/// A stored event.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) broker: i32,
    pub(crate) partition: i32,
    pub(crate) key: String,
    /// Names and values.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) event: Value,
}

/// What the cluster does with a request to store events.
pub(crate) enum Reply {
    /// Answers with this code for each partition, and this explanation. Stores the events if the code is 0.
    Code(i16, Option<&'static str>),
    /// Stores the events and closes the connection without an answer.
    CutAfter,
    /// Closes the connection.
    Cut,
    Nothing,
    /// Sends these bytes in place of an answer.
    Bytes(Vec<u8>),
    /// Answers with code 0 and these partitions in place of those of the request.
    Partitions(Vec<i32>),
}

/// A request to store events.
pub(crate) struct Call<'a> {
    /// From 1, over all brokers.
    pub(crate) number: usize,
    pub(crate) leadership: &'a Leadership,
    pub(crate) acks: i16,
    pub(crate) events: &'a [Stored],
}

/// Chooses the reply to a request.
type Script = Arc<dyn Fn(&Call<'_>) -> Reply + Send + Sync>;

/// The login that a cluster requires.
#[derive(Clone, Copy)]
pub(crate) struct SaslUser {
    pub(crate) mechanism: &'static str,
    pub(crate) user: &'static str,
    pub(crate) password: &'static str,
    /// The number of iterations of SCRAM.
    pub(crate) iterations: u32,
    /// Whether the last message of SCRAM is wrong.
    pub(crate) is_impostor: bool,
    /// How long a login is valid, in milliseconds; 0 without a limit.
    pub(crate) lifetime_millis: i64,
}

/// The properties of a cluster.
#[derive(Clone)]
pub(crate) struct ClusterOptions {
    /// The key, the lowest and the highest version of each request.
    pub(crate) versions: Vec<(i16, i16, i16)>,
    pub(crate) brokers: i32,
    pub(crate) partitions: i32,
    /// The error code of the topic.
    pub(crate) topic_code: i16,
    pub(crate) sasl: Option<SaslUser>,
    /// The TLS settings of the server.
    pub(crate) tls: Option<Arc<ServerConfig>>,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self {
            versions: vec![(0, 3, 8), (3, 4, 8), (17, 0, 1), (18, 0, 3), (36, 0, 1)],
            brokers: 1,
            partitions: 4,
            topic_code: 0,
            sasl: None,
            tls: None,
        }
    }
}

/// Which broker leads which partition.
pub(crate) struct Leadership {
    leaders: Mutex<Vec<i32>>,
    /// The number of answers to come in which no partition has a leader.
    leaderless: AtomicUsize,
}

impl Leadership {
    /// Gives a partition to another broker.
    pub(crate) fn give(&self, partition: i32, broker: i32) {
        self.leaders.lock().unwrap()[place(partition)] = broker;
    }

    /// Takes the leaders from all partitions until the run has asked for them this number of times.
    pub(crate) fn suspend(&self, answers: usize) {
        self.leaderless.store(answers, Ordering::SeqCst);
    }

    fn is_leader(&self, partition: i32, broker: i32) -> bool {
        self.leaderless.load(Ordering::SeqCst) == 0 && self.leaders.lock().unwrap()[place(partition)] == broker
    }

    /// The leaders for an answer.
    fn told(&self) -> Vec<i32> {
        let mut leaders = self.leaders.lock().unwrap().clone();
        if self.leaderless.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            leaders.fill(-1);
        }
        leaders
    }
}

struct State {
    options: ClusterOptions,
    addresses: Vec<SocketAddr>,
    leadership: Leadership,
    stored: Mutex<Vec<Stored>>,
    calls: Mutex<usize>,
    script: Script,
}

/// A cluster on loopback ports. It lives as long as the test process.
pub(crate) struct KafkaCluster(Arc<State>);

impl KafkaCluster {
    pub(crate) fn start(script: impl Fn(&Call<'_>) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_with(ClusterOptions::default(), script)
    }

    pub(crate) fn start_with(options: ClusterOptions, script: impl Fn(&Call<'_>) -> Reply + Send + Sync + 'static) -> Self {
        let listeners: Vec<_> = (0..options.brokers).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let state = Arc::new(State {
            addresses: listeners.iter().map(|listener| listener.local_addr().unwrap()).collect(),
            leadership: Leadership {
                leaders: Mutex::new((0..options.partitions).map(|partition| partition % options.brokers).collect()),
                leaderless: AtomicUsize::new(0),
            },
            options,
            stored: Mutex::default(),
            calls: Mutex::default(),
            script: Arc::new(script),
        });
        for (broker, listener) in (0..).zip(listeners) {
            let state = Arc::clone(&state);
            thread::spawn(move || {
                for stream in listener.incoming() {
                    let (state, stream) = (Arc::clone(&state), stream.unwrap());
                    thread::spawn(move || match &state.options.tls {
                        // A connection that the client has lost needs no end.
                        None => serve(stream, broker, &state).unwrap_or_default(),
                        Some(tls) => {
                            let connection = ServerConnection::new(Arc::clone(tls)).unwrap();
                            serve(StreamOwned::new(connection, stream), broker, &state).unwrap_or_default();
                        }
                    });
                }
            });
        }
        Self(state)
    }

    /// The servers of the cluster, as in an address.
    pub(crate) fn servers(&self) -> String {
        self.0.addresses.iter().map(SocketAddr::to_string).collect::<Vec<_>>().join(",")
    }

    pub(crate) fn address(&self, broker: usize) -> SocketAddr {
        self.0.addresses[broker]
    }

    pub(crate) fn stored(&self) -> Vec<Stored> {
        self.0.stored.lock().unwrap().clone()
    }

    pub(crate) fn calls(&self) -> usize {
        *self.0.calls.lock().unwrap()
    }
}

/// The TLS settings of a broker that is called `localhost`, and its certificate as PEM.
pub(crate) fn tls(client: Option<&ClientFiles>) -> (Arc<ServerConfig>, String) {
    let (config, certificate) = tls_config_for(client.map(|client| &client.certificate), "localhost", &[]);
    (Arc::new(config), certificate)
}

fn serve(mut stream: impl Read + Write, broker: i32, state: &State) -> std::io::Result<()> {
    let mut login = state.options.sasl.map(scram::Login::new);
    loop {
        let mut length = [0; 4];
        stream.read_exact(&mut length)?;
        let mut request = vec![0; place(i32::from_be_bytes(length))];
        stream.read_exact(&mut request)?;
        let mut request = Reader(&request);
        let (key, version, correlation) = (request.i16(), request.i16(), request.i32());
        assert_eq!(request.text(), "seeker-sim");
        let known = state.options.versions.iter().find(|known| known.0 == key);
        let is_known = key == 18 && version == 0 || known.is_some_and(|known| (known.1..=known.2).contains(&version));
        assert!(is_known, "request {key} of version {version}");
        let body = match key {
            18 => {
                let all = &state.options.versions;
                let versions = all.iter().flat_map(|(key, first, last)| [*key, *first, *last]).flat_map(i16::to_be_bytes);
                [&[0, 0][..], &u32::try_from(all.len()).unwrap().to_be_bytes(), &versions.collect::<Vec<_>>()].concat()
            }
            17 | 36 => match login.as_mut().unwrap().answer(key, version, request) {
                Some(body) => body,
                None => return Ok(()),
            },
            // A broker that requires a login closes the connection.
            _ if login.as_ref().is_some_and(|login| !login.is_done) => return Ok(()),
            3 => {
                let host = if state.options.tls.is_some() { "localhost" } else { "127.0.0.1" };
                let brokers: Vec<_> = state.addresses.iter().map(|address| (host, address.port())).collect();
                let topic = request.topic_of_metadata();
                metadata(version, &brokers, &topic, state.options.topic_code, &state.leadership.told())
            }
            0 => match store(broker, version, &read_produced(request), state) {
                Answer::Body(body) => body,
                Answer::Bytes(bytes) => {
                    stream.write_all(&bytes)?;
                    stream.flush()?;
                    continue;
                }
                Answer::Nothing => continue,
                Answer::Close => return Ok(()),
            },
            other => panic!("request {other}"),
        };
        let answer = [&u32::try_from(body.len() + 4).unwrap().to_be_bytes()[..], &correlation.to_be_bytes(), &body].concat();
        stream.write_all(&answer)?;
        stream.flush()?;
    }
}

fn place(number: i32) -> usize {
    number.try_into().unwrap()
}

enum Answer {
    Body(Vec<u8>),
    Bytes(Vec<u8>),
    Nothing,
    Close,
}

fn store(broker: i32, version: i16, request: &Produced, state: &State) -> Answer {
    let of = |(partition, records): &(i32, Vec<protocol::Record>)| {
        let partition = *partition;
        let stored = records.iter().map(move |record| Stored {
            broker,
            partition,
            key: record.key.clone(),
            headers: record.headers.clone(),
            event: serde_json::from_slice(&record.value).unwrap(),
        });
        stored.collect::<Vec<_>>()
    };
    let number = {
        let mut calls = state.calls.lock().unwrap();
        *calls += 1;
        *calls
    };
    let events: Vec<_> = request.partitions.iter().flat_map(of).collect();
    let reply = (state.script)(&Call { number, leadership: &state.leadership, acks: request.acks, events: &events });
    let is_leader = |partition| state.leadership.is_leader(partition, broker);
    let keep = |code: i16| {
        let kept = events.iter().filter(|event| code == 0 && is_leader(event.partition)).cloned();
        state.stored.lock().unwrap().extend(kept);
    };
    match reply {
        Reply::Code(code, said) => {
            keep(code);
            let codes =
                request.partitions.iter().map(|(partition, _)| (*partition, if is_leader(*partition) { code } else { 6 }));
            Answer::Body(produced(version, &request.topic, &codes.collect::<Vec<_>>(), said))
        }
        Reply::Partitions(partitions) => {
            let codes: Vec<_> = partitions.into_iter().map(|partition| (partition, 0)).collect();
            Answer::Body(produced(version, &request.topic, &codes, None))
        }
        Reply::CutAfter => {
            keep(0);
            Answer::Close
        }
        Reply::Cut => Answer::Close,
        Reply::Nothing => Answer::Nothing,
        Reply::Bytes(bytes) => Answer::Bytes(bytes),
    }
}

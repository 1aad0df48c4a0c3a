//! Tests of the `seeker-sim` binary against services that work, fail or never answer.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

#[cfg(target_os = "linux")]
mod addresses;
mod bad_input;
mod batches;
mod browser;
mod capacity;
mod changed_values;
mod check;
mod connections;
mod delivery;
mod error_examples;
mod event_log;
mod fingerprints;
mod formats;
mod freeze;
mod generate;
mod grpc;
mod help;
mod hostile;
mod http2;
#[cfg(feature = "http3")]
mod http3;
mod http3_options;
mod interruption;
mod kafka;
mod kafka_attacks;
mod kafka_broker;
mod kafka_login;
mod laws;
mod lines;
mod load;
mod load_changes;
mod metrics;
mod nats;
mod nats_cluster;
mod nats_no_ack;
mod nats_server;
mod nats_tls;
#[cfg(unix)]
mod open_files;
mod otlp;
mod panics;
mod program;
mod proxy;
mod pubsub;
mod receiver_alone;
#[cfg(target_os = "linux")]
mod receiver_attacked;
#[cfg(unix)]
mod receiver_process;
mod report;
mod restart;
mod retries;
mod scenario;
mod schema;
mod search;
mod secrets;
mod service;
mod service_goaway;
mod service_http2;
#[cfg(feature = "http3")]
mod service_http3;
mod shards;
mod showing;
mod standard_output;
mod stats;
#[cfg(unix)]
mod terminal;
mod thresholds;
mod tls;
mod token;
mod windows;

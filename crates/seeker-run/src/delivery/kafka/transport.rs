//! The transport to a Kafka cluster.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout, timeout_at};
use transport::http::{Endpoint, LocalLimit};

use super::cluster::Cluster;
use super::handshake::HandshakeError;
use super::messages::Metadata;
use super::produce_sender;
use super::producer::Producer;
use super::server::Server;
use crate::delivery::dispatch::Dispatch;
use crate::delivery::transport::{LocalFuture, NotReady, Senders, Transport};

/// The wait before a topic without a leader is looked at again.
const TOPIC_INTERVAL: Duration = Duration::from_millis(100);

/// A cluster and the topic of events.
pub(super) struct KafkaTransport {
    pub(super) address: String,
    pub(super) cluster: Arc<Cluster>,
}

impl Transport for KafkaTransport {
    fn address(&self) -> String {
        self.address.clone()
    }

    fn reach(&self, limit: Duration) -> LocalFuture<'_, Result<(), NotReady>> {
        Box::pin(async move {
            let end = Instant::now() + limit;
            let metadata = loop {
                let metadata = self.ask_one(end, limit).await?;
                match self.cluster.check_topic(&metadata) {
                    Ok(()) => break metadata,
                    Err(error) if error.may_pass() && Instant::now() + TOPIC_INTERVAL < end => sleep(TOPIC_INTERVAL).await,
                    Err(error) => return Err(NotReady::Unreachable(format!("{} cannot be used: {error}", self.address))),
                }
            };
            self.reach_leaders(&metadata, end, limit).await?;
            self.cluster.set_first_metadata(metadata);
            Ok(())
        })
    }

    fn start(&self, dispatch: Rc<Dispatch>, connections: NonZeroUsize) -> Rc<dyn Senders> {
        let run = |producer, queue| -> LocalFuture<'static, ()> { Box::pin(produce_sender::run(producer, queue)) };
        Rc::new(KafkaSenders(Producer::start(dispatch, Arc::clone(&self.cluster), connections.get(), run)))
    }
}

impl KafkaTransport {
    /// Asks the servers of the address, one after the other, until one answers.
    async fn ask_one(&self, end: Instant, limit: Duration) -> Result<Metadata, NotReady> {
        let mut first_error = None;
        let mut left = u32::try_from(self.cluster.servers.len()).unwrap_or(u32::MAX);
        for server in &self.cluster.servers {
            // A server that does not answer leaves time for the others.
            let share = end.saturating_duration_since(Instant::now()) / left.max(1);
            left -= 1;
            let endpoint = self.endpoint(server)?;
            let error = match timeout(share, self.cluster.metadata(&endpoint)).await {
                Ok(Ok(metadata)) => return Ok(metadata),
                Ok(Err(error)) => self.not_ready(server, &endpoint, &error),
                Err(_) => self.silent(server, limit),
            };
            first_error.get_or_insert(error);
        }
        Err(first_error.expect("an address has a server"))
    }

    /// Opens a connection to each broker that leads a partition: the addresses that brokers advertise are often wrong.
    async fn reach_leaders(&self, metadata: &Metadata, end: Instant, limit: Duration) -> Result<(), NotReady> {
        let leaders: BTreeSet<_> = metadata.leaders.iter().flatten().collect();
        for server in leaders.into_iter().filter_map(|leader| metadata.brokers.get(leader)) {
            let endpoint = self.endpoint(server)?;
            match timeout_at(end, self.cluster.open_producer(&endpoint)).await {
                Ok(Ok((connection, _))) => connection.end().await,
                Ok(Err(error)) => return Err(self.not_ready(server, &endpoint, &error)),
                Err(_) => return Err(self.silent(server, limit)),
            }
        }
        Ok(())
    }

    fn endpoint(&self, server: &Server) -> Result<Endpoint, NotReady> {
        let endpoint = self.cluster.endpoint(server);
        endpoint
            .map_err(|error| NotReady::Unreachable(format!("{} cannot be reached: the broker {server}: {error}", self.address)))
    }

    fn silent(&self, server: &Server, limit: Duration) -> NotReady {
        let limit = humantime::format_duration(limit);
        NotReady::Unreachable(format!(
            "{} cannot be reached: no Kafka connection to {server} within {limit}; is the service a Kafka broker, and is --target right?",
            self.address
        ))
    }

    fn not_ready(&self, server: &Server, endpoint: &Endpoint, error: &HandshakeError) -> NotReady {
        let named = self.cluster.servers.contains(server);
        let of = if named { String::new() } else { format!("the broker {server}, which the cluster names: ") };
        let why = format!("{} cannot be reached: {of}failed to {}", self.address, endpoint.error_line(error));
        match error.local_limit() {
            // Before the start, a wrong name is more likely than a broken name service.
            None | Some(LocalLimit::NameService) => NotReady::Unreachable(match error {
                HandshakeError::Open(_) if !named => {
                    format!("{why}; check advertised.listeners of the broker, or pass --connect-to")
                }
                HandshakeError::Open(error) => format!("{why}; {}", error.advice()),
                _ => why,
            }),
            Some(limit) => NotReady::LocalLimit(format!("{why}; {limit}")),
        }
    }
}

struct KafkaSenders(Rc<Producer>);

impl Senders for KafkaSenders {
    fn check_connections(&self) -> u64 {
        self.0.check()
    }

    fn abort(&self) {
        self.0.abort();
    }
}

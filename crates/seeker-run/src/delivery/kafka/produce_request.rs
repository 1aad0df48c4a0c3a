//! Builds produce requests from events: one batch for each partition, in the order of the partitions' first events.

use std::time::{SystemTime, UNIX_EPOCH};

use super::broker_queue::{BrokerQueue, Held};
use super::cluster::Cluster;
use super::compression::Compressor;
use super::messages;
use super::record_batch::{Record, RecordBatch};
use crate::delivery::body::write_event;
use crate::delivery::dispatch::Dispatch;
use crate::delivery::retries::Flight;
use crate::target::kafka_settings::Acks;

/// The length of records at which a request ends. A broker takes batches of 1 MiB by default (`message.max.bytes`).
const RECORDS_LENGTH_MAX: usize = 900_000;

/// The names of the headers of a record.
const EVENT_ID: &[u8] = b"eventId";
const EVENT_TYPE: &[u8] = b"eventType";

/// The events of one partition in a request.
pub(super) struct PartitionFlights {
    pub(super) partition: usize,
    pub(super) flights: Vec<Flight>,
}

/// Builds requests and reuses their memory.
#[derive(Default)]
pub(super) struct RequestBuilder {
    /// The position of each partition in `batches`, plus 1; 0 if it has none in this request.
    places: Vec<usize>,
    batches: Vec<RecordBatch>,
    value: Vec<u8>,
}

impl RequestBuilder {
    /// Takes the events of the next request from a queue and builds their batches.
    pub(super) fn take(&mut self, dispatch: &Dispatch, cluster: &Cluster, queue: &BrokerQueue) -> Vec<PartitionFlights> {
        let mut partitions: Vec<PartitionFlights> = Vec::new();
        let (mut count, mut length) = (0, 0);
        while count < cluster.events_max && length < RECORDS_LENGTH_MAX {
            let Some(Held { flight, partition }) = queue.pop() else { break };
            let place = self.place_of(partition, &mut partitions);
            write_event(dispatch, &flight, &mut self.value);
            let event = &flight.delivery.event;
            let mut digits = itoa::Buffer::new();
            let record = Record {
                key: digits.format(event.seeker).as_bytes(),
                value: &self.value,
                headers: [(EVENT_ID, &event.event.text()), (EVENT_TYPE, event.event_type.name().as_bytes())],
            };
            length += self.batches[place].push(&record);
            count += 1;
            partitions[place].flights.push(flight);
        }
        for partition in &partitions {
            self.places[partition.partition] = 0;
        }
        partitions
    }

    fn place_of(&mut self, partition: usize, partitions: &mut Vec<PartitionFlights>) -> usize {
        if self.places.len() <= partition {
            self.places.resize(partition + 1, 0);
        }
        let place = &mut self.places[partition];
        if *place == 0 {
            partitions.push(PartitionFlights { partition, flights: Vec::new() });
            *place = partitions.len();
            if self.batches.len() < partitions.len() {
                self.batches.push(RecordBatch::default());
            }
            self.batches[*place - 1].clear();
        }
        *place - 1
    }

    /// Appends the body of the request for the events that were taken last.
    pub(super) fn write(
        &self,
        out: &mut Vec<u8>,
        cluster: &Cluster,
        partitions: &[PartitionFlights],
        compressor: &mut Compressor,
    ) {
        let acks = match cluster.acks {
            Acks::All => -1,
            Acks::Leader => 1,
        };
        let timeout_millis = i32::try_from(cluster.timeout.as_millis()).unwrap_or(i32::MAX);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = i64::try_from(now.as_millis()).unwrap_or_default();
        messages::write_produce_request(out, (acks, timeout_millis), &cluster.topic, partitions.len(), |out| {
            for (PartitionFlights { partition, .. }, batch) in partitions.iter().zip(&self.batches) {
                messages::write_partition(out, *partition, |out| batch.write(out, millis, compressor));
            }
        });
    }
}

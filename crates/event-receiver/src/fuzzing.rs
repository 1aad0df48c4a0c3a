//! Ingests bodies without HTTP, for the fuzz targets. Only with the feature `fuzzing`, and not part of the public API.

use client_event::EventTimestamp;

use crate::Summary;
use crate::batch;
use crate::content_encoding::unpack;
use crate::ingest::Ingest;

/// Ingests a body as a single message and as a batch, and returns the counts. A body that cannot be decompressed is not a message.
pub fn receive(body: &[u8], is_packed: bool) -> Summary {
    let now = EventTimestamp::from_millis(1_800_000_000_000);
    let ingest = Ingest::default();
    let unpacked = if is_packed { unpack(body) } else { Ok(body.to_vec()) };
    if let Ok(body) = unpacked {
        let single = ingest.ingest(&body, now);
        if let Ok(messages) = batch::messages(&body) {
            let of_batch = ingest.ingest_all(&messages, now);
            assert!(of_batch.iter().all(|(position, _)| *position < messages.len()));
            let is_taken = of_batch.iter().all(|(_, result)| result.is_ok());
            assert!(single.is_err() || messages.len() > 1 || is_taken, "a retry of an accepted message is accepted");
        }
    }
    ingest.summary()
}

//! A door to the receiver without HTTP, for the fuzz targets. Only with the feature `fuzzing`, and no part of the API.

use client_event::EventTimestamp;

use crate::encoding::unpack;
use crate::intake::Intake;
use crate::{Summary, batch};

/// Takes a body as a single message and as a batch, and returns what was counted. A body that cannot be unpacked is no message.
pub fn receive(body: &[u8], is_packed: bool) -> Summary {
    let now = EventTimestamp::from_millis(1_800_000_000_000);
    let intake = Intake::default();
    let unpacked = if is_packed { unpack(body) } else { Ok(body.to_vec()) };
    if let Ok(body) = unpacked {
        let single = intake.take(&body, now);
        if let Ok(messages) = batch::messages(&body) {
            let of_batch = intake.take_all(&messages, now);
            assert!(of_batch.iter().all(|(position, _)| *position < messages.len()));
            let is_taken = of_batch.iter().all(|(_, result)| result.is_ok());
            assert!(single.is_err() || messages.len() > 1 || is_taken, "a retry of a message is taken");
        }
    }
    intake.summary()
}

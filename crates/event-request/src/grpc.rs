//! Messages of gRPC calls in the binary form of Protocol Buffers.

pub mod pubsub;
pub mod talent;

use prost::Message;

/// Appends a message as gRPC sends it: not compressed, after its length (gRPC over HTTP/2, "Length-Prefixed-Message").
pub fn write_frame(message: &impl Message, out: &mut Vec<u8>) {
    write_head(message.encoded_len(), out);
    message.encode(out).expect("a vector grows");
}

/// Appends what stands before a message of this length.
fn write_head(length: usize, out: &mut Vec<u8>) {
    out.push(0);
    let length = u32::try_from(length).expect("an event is shorter than 4 GiB");
    out.extend_from_slice(&length.to_be_bytes());
}

/// Reads the first message of a gRPC body; `None` if it is incomplete, compressed or of another type.
pub fn read_frame<M: Message + Default>(body: &[u8]) -> Option<M> {
    let (head, rest) = body.split_first_chunk::<5>()?;
    let [0, length @ ..] = head else { return None };
    M::decode(rest.get(..u32::from_be_bytes(*length).try_into().ok()?)?).ok()
}

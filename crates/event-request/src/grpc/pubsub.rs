//! Request and response of `google.pubsub.v1.Publisher/Publish`. Numbers: the public `pubsub.proto`.

use std::collections::BTreeMap;

use prost::Message;

/// The path of the method.
pub const PATH: &str = "/google.pubsub.v1.Publisher/Publish";

/// The maximum number of messages in a request (quotas and limits of Pub/Sub).
pub const MESSAGES_MAX: usize = 1_000;

/// The request of a call.
#[derive(Clone, PartialEq, Message)]
pub struct PublishRequest {
    /// The topic: `projects/P/topics/T`.
    #[prost(string, tag = "1")]
    pub topic: String,
    /// The messages to publish.
    #[prost(message, repeated, tag = "2")]
    pub messages: Vec<PubsubMessage>,
}

/// A message to publish.
#[derive(Clone, PartialEq, Message)]
pub struct PubsubMessage {
    /// The content.
    #[prost(bytes = "vec", tag = "1")]
    pub data: Vec<u8>,
    /// Attributes, which subscriptions can filter by.
    #[prost(btree_map = "string, string", tag = "2")]
    pub attributes: BTreeMap<String, String>,
    /// Messages with the same key are delivered in order; empty without a key.
    #[prost(string, tag = "5")]
    pub ordering_key: String,
}

/// The response.
#[derive(Clone, PartialEq, Message)]
pub struct PublishResponse {
    /// The id of each message, in the order of the request.
    #[prost(string, repeated, tag = "1")]
    pub message_ids: Vec<String>,
}

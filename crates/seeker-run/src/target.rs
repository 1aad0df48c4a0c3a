//! The services of a run: the settings of their requests, and their endpoints with credentials.

pub(crate) mod kafka_settings;
pub(crate) mod login_token;
pub(crate) mod nats_credentials;
pub(crate) mod nkey;
pub(crate) mod proxies;
pub(crate) mod server_list;
pub(crate) mod service;
pub(crate) mod services;
pub(crate) mod settings;
pub(crate) mod url;

//! The options of `run` for the target and its credentials.

#![expect(clippy::doc_markdown, reason = "doc comments are help texts")]

use std::env;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueHint};
use event_request::{PathName, PathNames};
use seeker_run::{Mechanism, NatsCredentialsFile, Proxies, Sasl, TargetAddress};
use transport::http::{ConnectTo, IdentityFiles, Proxy, Resolve, Trust};
use transport::token::TokenSource;

use crate::cli::choice::Choice;
use crate::cli::concealed::Concealed;

/// The target and its credentials.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Target and credentials")]
pub struct TargetArgs {
    /// URL of the service, grpc://, pubsub://, file: or - (standard output)
    ///
    /// A URL without a path gets the default path of --format, such as /clientEvents. --project, --tenant and --topic replace
    /// {project}, {tenant} and {topic} in it. nats://HOST/SUBJECT is NATS JetStream, kafka://HOST,HOST/TOPIC is Kafka. file:PATH
    /// and - get one line per event. Without a target, run starts a receiver on a free loopback port.
    #[arg(value_name = "TARGET", display_order = 0, value_hint = ValueHint::Url, value_parser = Concealed::in_url(TargetAddress::from_str))]
    positional: Option<TargetAddress>,

    /// The target, as an option instead of an argument
    #[arg(
        long = "target",
        value_name = "URL|file:PATH|-",
        hide_short_help = true,
        value_hint = ValueHint::Url,
        allow_hyphen_values = true,
        conflicts_with = "positional",
        value_parser = Concealed::in_url(TargetAddress::from_str)
    )]
    option: Option<TargetAddress>,

    /// Read the bearer token from this file
    ///
    /// Every request carries `Authorization: Bearer TOKEN`. The file is read again every second and after each answer 401, so
    /// that you can renew the token during a run. NATS and Kafka use it to log in. The token is never printed.
    #[arg(long, value_name = "FILE", conflicts_with = "token_env", value_hint = ValueHint::FilePath)]
    token_file: Option<PathBuf>,

    /// Read the bearer token from this environment variable
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    token_env: Option<String>,

    /// Log in to NATS as this user, with the token as the password
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    nats_user: Option<String>,

    /// Log in to NATS with this credentials file (.creds): a JWT and an NKey seed
    ///
    /// The file is read again for each new connection. The seed signs a text of the server; it is never sent or printed.
    #[arg(
        long,
        value_name = "FILE",
        hide_short_help = true,
        value_hint = ValueHint::FilePath,
        conflicts_with_all = ["nats_nkey", "nats_user", "token_file", "token_env"]
    )]
    nats_creds: Option<PathBuf>,

    /// Log in to NATS with the NKey seed in this file
    #[arg(
        long,
        value_name = "FILE",
        hide_short_help = true,
        value_hint = ValueHint::FilePath,
        conflicts_with_all = ["nats_user", "token_file", "token_env"]
    )]
    nats_nkey: Option<PathBuf>,

    /// Send NATS messages without JetStream and without acknowledgements
    ///
    /// An event counts as unknown once the server has read its message: the run does not prove that a subscriber got it, and has no
    /// latency. Thresholds on latency, service_time and acknowledged are refused.
    #[arg(long, hide_short_help = true)]
    pub(super) no_ack: bool,
    /// Log in to Kafka with SASL: plain, scram-sha-256 or scram-sha-512
    #[arg(
        long,
        value_name = "MECHANISM",
        requires = "sasl_user",
        hide_short_help = true,
        hide_possible_values = true,
        value_parser = Choice::of(&["plain", "scram-sha-256", "scram-sha-512"], Mechanism::from_str)
    )]
    sasl: Option<Mechanism>,

    /// Log in to Kafka as this user, with the token as the password
    #[arg(long, value_name = "NAME", requires = "sasl", hide_short_help = true)]
    sasl_user: Option<String>,

    /// Trust the certificates in this PEM file and those of the system
    ///
    /// The file contains the certificate of an authority, or the self-signed certificate of the target.
    #[arg(long, value_name = "FILE", conflicts_with = "insecure", value_hint = ValueHint::FilePath)]
    ca: Option<PathBuf>,

    /// Skip the certificate check
    ///
    /// Anyone between the generator and the target can then read the requests and their tokens. Prints a warning.
    #[arg(long)]
    insecure: bool,

    /// Send the client certificate in this PEM file if the target asks for one
    ///
    /// The file can also hold the certificates of its issuers. The certificate is for https, grpcs and natss targets and for --search.
    #[arg(long, value_name = "FILE", requires = "key", hide_short_help = true, value_hint = ValueHint::FilePath)]
    cert: Option<PathBuf>,

    /// Private key of the client certificate, as an unencrypted PEM file
    ///
    /// The key is never printed.
    #[arg(long, value_name = "FILE", requires = "cert", hide_short_help = true, value_hint = ValueHint::FilePath)]
    key: Option<PathBuf>,

    /// Connect to these addresses for a host and port, without DNS; repeatable
    ///
    /// Connections are spread over all addresses. Repeat the option for the host of --search.
    #[arg(long = "resolve", value_name = "HOST:PORT:ADDRESS[,ADDRESS]...", hide_short_help = true, value_hint = ValueHint::Hostname)]
    pub(super) resolves: Vec<Resolve>,

    /// Connect to HOST2:PORT2 for requests to HOST1:PORT1; repeatable
    ///
    /// Requests and the check of the certificate keep HOST1. An empty HOST1 or PORT1 matches all, and an empty HOST2 or PORT2
    /// changes nothing. --resolve then applies to HOST2:PORT2.
    #[arg(long = "connect-to", value_name = "HOST1:PORT1:HOST2:PORT2", hide_short_help = true, value_hint = ValueHint::Hostname)]
    pub(super) connect_to: Vec<ConnectTo>,

    /// Connect through this HTTP proxy
    ///
    /// Replaces the proxies in HTTP_PROXY and HTTPS_PROXY. The proxy gets http requests over HTTP/1.1, and opens a tunnel
    /// (CONNECT) for all others. A user name and password in the URL are sent to the proxy and never printed.
    #[arg(
        long,
        value_name = "URL",
        hide_short_help = true,
        value_hint = ValueHint::Url,
        conflicts_with_all = ["no_proxy", "resolves", "connect_to"],
        value_parser = Concealed::in_url(Proxy::from_str)
    )]
    proxy: Option<Proxy>,

    /// Connect directly, even if HTTP_PROXY or HTTPS_PROXY is set
    ///
    /// --resolve and --connect-to connect directly too.
    #[arg(long, hide_short_help = true)]
    no_proxy: bool,

    /// Value of {project} in the path of the target
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    project: Option<PathName>,

    /// Value of {tenant} in the path of the target
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    tenant: Option<PathName>,

    /// Value of {topic} in the path of the target
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    topic: Option<PathName>,
}

impl TargetArgs {
    pub(super) fn address(&self) -> Option<TargetAddress> {
        self.positional.clone().or_else(|| self.option.clone())
    }

    pub(super) fn names(&self) -> PathNames {
        PathNames { project: self.project.clone(), tenant: self.tenant.clone(), topic: self.topic.clone() }
    }

    pub(super) fn token(&self) -> Option<TokenSource> {
        let file = self.token_file.clone().map(TokenSource::File);
        file.or_else(|| self.token_env.clone().map(TokenSource::Variable))
    }

    pub(super) fn nats_user(&self) -> Option<String> {
        self.nats_user.clone()
    }

    pub(super) fn nats_credentials(&self) -> Option<NatsCredentialsFile> {
        let creds = self.nats_creds.clone().map(NatsCredentialsFile::Creds);
        creds.or_else(|| self.nats_nkey.clone().map(NatsCredentialsFile::Nkey))
    }

    pub(super) fn sasl(&self) -> Option<Sasl> {
        Some(Sasl { mechanism: self.sasl?, user: self.sasl_user.clone()? })
    }

    pub(super) fn identity(&self) -> Option<IdentityFiles> {
        Some(IdentityFiles { certificate: self.cert.clone()?, key: self.key.clone()? })
    }

    pub(super) fn proxies(&self) -> Proxies {
        match &self.proxy {
            Some(proxy) => Proxies::Named(proxy.clone()),
            None if self.no_proxy || !self.resolves.is_empty() || !self.connect_to.is_empty() => Proxies::None,
            None => Proxies::of_environment(|name| env::var(name).ok()),
        }
    }

    pub(super) fn trust(&self) -> Trust {
        match &self.ca {
            _ if self.insecure => Trust::Unchecked,
            Some(path) => Trust::SystemAnd(path.clone()),
            None => Trust::System,
        }
    }
}

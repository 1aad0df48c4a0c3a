//! The servers of a cluster, and the order in which a connection tries them.
//!
//! Invariant: connections are spread evenly over the working servers of the address. The servers that the cluster itself names are tried only
//! if no listed server works. A connection fails only after it has tried every server.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use transport::http::Endpoint;
use url::Url;

use crate::target::service::Service;

/// How long a failed server is tried only after all others.
const AVOIDED_FOR: Duration = Duration::from_secs(30);

/// The maximum number of servers, so that a cluster that names ever more servers uses no unbounded memory.
const MEMBERS_MAX: usize = 100;

/// The servers of a cluster. All threads share them.
pub(super) struct Cluster {
    members: Mutex<Vec<Member>>,
    /// Whether servers that the cluster names are added.
    follows_names: bool,
    /// The number of connections that have requested an order.
    turns: AtomicUsize,
}

struct Member {
    /// The host and port.
    url: Url,
    source: Source,
    failed: Option<Instant>,
}

enum Source {
    /// The address of the target lists the server.
    Listed(Service),
    /// Another server names the server.
    Named(Arc<Endpoint>),
}

/// The number of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct MemberNumber(usize);

impl Cluster {
    /// Creates a cluster of the listed servers.
    pub(super) fn new(servers: Vec<(Url, Service)>, follows_names: bool) -> Self {
        let member = |(url, service)| Member { url, source: Source::Listed(service), failed: None };
        Self { members: Mutex::new(servers.into_iter().map(member).collect()), follows_names, turns: AtomicUsize::new(0) }
    }

    /// The servers in the order in which the next connection tries them.
    pub(super) fn in_order(&self, now: Instant) -> Vec<MemberNumber> {
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        let states: Vec<_> = self.members().iter().map(|member| member.state(now)).collect();
        order(&states, turn)
    }

    /// The current endpoint of a server.
    pub(super) fn endpoint(&self, number: MemberNumber) -> Arc<Endpoint> {
        match &self.members()[number.0].source {
            Source::Listed(service) => service.endpoint(),
            Source::Named(endpoint) => Arc::clone(endpoint),
        }
    }

    /// Adds the servers that this server names, each as a host and a port.
    pub(super) fn add_named(&self, by: &Endpoint, names: &[String]) {
        if !self.follows_names {
            return;
        }
        let mut members = self.members();
        for name in names {
            // The scheme has no default port that the URL would omit.
            let Ok(url) = Url::parse(&format!("nats://{name}")) else { continue };
            let is_known =
                |member: &Member| member.url.host_str() == url.host_str() && member.url.port_or_known_default() == url.port();
            if members.len() >= MEMBERS_MAX || members.iter().any(is_known) {
                continue;
            }
            let (Some(host), Some(port)) = (url.host_str().and_then(|host| url::Host::parse(host).ok()), url.port()) else {
                continue;
            };
            if let Ok(endpoint) = by.at_other_host(host, port) {
                members.push(Member { url, source: Source::Named(Arc::new(endpoint)), failed: None });
            }
        }
    }

    /// Records that a server accepted a connection.
    pub(super) fn note_connected(&self, number: MemberNumber) {
        self.members()[number.0].failed = None;
    }

    /// Records that a server accepted no connection, or ended one.
    pub(super) fn note_failed(&self, number: MemberNumber, now: Instant) {
        self.members()[number.0].failed = Some(now);
    }

    fn members(&self) -> MutexGuard<'_, Vec<Member>> {
        // No update is ever left half done, so a poisoned lock still guards valid data.
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What matters for the order of servers. Servers with a smaller state are tried first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    has_failed: bool,
    is_named: bool,
}

impl Member {
    fn state(&self, now: Instant) -> State {
        State {
            has_failed: self.failed.is_some_and(|failed| now.saturating_duration_since(failed) < AVOIDED_FOR),
            is_named: matches!(self.source, Source::Named(_)),
        }
    }
}

/// All servers: the best state first. Servers of the same state take turns.
fn order(states: &[State], turn: usize) -> Vec<MemberNumber> {
    let mut order: Vec<_> = (0..states.len()).map(MemberNumber).collect();
    order.sort_by_key(|number| states[number.0]);
    for part in order.chunk_by_mut(|one, other| states[one.0] == states[other.0]) {
        part.rotate_left(turn % part.len());
    }
    order
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use tokio::sync::watch;
    use transport::http::Trust;
    use transport::token::renewal::Credentials;

    use super::*;

    proptest! {
        /// For all states, each connection tries every server once, and no server before one of a better state. Every server of the best
        /// state is first for the same number of connections.
        #[test]
        fn connections_are_spread(
            states in prop::collection::vec((any::<bool>(), any::<bool>()), 1..8),
            first_turn in 0_usize..1000,
        ) {
            let states: Vec<_> = states.into_iter().map(|(has_failed, is_named)| State { has_failed, is_named }).collect();
            let best = states.iter().filter(|state| Some(*state) == states.iter().min()).count();
            let mut firsts = BTreeMap::new();
            for turn in first_turn..first_turn + 3 * best {
                let order = order(&states, turn);
                prop_assert!(order.is_sorted_by_key(|number| states[number.0]));
                let mut sorted = order.clone();
                sorted.sort_unstable();
                prop_assert_eq!(sorted, (0..states.len()).map(MemberNumber).collect::<Vec<_>>());
                *firsts.entry(order[0]).or_insert(0) += 1;
            }
            prop_assert_eq!(firsts.len(), best);
            prop_assert!(firsts.values().all(|&count| count == 3), "{:?}", firsts);
        }
    }

    fn cluster(follows_names: bool) -> (Cluster, Arc<Endpoint>) {
        let server = |text: &str| {
            let url = Url::parse(text).unwrap();
            let endpoint = Arc::new(Endpoint::new(&url, &[], &Trust::Unchecked).unwrap());
            (url, Service::new(watch::channel(endpoint).1, Credentials::None))
        };
        let servers = vec![server("http://a:1"), server("http://127.0.0.1:80")];
        let endpoint = servers[0].1.endpoint();
        (Cluster::new(servers, follows_names), endpoint)
    }

    #[test]
    fn a_failed_server_is_first_again_after_a_while_or_once_it_worked() {
        let (cluster, now) = (cluster(true).0, Instant::now());
        let first = |now| [(); 2].map(|()| cluster.in_order(now)[0].0);
        assert_eq!(first(now), [0, 1]);
        cluster.note_failed(MemberNumber(0), now);
        assert_eq!(first(now), [1, 1]);
        assert_eq!(first(now + AVOIDED_FOR), [0, 1]);
        cluster.note_connected(MemberNumber(0));
        assert_eq!(first(now), [0, 1]);
    }

    #[test]
    fn named_servers_come_after_working_listed_ones() {
        let (cluster, endpoint) = cluster(true);
        let names = ["a:1", "127.0.0.1:80", "b:2", "[::1]:3", "b:2", "", "no port", "c", "c:99999"].map(str::to_owned);
        cluster.add_named(&endpoint, &names);
        let now = Instant::now();
        assert_eq!(cluster.in_order(now).len(), 4);
        cluster.note_failed(MemberNumber(0), now);
        cluster.note_failed(MemberNumber(2), now);
        assert_eq!(cluster.in_order(now).iter().map(|number| number.0).collect::<Vec<_>>(), [1, 3, 0, 2]);
        let many: Vec<_> = (0..1000).map(|number| format!("n{number}:1")).collect();
        cluster.add_named(&endpoint, &many);
        assert_eq!(cluster.in_order(now).len(), MEMBERS_MAX);
    }

    #[test]
    fn named_servers_can_be_ignored() {
        let (cluster, endpoint) = cluster(false);
        cluster.add_named(&endpoint, &["b:2".to_owned()]);
        assert_eq!(cluster.in_order(Instant::now()).len(), 2);
    }
}

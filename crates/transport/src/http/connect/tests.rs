//! Tests of opening connections: with simulated addresses in virtual time, and with real sockets.

use std::{
    cell::RefCell,
    io::ErrorKind::{ConnectionRefused, TimedOut},
    net::Ipv4Addr,
};

use proptest::prelude::*;
use tokio::time::{Instant as VirtualInstant, timeout};
use url::Host;

use super::*;

/// The behaviour of an address, with its delay in milliseconds.
#[derive(Clone, Copy, Debug)]
enum Does {
    Takes(u64),
    Refuses(u64),
    KeepsSilent,
}

/// A host with one address for each script entry.
fn host_of(script: &[Does]) -> (Addresses, Vec<SocketAddr>) {
    let all = (0..script.len()).map(|number| format!("10.0.0.{number}:80").parse().unwrap()).collect();
    (Addresses::new(Host::Ipv4(Ipv4Addr::LOCALHOST), 80), all)
}

/// Opens a connection. Returns the address that accepted it or the error, the time in milliseconds, and the start of each attempt.
async fn race(script: &[Does]) -> (Result<usize, String>, u64, Vec<u64>) {
    let (addresses, order) = host_of(script);
    let start = VirtualInstant::now();
    let millis = || u64::try_from(start.elapsed().as_millis()).unwrap();
    let begun = RefCell::new(Vec::new());
    let number_of = |address: &SocketAddr| order.iter().position(|other| other == address).unwrap();
    let open = async |address: SocketAddr| {
        begun.borrow_mut().push(millis());
        let (after, result) = match script[number_of(&address)] {
            Does::Takes(after) => (after, Ok(())),
            Does::Refuses(after) => (after, Err(ConnectionRefused.into())),
            Does::KeepsSilent => (1_000_000, Err(TimedOut.into())),
        };
        sleep(Duration::from_millis(after)).await;
        result
    };
    let raced = Race::new(&addresses).run(&order, open).await;
    let ended = millis();
    let taken = raced.map(|connected| number_of(&connected.address)).map_err(|error| error.to_string());
    (taken, ended, begun.into_inner())
}

/// The expected result, computed address by address.
fn expected(script: &[Does]) -> (Option<usize>, u64, Vec<u64>) {
    const DELAY: u64 = 250;
    let mut begun: Vec<u64> = Vec::new();
    let end_of = |begun: &[u64], number: usize| match script[number] {
        Does::Takes(after) | Does::Refuses(after) => begun[number] + after,
        Does::KeepsSilent => begun[number] + 1_000_000,
    };
    let takes = |number: usize| matches!(script[number], Does::Takes(_));
    let mut now = 0;
    let mut ended = vec![false; script.len()];
    loop {
        if begun.len() < script.len() {
            begun.push(now);
        }
        let next_end = (0..begun.len()).filter(|&number| !ended[number]).map(|number| (end_of(&begun, number), number)).min();
        let delay_ends = (begun.len() < script.len()).then_some(now + DELAY);
        match (next_end, delay_ends) {
            (Some((end, number)), delay) if delay.is_none_or(|delay| end <= delay) => {
                now = end.max(now);
                if takes(number) {
                    return (Some(number), now, begun);
                }
                ended[number] = true;
            }
            (_, Some(delay)) => now = delay,
            (None, None) => return (None, now, begun),
            (Some(_), None) => unreachable!("without a delay the end is next"),
        }
        if ended.iter().all(|&ended| ended) {
            return (None, now, begun);
        }
    }
}

proptest! {
    /// For all addresses, the next attempt starts after a failure or the delay, and the first address that accepts the connection wins.
    #[test]
    fn attempts_are_staggered_and_the_first_to_succeed_wins(
        script in prop::collection::vec(
            prop_oneof![(0_u64..1000).prop_map(Does::Takes), (0_u64..1000).prop_map(Does::Refuses), Just(Does::KeepsSilent)],
            1..6,
        ),
    ) {
        let model = expected(&script);
        // The order of two timers in the same millisecond is up to the runtime.
        let mut ends: Vec<_> = script.iter().zip(&model.2).filter_map(|(does, begun)| match does {
            Does::Takes(after) | Does::Refuses(after) => Some(begun + after),
            Does::KeepsSilent => None,
        }).chain(model.2.iter().map(|begun| begun + 250)).collect();
        ends.sort_unstable();
        ends.dedup();
        prop_assume!(ends.len() == model.2.len() + script.iter().zip(&model.2).filter(|(does, _)| !matches!(does, Does::KeepsSilent)).count());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let (taken, ended, begun) = runtime.block_on(race(&script));
        prop_assert_eq!((taken.is_ok(), ended), (model.0.is_some(), model.1), "{:?}", begun);
        prop_assert_eq!(begun, model.2);
    }
}

#[tokio::test(start_paused = true)]
async fn an_address_that_keeps_silent_costs_a_quarter_of_a_second() {
    let (taken, ended, begun) = race(&[Does::KeepsSilent, Does::Takes(20), Does::Takes(0)]).await;
    assert_eq!((taken, ended, begun), (Ok(1), 270, vec![0, 250]));
    let (taken, ended, _) = race(&[Does::Refuses(0), Does::Refuses(1), Does::Takes(1)]).await;
    assert_eq!((taken, ended), (Ok(2), 2));
    // A slow address is not a failed address.
    let (taken, ended, _) = race(&[Does::Takes(260), Does::KeepsSilent]).await;
    assert_eq!((taken, ended), (Ok(0), 260));
    let (taken, _, begun) = race(&[Does::Refuses(300), Does::Refuses(0)]).await;
    assert_eq!((taken, begun.len()), (Err("connect to 10.0.0.0:80".to_owned()), 2));
}

/// An endpoint whose host has these addresses.
#[cfg(target_os = "linux")]
fn endpoint(addresses: &[&str], port: u16) -> Endpoint {
    use url::Url;

    use crate::http::Trust;

    let resolve = format!("jobs.example:{port}:{}", addresses.join(",")).parse().unwrap();
    let url = Url::parse(&format!("http://jobs.example:{port}")).unwrap();
    Endpoint::new(&url, &[], &Trust::System).unwrap().with_addresses(&[], &[resolve], Duration::from_secs(10))
}

// Linux only: other systems have a single loopback address.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn connections_go_to_all_addresses_in_turn_and_past_those_that_refuse() {
    use tokio::net::TcpListener;

    let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = first.local_addr().unwrap().port();
    let second = TcpListener::bind(("127.0.0.2", port)).await.unwrap();
    let both = endpoint(&["127.0.0.1", "127.0.0.2"], port);
    for _ in 0..3 {
        for listener in [&first, &second] {
            assert_eq!(connect(&both).await.unwrap().address, listener.local_addr().unwrap());
        }
    }
    let one = endpoint(&["127.0.0.3", "127.0.0.2"], port);
    for _ in 0..4 {
        assert_eq!(connect(&one).await.unwrap().address, second.local_addr().unwrap());
    }
    let none = endpoint(&["127.0.0.3", "127.0.0.4"], port);
    let error = connect(&none).await.unwrap_err();
    assert!(matches!(error, OpenError::Connect { source, .. } if source.kind() == ConnectionRefused));
}

/// Even a very short timeout leaves time for the second address.
#[tokio::test(start_paused = true)]
async fn a_short_time_is_shared_by_several_addresses() {
    for (timeout_ms, delay_ms) in [(20, 10), (100, 25), (400, 100), (1_000, 250), (60_000, 250)] {
        let (mut addresses, order) = host_of(&[Does::KeepsSilent, Does::Takes(0)]);
        addresses.fit_into(Duration::from_millis(timeout_ms));
        let start = VirtualInstant::now();
        let open = async |address: SocketAddr| {
            if address == order[0] { std::future::pending().await } else { io::Result::Ok(()) }
        };
        Race::new(&addresses).run(&order, open).await.unwrap();
        assert_eq!(start.elapsed(), Duration::from_millis(delay_ms));
    }
}

/// If the timeout is shorter than the delay, an unresponsive address costs one connection, not every connection.
#[tokio::test(start_paused = true)]
async fn an_address_that_was_given_up_is_tried_last() {
    let (mut addresses, order) = host_of(&[Does::KeepsSilent, Does::Takes(0)]);
    addresses.replace(&["127.0.0.1:80:10.0.0.0,10.0.0.1".parse().unwrap()]);
    let open = async |address: SocketAddr| {
        if address == order[0] { std::future::pending().await } else { io::Result::Ok(()) }
    };
    let mut given_up = 0;
    for _ in 0..10 {
        let turn = addresses.in_order().await.unwrap();
        given_up += usize::from(timeout(Duration::from_millis(100), Race::new(&addresses).run(&turn, open)).await.is_err());
    }
    assert_eq!(given_up, 1);
}

/// Errors of connecting to an address, by system error number.
#[cfg(unix)]
#[test]
fn the_most_informative_error_is_returned() {
    use rustix::io::Errno;

    const V4: &str = "127.0.0.1:80";
    const V6: &str = "[::1]:80";
    for (errno, address, weight_of) in [
        (Errno::MFILE, V6, 2),
        (Errno::ADDRNOTAVAIL, V4, 2),
        (Errno::CONNREFUSED, V4, 1),
        (Errno::CONNREFUSED, V6, 1),
        // IPv6 is off.
        (Errno::ADDRNOTAVAIL, V6, 0),
    ] {
        let error = OpenError::Connect { address: address.parse().unwrap(), source: errno.into() };
        assert_eq!(weight(&error), weight_of, "{errno} {address}");
    }
}

//! Tests of logins and TLS over Kafka.

use std::fs;

use serde_json::Value;

use crate::kafka_broker::{ClusterOptions, KafkaCluster, Reply, SaslUser, tls};
use crate::program::{Ended, Reported, assert_sound, count};
use crate::service::ClientFiles;

const PASSWORD: &str = "a-very-secret,password=";

const USER: SaslUser =
    SaslUser { mechanism: "PLAIN", user: "load", password: PASSWORD, iterations: 4_096, is_impostor: false, lifetime_millis: 0 };

fn cluster(sasl: SaslUser) -> KafkaCluster {
    KafkaCluster::start_with(ClusterOptions { sasl: Some(sasl), ..ClusterOptions::default() }, |_| Reply::Code(0, None))
}

/// Runs with this password in a file.
fn run_with(cluster: &KafkaCluster, password: &str, options: &str) -> (Ended, Value) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("password.txt");
    fs::write(&path, password).unwrap();
    let target = format!("kafka://{}/events --duration 1s --rate 50/s --timeout 5s", cluster.servers());
    Reported::new().run(&format!("{target} {options} --token-file {}", path.display()))
}

fn assert_unreachable((ended, report): &(Ended, Value), expected: &str) {
    let output = format!("{}{}", ended.stdout, ended.stderr);
    assert_eq!((ended.code, &report["outcome"]), (Some(4), &"target_unreachable".into()), "{output}");
    assert!(output.contains(expected) && !output.contains("very-secret"), "{output}");
}

/// For all mechanisms, the right password logs in. With a wrong user or password, the run fails before it starts.
#[test]
fn each_mechanism_logs_in() {
    for mechanism in ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] {
        let cluster = cluster(SaslUser { mechanism, ..USER });
        let login = format!("--sasl {} --sasl-user load", mechanism.to_lowercase());
        let (ended, report) = run_with(&cluster, PASSWORD, &login);
        assert_sound(&ended, &report);
        assert_eq!(cluster.stored().len(), 50);
        let refused = run_with(&cluster, "a-very-secret-other-password", &login);
        let expected = "failed to log in: the broker answered SASL_AUTHENTICATION_FAILED (58) (no such user: ";
        assert_unreachable(&refused, expected);
        assert_unreachable(&refused, "; check --sasl-user and the password");
    }
}

#[test]
fn a_login_that_the_broker_does_not_have_is_told() {
    let plain = cluster(USER);
    let expected = "failed to log in: the broker has no mechanism SCRAM-SHA-512; it has PLAIN";
    assert_unreachable(&run_with(&plain, PASSWORD, "--sasl scram-sha-512 --sasl-user load"), expected);
    let target = format!("kafka://{}/events --duration 1s --rate 50/s", plain.servers());
    let expected = "the broker closed the connection; does it require a login (--sasl)?";
    assert_unreachable(&Reported::new().run(&target), expected);
}

/// A broker that does not know the password, or asks for endless work, is not logged in to.
#[test]
fn a_broker_must_know_the_password() {
    let scram = SaslUser { mechanism: "SCRAM-SHA-256", ..USER };
    for (sasl, expected) in [
        (SaslUser { is_impostor: true, ..scram }, "the broker does not know the password that it checks (SCRAM)"),
        (
            SaslUser { iterations: 4_294_967_295, ..scram },
            "the broker asks for 4294967295 iterations of SCRAM; expected 4096 to 100000",
        ),
        (SaslUser { iterations: 100, ..scram }, "the broker asks for 100 iterations of SCRAM"),
    ] {
        assert_unreachable(&run_with(&cluster(sasl), PASSWORD, "--sasl scram-sha-256 --sasl-user load"), expected);
    }
}

/// A connection is replaced before its login ends. No event is lost.
#[test]
fn a_login_that_ends_is_renewed() {
    for mechanism in ["PLAIN", "SCRAM-SHA-256"] {
        let cluster = cluster(SaslUser { mechanism, lifetime_millis: 200, ..USER });
        let login = format!("--sasl {} --sasl-user load --connections 1", mechanism.to_lowercase());
        let (_, report) = run_with(&cluster, PASSWORD, &login);
        assert_eq!((count(&report, "events.acknowledged"), cluster.stored().len()), (50, 50), "{report}");
        // One connection in each 170 ms of the second, or fewer on a busy machine.
        assert!((2..=7).contains(&count(&report, "connections.opened")), "{report}");
    }
}

/// The certificate and the name of a broker are checked, and the client has a certificate of its own.
#[test]
fn tls_checks_both_sides() {
    let client = ClientFiles::new();
    let (server, certificate) = tls(Some(&client));
    let options = ClusterOptions { tls: Some(server), ..ClusterOptions::default() };
    let cluster = KafkaCluster::start_with(options, |_| Reply::Code(0, None));
    let (ca, port) = (client.write("ca.pem", &certificate), cluster.address(0).port());
    let with = |target: &str, options: &str| {
        Reported::new().run(&format!("{target}:{port}/events --duration 1s --rate 50/s --timeout 5s {options}"))
    };
    let identity = client.options();
    let (ended, report) = with("kafkas://localhost", &format!("--ca {ca} {identity}"));
    assert_sound(&ended, &report);
    assert_eq!((cluster.stored().len(), count(&report, "events.acknowledged")), (50, 50));
    assert_unreachable(&with("kafkas://localhost", &identity), "the issuer of the certificate is not trusted; pass --ca FILE");
    let other = format!("--ca {ca} {identity} --connect-to 127.0.0.1:{port}:127.0.0.1:{port}");
    assert_unreachable(&with("kafkas://127.0.0.1", &other), "the certificate does not cover `127.0.0.1`; it covers `localhost`");
    assert_unreachable(&with("kafkas://localhost", &format!("--ca {ca}")), "cannot be reached");
    assert_unreachable(&with("kafka://localhost", ""), "the server speaks TLS; use kafkas://");
}

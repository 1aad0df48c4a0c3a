//! Suggestions for unknown options.

use std::collections::HashSet;

use super::{assert_parses, commands};
use crate::cli::Cli;
use crate::cli::foreign_options::{Advice, TABLE};

/// The message for a command line.
fn message(line: &str) -> String {
    Cli::read(shlex::split(line).unwrap()).unwrap_err().to_string()
}

#[test]
fn foreign_options_are_translated() {
    for (line, expected) in [
        ("run --output run.json", "use --report: "),
        ("run --out json=run.json", "use --report: "),
        ("run --summary-export=run.json", "use --report: "),
        ("run --vus 50", "use --seekers: "),
        ("run -u 50", "use --seekers: "),
        ("run --users 50", "use --seekers: "),
        ("run -q 50", "use --rate: "),
        ("run --rps 50", "use --rate: "),
        ("run --qps 50", "use --rate: "),
        ("run --concurrency 50", "use --connections: "),
        ("run --spawn-rate 50", "use --arrivals: "),
        ("run --run-time 1m", "use --duration: "),
        ("run -z 10s", "use --duration: "),
        ("run -t 4", "run chooses the number of threads"),
        ("run --threads 4", "run chooses the number of threads"),
        ("run -n 1000", "a run has a rate and a duration instead of a number of requests"),
        ("run --iterations 1000", "a run has a rate and a duration instead of a number of requests"),
        ("run --requests 1000", "a run has a rate and a duration instead of a number of requests"),
        ("run -k", "use --insecure: "),
        ("run --cacert ca.pem", "use --ca: "),
        ("run --client-cert c.pem", "use --cert: "),
        ("run --private-key k.pem", "use --key: "),
        ("run --disable-keepalive", "use --no-keep-alive: "),
        ("run --keepalive", "connections stay open by default"),
        ("run --trace-context", "use --traceparent: "),
        ("run -x http://user:secret@p", "use --proxy: "),
        ("run --noproxy", "use --no-proxy: "),
        ("run --bearer secret", "use --token-file or --token-env"),
        ("run --host http://127.0.0.1:8080", "use --target: "),
        ("run --url http://127.0.0.1:8080", "use --target: "),
        ("run --h2", "use --http2: "),
        ("run --http2-prior-knowledge", "use --http2: "),
        ("run -s script.js", "use --scenario for a file"),
        ("run -X POST", "run sends events as POST requests"),
        // One dash, as in vegeta and hey.
        ("run -rate=50", "use --rate: "),
        ("run -duration 5s", "use --duration: "),
        ("run -duration=5s", "use --duration: "),
        ("run -vus 5", "use --seekers: "),
        // Spelling.
        ("run --concurency 5", "use --connections: "),
        ("run --durration 5s", "use --duration: "),
        ("run --warm_up 5s", "use --warm-up: "),
        ("run --seeker-max 5", "use --seekers-max: "),
        ("check --severty D4=off", "use --severity: "),
        // Other commands.
        ("run --explain D4", "--explain is an option of `seeker-sim check`"),
        ("serve --port 80", "use --bind: "),
        ("serve 127.0.0.1:80", "use --bind"),
        ("check --json events.ndjson", "use --output: "),
        ("check -o findings.json events.ndjson", "the findings go to standard output"),
        ("generate --users 50", "use --seekers: "),
        ("generate --output events.ndjson", "use --out: "),
        ("report compare --baseline a.json b.json", "use --before: "),
        ("report merge a.json --output b.json", "use --report: "),
        ("schema --dialect draft-07", "use --draft: "),
        ("stats --tz UTC events.ndjson", "use --time-zone: "),
        ("check --verbose events.ndjson", "set RUST_LOG=debug"),
        // Values.
        ("check --format json events.ndjson", "use --output json"),
        ("run --format html", "use --report run.html"),
        ("check --output findings.json events.ndjson", "--output json > findings.json"),
        ("--vus 50", "use --seekers: "),
        ("run -H http://127.0.0.1:8080", "give a URL without -H to make it the target"),
        ("http://127.0.0.1:8080", "example: seeker-sim run http://127.0.0.1:8080"),
    ] {
        let message = message(&format!("seeker-sim {line}"));
        assert!(message.contains(expected), "{line}: {message}");
        assert!(message.starts_with("error: ") && message.trim_end().lines().count() <= 3, "{line}: {message}");
        assert!(!message.contains("secret"), "{message}");
    }
}

/// For all entries of the table, the option to use exists, the foreign option does not, and the example parses.
#[test]
fn the_table_fits_the_commands() {
    let mut names = HashSet::new();
    for entry in TABLE {
        let commands: Vec<_> =
            commands().into_iter().filter(|(path, _)| entry.command.is_empty() || path == entry.command).collect();
        assert!(!commands.is_empty(), "{entry:?}");
        for (path, command) in commands {
            if let Advice::Use(name) = entry.advice {
                assert!(
                    command.get_arguments().any(|arg| arg.get_long() == name.strip_prefix("--")),
                    "{path} has no option {name}"
                );
            }
            for name in entry.names {
                let is_native = command.get_arguments().any(|arg| {
                    let long = arg.get_long().map(|long| format!("--{long}"));
                    let short = arg.get_short().map(|short| format!("-{short}"));
                    long.as_deref() == Some(name) || short.as_deref() == Some(name)
                });
                assert!(!is_native, "{path} has the option {name} itself");
            }
        }
        for name in entry.names {
            assert!(name.starts_with('-') && names.insert((entry.command, name)), "{name} is there twice for {}", entry.command);
        }
        assert_parses(entry.example);
    }
}

//! Options of other tools that a user may try, and the options that take their place here. The tools are k6, oha, hey, wrk, ab, vegeta,
//! Locust, Gatling, curl and nats.

/// Options of other tools with the same meaning.
#[derive(Clone, Copy, Debug)]
pub(super) struct ForeignOptions {
    /// The command for which the entry holds, such as `report show`; empty for all.
    pub(super) command: &'static str,
    /// The options as typed, with their dashes.
    pub(super) names: &'static [&'static str],
    pub(super) advice: Advice,
    /// A correct command line.
    pub(super) example: &'static str,
}

/// What to do instead.
#[derive(Clone, Copy, Debug)]
pub(super) enum Advice {
    /// Use this option of the same command.
    Use(&'static str),
    /// A sentence, where no option has the same meaning.
    Say(&'static str),
}

use Advice::{Say, Use};

/// Returns the entry of an option for a command.
pub(super) fn find(command: &str, name: &str) -> Option<&'static ForeignOptions> {
    let has_name = |entry: &&ForeignOptions| entry.names.contains(&name);
    let of_command = TABLE.iter().filter(|entry| entry.command == command).find(has_name);
    of_command.or_else(|| TABLE.iter().filter(|entry| entry.command.is_empty()).find(has_name))
}

/// Returns all options that are known for a command.
pub(super) fn names(command: &str) -> impl Iterator<Item = &'static str> {
    let entries = TABLE.iter().filter(move |entry| entry.command == command || entry.command.is_empty());
    entries.flat_map(|entry| entry.names).copied()
}

const fn row(command: &'static str, names: &'static [&'static str], advice: Advice, example: &'static str) -> ForeignOptions {
    ForeignOptions { command, names, advice, example }
}

/// All entries. An entry for one command overrides an entry for all commands.
#[rustfmt::skip]
pub(super) const TABLE: &[ForeignOptions] = &[
    // Load.
    row("run", &["--vus", "-u", "--users", "--user", "--virtual-users", "--max-vus"], Use("--seekers"), "seeker-sim run --seekers 100 --duration 1m"),
    row("run", &["-q", "-R", "--rps", "--qps", "--query-per-second", "--max-rate", "--throughput", "--burst-rate"], Use("--rate"), "seeker-sim run --rate 500/s --duration 1m"),
    row("run", &["--spawn-rate", "--hatch-rate", "--arrival-rate", "--users-per-sec", "--arrival"], Use("--arrivals"), "seeker-sim run --arrivals 5/s --duration 1m"),
    row("run", &["-z", "--run-time", "--time", "--timelimit", "--length", "--for"], Use("--duration"), "seeker-sim run --rate 500/s --duration 1m"),
    row("run", &["-n", "-i", "--iterations", "--requests", "--count", "--events", "--total"], Say("a run has a rate and a duration instead of a number of requests: 100/s for 10s are 1000 events"), "seeker-sim run --rate 100/s --duration 10s"),
    row("run", &["--stages", "--ramp", "--ramp-up", "--rampup", "--ramping", "--ramp-time"], Use("--stage"), "seeker-sim run --stage '30s:0->500/s' --stage 1m:500/s"),
    row("run", &["-s", "--script", "-f", "--locustfile", "--simulation", "--config", "--profile"], Say("use --scenario for a file with a scenario, or --stage for one stage of the load"), "seeker-sim run --scenario weekday-morning --stage 1m:500/s"),
    row("run", &["--warmup", "--warm-up-time", "--warmup-time", "--ignore-first"], Use("--warm-up"), "seeker-sim run --rate 500/s --duration 1m --warm-up 10s"),
    row("run", &["--poisson", "--arrival-distribution", "--distribution", "--exponential"], Use("--pacing"), "seeker-sim run --rate 500/s --pacing poisson"),
    row("run", &["-t", "--threads", "--workers", "--worker", "--max-workers", "--cpus", "--processes"], Say("run chooses the number of threads; set the number of connections with --connections"), "seeker-sim run --rate 500/s --connections 64"),
    // Target.
    row("run", &["--host", "--url", "--uri", "--base-url", "--address", "--endpoint", "--targets"], Use("--target"), "seeker-sim run http://127.0.0.1:8080 --rate 500/s"),
    row("run", &["--bootstrap-server", "--bootstrap-servers", "--broker-list", "--brokers"], Use("--target"), "seeker-sim run kafka://127.0.0.1:9092/events --rate 500/s"),
    row("run", &["--sasl-mechanism", "--sasl-mechanisms"], Use("--sasl"), "seeker-sim run kafka://127.0.0.1:9092/events --sasl plain --sasl-user me --token-file password.txt"),
    row("run", &["--sasl-username"], Use("--sasl-user"), "seeker-sim run kafka://127.0.0.1:9092/events --sasl plain --sasl-user me --token-file password.txt"),
    row("run", &["-k", "--insecure-skip-tls-verify", "--no-verify", "--skip-verify", "--no-check-certificate"], Use("--insecure"), "seeker-sim run https://127.0.0.1:8443 --insecure"),
    row("run", &["--cacert", "--ca-cert", "--root-certs", "--capath", "--ca-file"], Use("--ca"), "seeker-sim run https://127.0.0.1:8443 --ca ca.pem"),
    row("run", &["--bearer", "--token", "--auth", "--oauth2-bearer", "--bearer-token", "--auth-token"], Say("use --token-file or --token-env, which keep the token out of the process list"), "seeker-sim run https://jobs.example/events --token-file token.txt"),
    row("run", &["--creds", "--credentials"], Use("--nats-creds"), "seeker-sim run natss://nats.example/events --nats-creds user.creds"),
    row("run", &["--nkey", "--nkey-file", "--seed-file"], Use("--nats-nkey"), "seeker-sim run natss://nats.example/events --nats-nkey user.nk"),
    row("run", &["-a", "-A", "--basic-auth", "--user-agent", "-U", "--cookie", "-C"], Use("--header"), "seeker-sim run https://jobs.example/events --header 'Authorization: Basic ...'"),
    row("run", &["--headers", "--http-header", "--proxy-header"], Use("--header"), "seeker-sim run http://127.0.0.1:8080 --header 'X-Tenant: a'"),
    row("run", &["--dns", "--resolvers", "--dns-server"], Use("--resolve"), "seeker-sim run https://jobs.example/events --resolve jobs.example:443:192.0.2.1"),
    row("run", &["-x", "--http-proxy", "--https-proxy", "--proxy-server"], Use("--proxy"), "seeker-sim run https://jobs.example/events --proxy http://proxy.example:3128"),
    row("run", &["--noproxy"], Use("--no-proxy"), "seeker-sim run https://jobs.example/events --no-proxy"),
    row("run", &["-E", "--client-cert", "--cert-file", "--certificate"], Use("--cert"), "seeker-sim run https://jobs.example/events --cert cert.pem --key key.pem"),
    row("run", &["--client-key", "--key-file", "--private-key"], Use("--key"), "seeker-sim run https://jobs.example/events --cert cert.pem --key key.pem"),
    // Requests.
    row("run", &["-X", "-m", "--method", "--request", "-D", "--data", "--data-binary", "--body", "-p", "--json", "-T", "--content-type"], Say("run sends events as POST requests; --format selects the message format"), "seeker-sim run https://jobs.example/events --format v4"),
    row("run", &["--batch-size", "--bulk", "--chunk"], Use("--batch"), "seeker-sim run --rate 20000/s --batch 100"),
    row("run", &["--disable-compression", "--no-compression", "--no-gzip"], Say("leave it out: run asks for no compressed answers (no Accept-Encoding), and sends compressed bodies only with --gzip"), "seeker-sim run http://127.0.0.1:8080 --rate 500/s"),
    row("run", &["--compress", "--compressed"], Use("--gzip"), "seeker-sim run http://127.0.0.1:8080 --gzip"),
    row("run", &["--compression-codec", "--compression-type"], Use("--compression"), "seeker-sim run kafka://127.0.0.1:9092/events --compression lz4"),
    row("run", &["--required-acks", "--request-required-acks"], Use("--acks"), "seeker-sim run kafka://127.0.0.1:9092/events --acks 1"),
    row("run", &["--trace", "--tracing", "--trace-context", "--w3c", "--propagate"], Use("--traceparent"), "seeker-sim run http://127.0.0.1:8080 --traceparent"),
    // Connections.
    row("run", &["--concurrency", "--conns", "--max-connections", "--pool-size", "--parallel"], Use("--connections"), "seeker-sim run --rate 500/s --connections 100"),
    row("run", &["-2", "--h2", "--http2-prior-knowledge", "--h2c", "--http-version", "--http1.1", "--http1"], Use("--http2"), "seeker-sim run http://127.0.0.1:8080 --http2"),
    row("run", &["-3", "--h3", "--http3-only", "--quic"], Use("--http3"), "seeker-sim run https://jobs.example/events --http3"),
    row("run", &["--max-streams", "--max-concurrent-streams", "--streams-per-connection"], Use("--streams"), "seeker-sim run http://127.0.0.1:8080 --http2 --streams 50"),
    row("run", &["--max-time", "--connect-timeout", "--request-timeout", "--stop-timeout"], Use("--timeout"), "seeker-sim run http://127.0.0.1:8080 --timeout 5s"),
    row("run", &["--retry", "--max-retries", "--attempts"], Use("--retries"), "seeker-sim run http://127.0.0.1:8080 --retries 3"),
    row("run", &["--graceful-stop", "--wait-ongoing-requests-after-deadline", "--grace-period"], Use("--drain"), "seeker-sim run http://127.0.0.1:8080 --drain 5s"),
    row("run", &["--disable-keepalive", "--no-connection-reuse", "--no-vu-connection-reuse", "--no-keepalive"], Use("--no-keep-alive"), "seeker-sim run http://127.0.0.1:8080 --no-keep-alive"),
    row("run", &["--keepalive", "--keep-alive"], Say("connections stay open by default; set their number with --connections"), "seeker-sim run --rate 500/s --connections 100"),
    // Verdict.
    row("run", &["--thresholds", "--assert", "--assertion", "--slo", "--check", "--expect", "--fail-on", "--max-latency"], Use("--threshold"), "seeker-sim run --threshold 'latency.p99 < 50ms'"),
    row("run", &["--abort-on-fail", "--fail-fast", "--abort", "--exit-on-error"], Use("--abort-on-threshold"), "seeker-sim run --threshold 'refused == 0' --abort-on-threshold"),
    row("run", &["--capacity", "--find-max", "--max-throughput", "--breakpoint", "--saturate"], Use("--find-capacity"), "seeker-sim run http://127.0.0.1:8080 --find-capacity 'latency.p99 < 50ms'"),
    row("run", &["--validate", "--verify"], Use("--check-sent"), "seeker-sim run --rate 500/s --check-sent"),
    // Output.
    row("run", &["--output", "--out", "--summary-export", "--csv", "--html", "--results", "--results-folder", "--export", "--file", "-e", "-g"], Use("--report"), "seeker-sim run --report run.json --report run.html"),
    row("run", &["--junit-xml", "--xunit", "--xml"], Use("--junit"), "seeker-sim run --threshold 'latency.p99 < 50ms' --junit run.xml"),
    row("run", &["--prometheus", "--prometheus-addr", "--metrics-addr", "--prom"], Use("--metrics"), "seeker-sim run --metrics 127.0.0.1:9464"),
    row("run", &["--otel", "--opentelemetry", "--otlp-endpoint"], Use("--otlp"), "seeker-sim run --otlp http://127.0.0.1:4318"),
    row("run", &["--headless", "--no-ui", "--no-progress"], Use("--no-tui"), "seeker-sim run --rate 500/s --no-tui"),
    row("run", &["--silent", "--no-summary", "--only-summary"], Use("--quiet"), "seeker-sim run --rate 500/s --quiet"),
    row("run", &["--latency", "-L", "--latencies", "--print-latency"], Say("the summary always has the percentiles of latency; a report has more"), "seeker-sim run --report run.html"),
    row("run", &["--random-seed", "--rand-seed"], Use("--seed"), "seeker-sim run --seed 7"),
    row("run", &["--days"], Say("a run has a duration; days belong to generate"), "seeker-sim generate --days 14 --out events.ndjson"),
    row("run", &["--master", "--expect-workers", "--distributed", "--execution-segment"], Say("run one generator per machine, and merge their reports"), "seeker-sim report merge a.json b.json --report all.json"),
    // The other commands.
    row("serve", &["--port", "-p", "--host", "--listen", "--address", "--addr", "-a", "-l", "--url"], Use("--bind"), "seeker-sim serve --bind 127.0.0.1:8080"),
    row("serve", &["--rate", "-r", "--rps", "--qps", "--rate-limit", "--limit", "--capacity"], Use("--max-rate"), "seeker-sim serve --max-rate 2000/s"),
    row("serve", &["--latency", "--sleep", "--wait", "--response-delay"], Use("--delay"), "seeker-sim serve --delay 10ms"),
    row("serve", &["--errors", "--error-rate", "--fail-rate", "--failure-rate", "--fault-rate"], Use("--error-ratio"), "seeker-sim serve --error-ratio 1%"),
    row("serve", &["-c", "--connections", "--conns"], Use("--max-connections"), "seeker-sim serve --max-connections 1000"),
    row("serve", &["--max-body-size", "--memory", "--max-mem"], Use("--max-memory"), "seeker-sim serve --max-memory 128MiB"),
    row("generate", &["-n", "-u", "--count", "--users", "--vus", "--events", "--size"], Use("--seekers"), "seeker-sim generate --seekers 1000 --days 14 --out events.ndjson"),
    row("generate", &["-d", "--duration", "--period"], Use("--days"), "seeker-sim generate --days 14 --out events.ndjson"),
    row("generate", &["--output", "--report", "-f", "--file", "--target"], Use("--out"), "seeker-sim generate --out events.ndjson"),
    row("generate", &["-j", "-t", "--jobs", "--workers", "--parallel"], Use("--threads"), "seeker-sim generate --threads 4 --out events.ndjson"),
    row("generate", &["--random-seed", "-s"], Use("--seed"), "seeker-sim generate --seed 7 --out events.ndjson"),
    row("generate", &["--part", "--parts", "--partition"], Use("--shard"), "seeker-sim generate --shard 1/4 --out events-1.ndjson"),
    row("check", &["--json", "--sarif", "--ndjson", "--github", "-f", "--output-format", "--reporter"], Use("--output"), "seeker-sim check events.ndjson --output json"),
    row("check", &["-o", "--out", "--report", "--output-file"], Say("the findings go to standard output; redirect it"), "seeker-sim check events.ndjson --output json > findings.json"),
    row("check", &["--disable", "--ignore", "--allow", "--rule", "--rules", "--skip", "--exclude", "--warn", "--deny"], Use("--severity"), "seeker-sim check events.ndjson --severity D9=off"),
    row("check", &["--strict", "--max-warnings", "--exit-code", "--error-level"], Use("--fail-on"), "seeker-sim check events.ndjson --fail-on warning"),
    row("check", &["--list-rules", "--rule-help", "--list"], Use("--explain"), "seeker-sim check --explain list"),
    row("check", &["-j", "-t", "--jobs", "--workers"], Use("--threads"), "seeker-sim check events.ndjson --threads 4"),
    row("check", &["-n", "--limit", "--max", "--max-count", "--max-errors"], Use("--max-findings"), "seeker-sim check events.ndjson --max-findings 10"),
    row("check", &["--stats", "--summary", "--counts"], Use("--statistics"), "seeker-sim check events.ndjson --statistics"),
    row("check", &["--retention", "--timeout", "--ttl"], Use("--window"), "seeker-sim check events.ndjson --window 7d"),
    row("stats", &["--tz", "--timezone", "--zone"], Use("--time-zone"), "seeker-sim stats events.ndjson --time-zone Europe/Berlin"),
    row("stats", &["--json", "--html", "--output-format", "-f"], Use("--output"), "seeker-sim stats events.ndjson --output json"),
    row("stats", &["-o", "--out", "--report"], Say("the statistics go to standard output; redirect it"), "seeker-sim stats events.ndjson --output html > stats.html"),
    row("report show", &["--json", "--html", "--csv", "--junit", "--format", "-f"], Use("--output"), "seeker-sim report show run.json --output csv"),
    row("report show", &["-o", "--out", "--report"], Say("the report goes to standard output; redirect it"), "seeker-sim report show run.json --output html > run.html"),
    row("report compare", &["--baseline", "--base", "--old", "-b"], Use("--before"), "seeker-sim report compare --before main.json --after branch.json"),
    row("report compare", &["--new", "--current", "--candidate"], Use("--after"), "seeker-sim report compare --before main.json --after branch.json"),
    row("report compare", &["--threshold", "--max-regression", "--noise", "--fail-if"], Use("--tolerance"), "seeker-sim report compare main.json branch.json --tolerance 5%"),
    row("report compare", &["--significance", "--alpha", "--p-value", "--significance-level"], Use("--confidence"), "seeker-sim report compare main.json branch.json --confidence 99%"),
    row("report compare", &["--json", "--format", "-f"], Use("--output"), "seeker-sim report compare main.json branch.json --output json"),
    row("report compare", &["-o", "--out", "--report"], Say("the comparison goes to standard output; redirect it"), "seeker-sim report compare main.json branch.json --output json > change.json"),
    row("report merge", &["--output", "--out", "--into"], Use("--report"), "seeker-sim report merge a.json b.json --report all.json"),
    row("report merge", &["--parts", "--expect-workers", "--count", "-n"], Use("--expect"), "seeker-sim report merge a.json b.json --expect 2"),
    row("schema", &["--dialect", "--spec", "--openapi", "--json-schema", "--schema"], Use("--draft"), "seeker-sim schema --draft openapi-3.1"),
    row("schema", &["--type", "--kind", "--for", "--profile"], Use("--role"), "seeker-sim schema --role send"),
    row("schema", &["--output", "--dir", "--folder", "--output-dir"], Use("--out"), "seeker-sim schema --out schemas"),
    row("schema", &["--overwrite", "-f", "--yes", "-y"], Use("--force"), "seeker-sim schema --out schemas --force"),
    row("man", &["--output", "--dir", "--folder", "--output-dir"], Use("--out"), "seeker-sim man --out man"),
    row("scenario init", &["-o", "--out", "--output", "--file"], Say("the template goes to standard output; redirect it"), "seeker-sim scenario init > my.toml"),
    row("scenario init", &["--name", "--from", "--template", "--scenario"], Say("give the name of the built-in scenario without an option"), "seeker-sim scenario init aggregator > my.toml"),
    row("scenario schema", &["-o", "--out", "--output"], Say("the schema goes to standard output; redirect it"), "seeker-sim scenario schema > scenario.schema.json"),
    row("completions", &["--shell", "-s"], Say("give the name of the shell without an option"), "seeker-sim completions bash"),
    // All commands.
    row("", &["-v", "--verbose", "--debug", "--log-level", "--loglevel"], Say("set RUST_LOG=debug for the log of the libraries"), "RUST_LOG=debug seeker-sim run --rate 10/s"),
    row("", &["--no-color", "--no-colour", "--color", "--colour", "--disable-color"], Say("set NO_COLOR=1 for output without colours"), "NO_COLOR=1 seeker-sim check events.ndjson"),
];

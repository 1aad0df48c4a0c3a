//! The shape of messages about wrong values and combinations: what failed, the value, what was expected.

use crate::cli::Cli;

#[test]
fn messages_have_one_shape() {
    for (line, expected) in [
        ("run --rate fast", "error: --rate \"fast\": expected a rate such as 500/s, 30/min or 1/10s"),
        ("run -r fast", "error: --rate \"fast\": expected a rate"),
        ("run nowhere", "error: TARGET \"nowhere\": "),
        ("run --target nowhere", "error: --target \"nowhere\": "),
        (
            "run http://a --target http://b",
            "error: the target is given twice, as an argument and with --target; leave one of them out",
        ),
        ("run --target http://b http://a", "error: the target is given twice"),
        ("run http://a http://b", "error: seeker-sim run does not expect the argument \"http://b\""),
        ("run --header Nonsense", "error: --header: no colon found"),
        ("run --otlp localhost", "error: --otlp \"localhost\": "),
        ("run --ca a --insecure", "error: --ca and --insecure contradict each other; leave one of them out"),
        ("run --no-keep-alive --http2", "error: --no-keep-alive and --http2 contradict each other; leave one of them out"),
        ("run --rate 5/s --rate 6/s", "error: --rate is given twice; leave one of them out"),
        ("run --seed -1", "error: --seed \"-1\": expected a value that is not negative"),
        ("run --rate", "error: --rate needs a value: --rate <RATE>"),
        ("run --otlp-interval 5s", "error: --otlp-interval requires --otlp"),
        ("run --cert c.pem", "error: --cert requires --key"),
        ("run --key k.pem", "error: --key requires --cert"),
        ("check", "error: seeker-sim check: missing <FILE>..."),
        ("check --fail-on grave events.ndjson", "error: --fail-on \"grave\": expected one of error, warning"),
        ("completions tcsh", "error: SHELL \"tcsh\": expected one of bash, elvish, fish, powershell, zsh"),
        ("generate --days 0", "error: --days \"0\": expected a number of days from 1 to 36500"),
        ("chekc", "error: seeker-sim has no command \"chekc\"\n  did you mean check?"),
        ("scenario list", "error: seeker-sim scenario has no command \"list\"\n  expected init, check, show, schema"),
    ] {
        let error = Cli::read(shlex::split(&format!("seeker-sim {line}")).unwrap()).unwrap_err();
        let message = error.to_string();
        assert!(message.starts_with(expected), "{line}: {message}");
        assert!(message.ends_with('\n') && !message.ends_with("\n\n"), "{line}: {message:?}");
        assert!(message.trim_end().lines().count() <= 3, "{line}: {message}");
        assert_eq!(error.exit_code(), 2, "{line}");
    }
}

#[test]
fn a_url_is_the_target() {
    for line in
        ["run http://127.0.0.1:8080/events --rate 5/s", "run --rate 5/s http://127.0.0.1:8080", "run -", "run file:events.ndjson"]
    {
        Cli::read(shlex::split(&format!("seeker-sim {line}")).unwrap()).unwrap();
    }
}

#[test]
fn an_option_without_the_one_that_it_requires_is_named() {
    for (line, expected) in [
        ("run --allow-load-changes", "--allow-load-changes requires --metrics"),
        ("run --rate 5/s --batch-wait 5ms --duration 1s", "--batch-wait requires --batch"),
        ("run --batch-form=array", "--batch-form requires --batch"),
        ("run --key k.pem --rate 5/s", "--key requires --cert"),
        ("run --cert a.pem --allow-load-changes", "--cert requires --key"),
        ("schema --force", "--force requires --out"),
    ] {
        let words = ["seeker-sim"].into_iter().chain(line.split(' '));
        let error = Cli::read(words).unwrap_err().to_string();
        assert!(error.contains(expected), "{line}: {error}");
    }
}

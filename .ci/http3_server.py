"""Runs over HTTP/3 against the server of aioquic, which shares no code with the client.

The server is a process of its own, which can be killed. It appends each event to a file before it responds. What it wrote must be what the
report says, and `seeker-sim check` must find nothing in it.
"""

import asyncio
import base64
import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

RATE, SECONDS = 300, 3
PLANNED = RATE * SECONDS
TOKEN = "a-secret-token"
REQUEST_REJECTED, GOAWAY = 0x10B, 0x7

# The run passed, or a threshold was missed. With 3, this machine was too busy to judge the target.
PASSED, FAILED = (0, 3), (1, 3)


def serve(port, folder, manner):
    """The process of the server. Manners: `answer`, `reject-first`, `fail-first`, `go-away`, `one-stream`, `refuse`."""
    from aioquic.asyncio import QuicConnectionProtocol
    from aioquic.asyncio import serve as serve_quic
    from aioquic.buffer import encode_uint_var
    from aioquic.h3.connection import H3_ALPN, H3Connection, encode_frame
    from aioquic.h3.events import DataReceived, HeadersReceived
    from aioquic.quic.configuration import QuicConfiguration
    from aioquic.quic.events import ProtocolNegotiated

    log = (folder / "requests.ndjson").open("a", encoding="utf-8")
    attempts = {}

    class Protocol(QuicConnectionProtocol):
        def __init__(self, quic, *arguments, **options):
            super().__init__(quic, *arguments, **options)
            self.http, self.requests, self.count, self.goaway = None, {}, 0, None
            if manner == "one-stream":
                # aioquic has no setting for this.
                quic._local_max_streams_bidi.value = quic._local_max_streams_bidi.sent = 1

        def quic_event_received(self, event):
            if isinstance(event, ProtocolNegotiated):
                self.http = H3Connection(self._quic)
            for received in self.http.handle_event(event) if self.http else []:
                if isinstance(received, HeadersReceived):
                    self.requests[received.stream_id] = (received.headers, [])
                elif isinstance(received, DataReceived):
                    self.requests[received.stream_id][1].append(received.data)
                if isinstance(received, (HeadersReceived, DataReceived)) and received.stream_ended:
                    headers, data = self.requests.pop(received.stream_id)
                    self.answer(received.stream_id, [(name.decode(), value.decode()) for name, value in headers], b"".join(data))

        def answer(self, stream_id, headers, body):
            self.count += 1
            attempts[body] = attempts.get(body, 0) + 1
            if manner == "reject-first" and attempts[body] == 1:
                self._quic.reset_stream(stream_id, REQUEST_REJECTED)
                return self.transmit()
            if self.goaway is not None and stream_id >= self.goaway:
                return None
            status = {"fail-first": "503" if attempts[body] == 1 else "200", "refuse": "404"}.get(manner, "200")
            line = {"headers": headers, "body": body.decode(), "status": int(status), "stream": stream_id, "peer": str(self._quic.host_cid)}
            print(json.dumps(line), file=log, flush=True)
            self.http.send_headers(stream_id, [(b":status", status.encode()), (b"content-length", b"2")])
            self.http.send_data(stream_id, b"{}", end_stream=True)
            if manner == "go-away" and self.count == 20:
                # The requests that follow on this connection are not processed.
                self.goaway = stream_id + 4
                frame = encode_frame(GOAWAY, encode_uint_var(self.goaway))
                self._quic.send_stream_data(self.http._local_control_stream_id, frame)
            return self.transmit()

    async def run():
        configuration = QuicConfiguration(is_client=False, alpn_protocols=H3_ALPN)
        configuration.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        await serve_quic("127.0.0.1", port, configuration=configuration, create_protocol=Protocol)
        (folder / "ready").touch()
        await asyncio.Future()

    asyncio.run(run())


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Server:
    """A server on a loopback port, with its certificate and its received requests in a folder."""

    def __init__(self, folder, manner="answer"):
        self.folder, self.manner, self.port = folder, manner, free_port()
        names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(folder / "key.pem")]
        command = ["openssl", "req", "-x509", *key, "-out", str(folder / "cert.pem"), "-days", "2", *names]
        subprocess.run(command, check=True, capture_output=True)
        self.start()

    def start(self):
        ready = self.folder / "ready"
        ready.unlink(missing_ok=True)
        self.process = subprocess.Popen([sys.executable, __file__, "serve", str(self.port), str(self.folder), self.manner])
        for _ in range(400):
            if ready.exists():
                return
            assert self.process.poll() is None, "the server ended"
            time.sleep(0.05)
        raise AssertionError("the server does not start")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def requests(self):
        path = self.folder / "requests.ndjson"
        if not path.exists():
            return []
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        # The last line can be cut short by the end of the process, before any response to it.
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()


def start(program, server, *options):
    load = ["--duration", f"{SECONDS}s", "--rate", f"{RATE}/s", "--report", str(server.folder / "run.json"), "--quiet", "--seed", "7", "--drain", "30s"]
    trust = ["--ca", str(server.folder / "cert.pem"), "--resolve", f"localhost:{server.port}:127.0.0.1", "--http3"]
    command = [program, "run", f"https://localhost:{server.port}/events?key=1", *load, *trust, *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(process, server):
    """The exit code, the report and the output of a run."""
    output, _ = process.communicate(timeout=120)
    report = server.folder / "run.json"
    assert report.exists(), output
    return process.returncode, json.loads(report.read_text(encoding="utf-8")), output


def run(program, server, *options):
    return finish(start(program, server, *options), server)


def assert_sound(program, server, lines):
    """The events, in the order in which they were received, break no rule."""
    events = server.folder / "events.ndjson"
    events.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    subprocess.run([program, "check", str(events)], check=True, timeout=120)


def without_time(event):
    """The event without its time, which depends on the start of the run."""
    return {name: value for name, value in event.items() if name not in ("createTime", "eventTimestampMillis")}


def received(program, folder):
    """Every event is received once, with its headers, and is the same event as in a run with the same seed into a file."""
    with Server(folder) as server:
        (folder / "token.txt").write_text(TOKEN, encoding="utf-8")
        code, report, output = run(program, server, "--token-file", str(folder / "token.txt"), "--traceparent", "--header", "X-One: 1")
        requests = server.requests()
    assert code in PASSED and report["events"]["acknowledged"] == PLANNED == len(requests), output
    events = {}
    for request in requests:
        event, headers = json.loads(request["body"]), dict(request["headers"])
        assert len(headers) == len(request["headers"]) and event["eventId"] not in events, request
        events[event["eventId"]] = event
        digits = event["eventId"].replace("-", "")
        expected = {
            ":method": "POST", ":scheme": "https", ":authority": f"localhost:{server.port}", ":path": "/events?key=1", "x-one": "1",
            "authorization": f"Bearer {TOKEN}", "content-type": "application/json", "content-length": str(len(request["body"].encode())),
            "traceparent": f"00-{digits}-{digits[16:]}-01",
        }
        assert {name: headers.get(name) for name in expected} == expected, headers
    assert_sound(program, server, [request["body"] for request in requests])
    path = folder / "same.ndjson"
    options = ["--duration", f"{SECONDS}s", "--rate", f"{RATE}/s", "--seed", "7", "--quiet"]
    subprocess.run([program, "run", f"file:{path}", *options], check=True, timeout=120, stdout=subprocess.DEVNULL)
    same = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    # A seeker continues after the outcome of its last event, so the last events of a run can differ.
    both = [event for event in same if event["eventId"] in events]
    assert len(both) > 0.8 * PLANNED, len(both)
    for event in both:
        assert without_time(event) == without_time(events[event["eventId"]]), event


def in_order(program, folder):
    """The events of a seeker are received in the order of their times."""
    with Server(folder) as server:
        options = ["--format", "pubsub", "--ordering-key", "--batch", "10", "--batch-wait", "20ms", "--connections", "4"]
        code, report, output = run(program, server, *options)
        requests = server.requests()
    messages = [message for request in requests for message in json.loads(request["body"])["messages"]]
    assert code in PASSED and report["events"]["acknowledged"] == PLANNED == len(messages), output
    last = {}
    for message in messages:
        event = json.loads(base64.b64decode(message["data"]))
        at = event.get("createTime") or int(event["eventTimestampMillis"])
        assert last.get(message["orderingKey"], at) <= at, message
        last[message["orderingKey"]] = at
    assert len({json.loads(base64.b64decode(message["data"]))["eventId"] for message in messages}) == PLANNED


def sent_again(program, folder, manner):
    """Requests that the server has not processed are sent again, and every event is acknowledged once."""
    with Server(folder, manner) as server:
        code, report, output = run(program, server, "--connections", "40" if manner == "one-stream" else "4")
        requests = server.requests()
    ids = {json.loads(request["body"])["eventId"] for request in requests}
    assert code in PASSED and report["events"]["acknowledged"] == PLANNED == len(requests) == len(ids), (output, len(requests), len(ids))
    assert report["retries"]["attempts"] == 0, report["retries"]
    if manner == "reject-first":
        assert report["connections"]["requests_resent"] == PLANNED, report["connections"]
    if manner == "go-away":
        assert report["connections"]["opened"] > PLANNED / 40, report["connections"]


def by_status(program, folder):
    """A status of the server is the outcome of the event."""
    with Server(folder, "refuse") as server:
        code, report, output = run(program, server)
        assert code in FAILED and report["errors"] == {"answered 404": PLANNED} == {"answered 404": len(server.requests())}, output


def retried(program, folder):
    """Each event fails once and is then acknowledged."""
    with Server(folder, "fail-first") as server:
        code, report, output = run(program, server, "--retries", "3")
        statuses = [request["status"] for request in server.requests()]
    assert code in PASSED and report["events"]["acknowledged"] == PLANNED == statuses.count(200) == statuses.count(503), output
    assert report["retries"]["attempts"] == PLANNED, report["retries"]


def restarted(program, folder, retries):
    """The server is killed in the middle and started again. Without retries, no event is sent twice; with retries, none is lost."""
    with Server(folder) as server:
        # Connections that do not answer are found after two seconds.
        options = ["--retries", str(retries), "--timeout", "3s", "--connections", "2", "--seekers-max", "100000"]
        process = start(program, server, *options)
        while len(server.requests()) < PLANNED / 3:
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)
        server.kill()
        server.start()
        code, report, output = finish(process, server)
        requests = server.requests()
    ids = [json.loads(request["body"])["eventId"] for request in requests]
    events = report["events"]
    if retries == 0:
        assert code in FAILED and len(set(ids)) == len(ids), (output, len(ids))
        unclear = events["unknown"] + events["failed"]
        assert unclear > 0 and events["acknowledged"] <= len(ids) <= events["acknowledged"] + unclear, (events, len(ids))
    else:
        assert events["acknowledged"] == PLANNED == len(set(ids)), (output, events, len(set(ids)))
        assert len(ids) - PLANNED <= report["retries"]["attempts"], (len(ids), report["retries"])


def main():
    program = os.path.abspath(sys.argv[1])
    for check, *options in (
        (received,), (in_order,), (sent_again, "reject-first"), (sent_again, "go-away"), (sent_again, "one-stream"), (by_status,), (retried,),
        (restarted, 0), (restarted, 20),
    ):
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as name:
            check(program, pathlib.Path(name), *options)
        print(check.__name__, *options, f"({time.monotonic() - began:.1f} s)", flush=True)
    print("the HTTP/3 server received what the reports say")


if sys.argv[1] == "serve":
    with contextlib.suppress(KeyboardInterrupt):
        serve(int(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4])
else:
    main()

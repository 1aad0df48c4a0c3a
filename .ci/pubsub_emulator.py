"""Runs against Google's Pub/Sub emulator, over gRPC and over REST, with Google's client as the reader.

The emulator is part of the Google Cloud SDK and cannot be installed from a package registry. Where it is missing, this script says so and checks
nothing.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

RATE, SECONDS = 100, 5
PLANNED = RATE * SECONDS
PROJECT, TOPIC = "load-test", "events"

# The run passed, or this machine was too busy to judge that.
PASSED = (0, 3)


def find_emulator():
    """The program archive of the emulator, if it and Java are on this machine."""
    gcloud = shutil.which("gcloud")
    roots = [pathlib.Path("/usr/lib/google-cloud-sdk"), pathlib.Path("/opt/google-cloud-sdk"), pathlib.Path.home() / "google-cloud-sdk"]
    if gcloud:
        roots.append(pathlib.Path(gcloud).resolve().parent.parent)
    archives = [archive for root in roots for archive in root.glob("platform/pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar")]
    return archives[0] if archives and shutil.which("java") else None


class Emulator:
    """The emulator on a loopback port."""

    def __init__(self, archive, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.log = folder / "emulator.log"
        host, port = self.address.split(":")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(["java", "-jar", archive, f"--host={host}", f"--port={port}"], stdout=log, stderr=log)

    def __enter__(self):
        host, port = self.address.split(":")
        for _ in range(600):
            try:
                socket.create_connection((host, int(port)), 1).close()
                return self
            except OSError:
                assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
                time.sleep(0.1)
        raise AssertionError(self.log.read_text(encoding="utf-8"))

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def create(name):
    """A subscription to a new topic. The client finds the emulator by PUBSUB_EMULATOR_HOST."""
    from google.cloud import pubsub_v1

    topic = pubsub_v1.PublisherClient().create_topic(name=f"projects/{PROJECT}/topics/{name}")
    subscription = {"name": f"projects/{PROJECT}/subscriptions/{name}", "topic": topic.name, "enable_message_ordering": True}
    return pubsub_v1.SubscriberClient().create_subscription(request=subscription).name


def pulled(subscription):
    """All messages of a subscription, in the order of delivery."""
    from google.cloud import pubsub_v1

    client, messages = pubsub_v1.SubscriberClient(), []
    while len(messages) < PLANNED:
        response = client.pull(request={"subscription": subscription, "max_messages": 1000}, timeout=30)
        if not response.received_messages:
            break
        messages += [received.message for received in response.received_messages]
        client.acknowledge(request={"subscription": subscription, "ack_ids": [received.ack_id for received in response.received_messages]})
    return messages


def run(program, folder, target, *options):
    """The exit code, the report and the output of a run."""
    report = folder / "run.json"
    load = ["--duration", f"{SECONDS}s", "--rate", f"{RATE}/s", "--batch", "20", "--batch-wait", "50ms", "--drain", "30s", "--report", str(report)]
    run_of = subprocess.run([program, "run", target, *load, *options], check=False, timeout=120, capture_output=True, text=True)
    return run_of.returncode, json.loads(report.read_text(encoding="utf-8")), run_of.stdout


def assert_sound(program, folder, messages):
    """Every event is one message. The messages of a seeker are in the order of time, and the events break no rule."""
    events = [json.loads(message.data) for message in messages]
    assert len({event["eventId"] for event in events}) == PLANNED == len(events), len(events)
    last = {}
    for message, event in zip(messages, events):
        at = int(event["eventTimestampMillis"])
        assert message.ordering_key and last.get(message.ordering_key, 0) <= at, (message.ordering_key, at)
        last[message.ordering_key] = at
    lines = folder / "events.ndjson"
    lines.write_bytes(b"".join(message.data + b"\n" for message in messages))
    subprocess.run([program, "check", str(lines)], check=True, timeout=120)


def main():
    program, archive = sys.argv[1], find_emulator()
    if archive is None:
        print("*** NOT CHECKED: Google's Pub/Sub emulator is not on this machine (gcloud components install pubsub-emulator) ***")
        return
    print(f"checked with {archive.name}")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with Emulator(archive, folder) as emulator:
            os.environ["PUBSUB_EMULATOR_HOST"] = emulator.address
            for method, target, options in (
                ("grpc", f"pubsub://projects/{PROJECT}/topics/{TOPIC}-grpc", []),
                ("rest", f"http://{emulator.address}", ["--format", "pubsub", "--project", PROJECT, "--topic", f"{TOPIC}-rest"]),
            ):
                subscription = create(f"{TOPIC}-{method}")
                code, report, output = run(program, folder, target, *options, "--ordering-key")
                acknowledged, requests = report["events"]["acknowledged"], report["requests"]
                assert code in PASSED and acknowledged == PLANNED and requests < PLANNED / 2, (method, code, report["errors"], output)
                assert_sound(program, folder, pulled(subscription))
            for target, options, error in (
                (f"pubsub://projects/{PROJECT}/topics/missing", [], "answered NOT_FOUND"),
                (f"http://{emulator.address}", ["--format", "pubsub", "--project", PROJECT, "--topic", "missing"], "answered 404"),
            ):
                code, report, output = run(program, folder, target, *options)
                assert code in (1, 3) and report["errors"] == {error: PLANNED}, (code, report["errors"], output)
                assert report["events"]["refused"] == PLANNED, report["events"]
    print("the Pub/Sub emulator stored what the reports say")


main()

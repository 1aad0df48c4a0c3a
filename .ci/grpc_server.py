"""Runs against a gRPC server with Google's own types: grpcio, google-cloud-talent and google-cloud-pubsub.

The server reads each call with Google's classes. What it read must be what the report says, and `seeker-sim check` must find nothing in it.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
from concurrent import futures

import grpc
from google.cloud import talent_v4, talent_v4beta1
from google.protobuf import json_format
from google.pubsub_v1 import types as pubsub

RATE, SECONDS = 500, 3
PLANNED = RATE * SECONDS
TOKEN = "a-secret-token"


class Service(grpc.GenericRpcHandler):
    """Creates events, except those that `status_of` refuses by the number of the call and the event id."""

    def __init__(self, types, version, status_of):
        self.types, self.version, self.status_of = types, version, status_of
        self.lock, self.calls, self.events, self.problems = threading.Lock(), 0, [], []

    def service(self, details):
        if details.method != f"/google.cloud.talent.{self.version}.EventService/CreateClientEvent":
            return None
        read, write = self.types.CreateClientEventRequest.deserialize, self.types.ClientEvent.serialize
        return grpc.unary_unary_rpc_method_handler(self.create, request_deserializer=read, response_serializer=write)

    def create(self, request, context):
        event = request.client_event
        metadata = dict(context.invocation_metadata())
        with self.lock:
            self.calls += 1
            status = self.status_of(self.calls, event.event_id)
            if metadata.get("authorization") != f"Bearer {TOKEN}":
                self.problems.append(f"the token is {metadata.get('authorization')}")
            if not 0 < (context.time_remaining() or 0) <= 10:
                self.problems.append(f"the deadline is {context.time_remaining()}")
            if not all(job.startswith(request.parent + "/jobs/") for job in event.job_event.jobs):
                self.problems.append(f"{event.job_event.jobs} are not jobs of {request.parent}")
            if status is None:
                self.events.append(event)
        if status is not None:
            context.abort(status, "refused on purpose: 100 %")
        return event


def serve(service, port=0):
    server = grpc.server(futures.ThreadPoolExecutor(8), handlers=[service])
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    return server, port


def run(program, folder, port, *options):
    """The exit code and the report of a short run."""
    report, token = folder / "run.json", folder / "token.txt"
    token.write_text(TOKEN, encoding="utf-8")
    load = ["--duration", f"{SECONDS}s", "--rate", f"{RATE}/s", "--report", str(report), "--token-file", str(token)]
    code = subprocess.run([program, "run", f"grpc://127.0.0.1:{port}", *load, *options], check=False, timeout=120).returncode
    return code, json.loads(report.read_text(encoding="utf-8"))


def assert_distinct(service):
    """Every event was read once."""
    assert service.problems == [], service.problems[:3]
    ids = {event.event_id for event in service.events}
    assert len(ids) == len(service.events), (len(ids), len(service.events))


def assert_sound(program, folder, service):
    """The events, in the order in which they were read, break no rule."""
    events = folder / "events.ndjson"
    with events.open("w", encoding="utf-8") as out:
        for event in service.events:
            print(json_format.MessageToJson(type(event).pb(event), indent=None), file=out)
    subprocess.run([program, "check", str(events)], check=True, timeout=120)


def created(program, folder):
    for types, version, options in ((talent_v4, "v4", []), (talent_v4beta1, "v4beta1", ["--format", "v4beta1"])):
        service = Service(types, version, lambda call, event_id: None)
        server, port = serve(service)
        code, report = run(program, folder, port, "--project", "p", "--tenant", "t", *options)
        server.stop(None)
        assert code == 0 and report["events"]["acknowledged"] == PLANNED == len(service.events), (code, report["reasons"], report["errors"])
        assert all("projects/p/tenants/t/jobs/" in job for event in service.events for job in event.job_event.jobs)
        assert_distinct(service)
        assert_sound(program, folder, service)


def refused(program, folder):
    """A status in the trailers is the outcome of the event; only some are worth a retry."""
    tried = set()

    def status_of(call, event_id):
        if call % 10 == 0:
            return grpc.StatusCode.NOT_FOUND
        if event_id not in tried:
            tried.add(event_id)
            return grpc.StatusCode.UNAVAILABLE
        return None

    service = Service(talent_v4, "v4", status_of)
    server, port = serve(service)
    code, report = run(program, folder, port, "--retries", "20")
    server.stop(None)
    events, errors = report["events"], report["errors"]
    assert code == 1 and events["refused"] > 100, (code, events)
    assert events["acknowledged"] == len(service.events) == PLANNED - events["refused"], (events, len(service.events))
    assert errors == {"answered NOT_FOUND": events["refused"]}, errors
    assert report["retries"]["attempts"] > 1000 and "refused on purpose: 100 %" in json.dumps(report["error_examples"]), report["retries"]
    assert_distinct(service)


class Topic(grpc.GenericRpcHandler):
    """Publishes messages, and keeps them in the order in which they arrived."""

    def __init__(self, name):
        self.name, self.lock, self.requests, self.messages = name, threading.Lock(), 0, []

    def service(self, details):
        if details.method != "/google.pubsub.v1.Publisher/Publish":
            return None
        read, write = pubsub.PublishRequest.deserialize, pubsub.PublishResponse.serialize
        return grpc.unary_unary_rpc_method_handler(self.publish, request_deserializer=read, response_serializer=write)

    def publish(self, request, context):
        if request.topic != self.name:
            context.abort(grpc.StatusCode.NOT_FOUND, f"no topic {request.topic}")
        with self.lock:
            self.requests += 1
            first = len(self.messages)
            self.messages.extend(request.messages)
        return pubsub.PublishResponse(message_ids=[str(first + number) for number in range(len(request.messages))])


def published(program, folder):
    """Every event is one message. Messages with the same ordering key are in the order of time."""
    topic = Topic("projects/p/topics/events")
    server, port = serve(topic)
    report = folder / "run.json"
    options = ["--duration", f"{SECONDS}s", "--rate", f"{RATE}/s", "--batch", "20", "--batch-wait", "20ms", "--ordering-key", "--report", str(report)]
    environment = {**os.environ, "PUBSUB_EMULATOR_HOST": f"127.0.0.1:{port}"}
    code = subprocess.run([program, "run", f"pubsub://{topic.name}", *options], check=False, timeout=120, env=environment).returncode
    server.stop(None)
    acknowledged = json.loads(report.read_text(encoding="utf-8"))["events"]["acknowledged"]
    assert code == 0 and acknowledged == PLANNED == len(topic.messages), (code, acknowledged, len(topic.messages))
    assert topic.requests < PLANNED / 2, topic.requests
    events = [json.loads(message.data) for message in topic.messages]
    assert len({event["eventId"] for event in events}) == PLANNED
    last = {}
    for message, event in zip(topic.messages, events):
        assert message.attributes["eventType"] == event["eventType"]
        time = int(event["eventTimestampMillis"])
        assert message.ordering_key and last.get(message.ordering_key, 0) <= time, (message.ordering_key, time)
        last[message.ordering_key] = time
    lines = folder / "events.ndjson"
    lines.write_bytes(b"".join(message.data + b"\n" for message in topic.messages))
    subprocess.run([program, "check", str(lines)], check=True, timeout=120)


def wrong_service(program, folder):
    """A server without the method answers UNIMPLEMENTED to each call."""
    server, port = serve(Service(talent_v4, "other", lambda call, event_id: None))
    code, report = run(program, folder, port)
    server.stop(None)
    assert code == 1 and report["errors"] == {"answered UNIMPLEMENTED": PLANNED}, report["errors"]


def main():
    program = sys.argv[1]
    for check in (created, refused, published, wrong_service):
        with tempfile.TemporaryDirectory() as name:
            check(program, pathlib.Path(name))
    print("the gRPC server read what the reports say")


main()

"""Runs deploy/slurm/seeker-sim.sbatch on a Slurm cluster of four nodes on this machine, whole and disturbed.

Usage: .ci/slurm.py PROGRAM. Needs the Debian packages slurm-wlm and munge.
"""

import contextlib
import csv
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import hdr_histogram
from slurm_cluster import Cluster

PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
SCRIPT = str(pathlib.Path(__file__).resolve().parent.parent / "deploy/slurm/seeker-sim.sbatch")
NODES, SECONDS = 4, 4
# Events per second of a job. Disturbed jobs run at the same time, so they send little.
RATE, LOW_RATE = 200, 40
PASSED, MISSED, BAD_INPUT, NOT_TRUSTWORTHY, TOO_LATE, INTERRUPTED = 0, 1, 2, 3, 75, 130

# Stands for the program in a job, and disturbs one of its generators.
DISTURBING = f"""#!/bin/bash
program={PROGRAM}
until_after_start() {{
  local words=" $* " start
  start=${{words##* --start-at }} start=$(date --date "${{start%% *}}" +%s%3N)
  sleep "$(( (start + $AFTER_MS - $(date +%s%3N)) / 1000 + 1 ))"
}}
AFTER_MS=1000
case $1:$DISTURB:$SLURM_PROCID in
  run:late:1) until_after_start "$@" ;;
  run:kill:2) "$program" "$@" & until_after_start "$@"; kill -KILL $!; wait $!; exit ;;
  run:slow:0) "$program" "$@" & until_after_start "$@"; kill -STOP $!; sleep 1.5; kill -CONT $!; wait $!; exit ;;
  run:network:3) set -- "$@" --connect-to "$PROXY" ;;
esac
exec "$program" "$@"
"""


@contextlib.contextmanager
def receiver():
    """A receiver of its own for each job: its URL."""
    with subprocess.Popen([PROGRAM, "serve", "--bind", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True) as serving:
        line = serving.stdout.readline() if serving.stdout else ""
        threading.Thread(target=serving.stdout.read, daemon=True).start()
        try:
            yield re.search(r"http://[0-9.]+:[0-9]+", line).group()
        finally:
            serving.kill()


def summary(url):
    with urllib.request.urlopen(f"{url}/summary") as answer:
        return json.load(answer)


@contextlib.contextmanager
def proxy(url, seconds):
    """A TCP proxy that loses all connections after this time, counted from its first connection: the value of --connect-to."""
    to = ("127.0.0.1", int(url.rsplit(":", 1)[1]))
    listening = socket.create_server(("127.0.0.1", 0))
    pairs = []

    def forward(one, other):
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                pair = (listening.accept()[0], socket.create_connection(to))
                if not pairs:
                    threading.Timer(seconds, lose).start()
                pairs.append(pair)
                for one, other in [pair, pair[::-1]]:
                    threading.Thread(target=forward, args=(one, other), daemon=True).start()

    def lose():
        for one in [listening, *(end for pair in pairs for end in pair)]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    threading.Thread(target=accept, daemon=True).start()
    yield f"127.0.0.1:{to[1]}:127.0.0.1:{listening.getsockname()[1]}"
    lose()


def reports(folder):
    """The report of the whole, or None, and the reports of the parts by number."""
    whole = folder / "whole.json"
    parts = {int(part.stem.split("-")[1]): json.loads(part.read_text()) for part in folder.glob("part-*.json")}
    return json.loads(whole.read_text()) if whole.exists() else None, parts


class Jobs:
    """Jobs of the script, with the folders of their reports."""

    def __init__(self, cluster, folder):
        self.cluster, self.folder = cluster, folder
        self.wrapper = folder / "program"
        self.wrapper.write_text(DISTURBING, encoding="utf-8")
        self.wrapper.chmod(0o755)

    def submit(self, url, *options, rate=RATE, seconds=SECONDS, start_in=4, event_log=None, **variables):
        log = f"--output={self.folder}/log-%j"
        args = [url, "--rate", f"{rate}/s", "--duration", f"{seconds}s", "--seed", "7"]
        if event_log:
            args += ["--event-log", str(event_log)]
        return self.cluster.submit(SCRIPT, *args, options=[log, "--chdir", str(self.folder), *options], SEEKER_SIM=self.wrapper,
                                   START_IN=start_in, **variables)

    def reports(self, job):
        return self.folder / "seeker-sim-reports" / job

    def log(self, job):
        return (self.folder / f"log-{job}").read_text(encoding="utf-8")

    def ended(self, job, *codes):
        """The reports of a job that must end with one of these codes."""
        code = self.cluster.end(job)
        assert code in codes, f"exit code {code}, expected one of {codes}\n{self.log(job)[-3000:]}"
        return reports(self.reports(job))

    def await_folder(self, job, seconds=30):
        """Waits until the script of a job has made its folder, just before it chooses the start."""
        until = time.monotonic() + seconds
        while not self.reports(job).exists():
            assert time.monotonic() < until, self.cluster.job(job)
            time.sleep(0.05)


def whole_is_exact(whole, parts, received, event_log):
    """Checks a run that nothing disturbed: nothing is lost or sent twice, and the figures are those of all events in the logs of the parts."""
    assert whole["outcome"] == "passed", whole["reasons"]
    assert sorted(parts) == [1, 2, 3, 4]
    planned = [part["events"]["planned"] for part in parts.values()]
    assert sum(planned) == whole["events"]["planned"] == RATE * SECONDS, planned
    assert max(planned) - min(planned) <= 1, planned
    assert received["accepted"] == RATE * SECONDS and received["refused"]["messages"] == 0, received
    assert received["event_ids"] == {"repeated": 0, "conflicting": 0}, received
    assert len({part["run"]["id"] for part in parts.values()}) == len({part["started_at"] for part in parts.values()}) == 1
    # The generators compared their clocks with that of the receiver.
    assert all(part["target_clock"] for part in parts.values())
    assert whole["load"]["planned"] == RATE * SECONDS and whole["rate"]["planned_per_s"] == RATE, whole["load"]
    for second in range(SECONDS):
        assert whole["windows"][second]["planned"] == sum(part["windows"][second]["planned"] for part in parts.values())
    logs = [pathlib.Path(str(event_log).format(shard=part)).read_text(encoding="utf-8") for part in parts]
    events = [event for log in logs for event in csv.DictReader(log.splitlines())]
    for name, of_report in [("latency", "latency_ms"), ("service_time", "service_time_ms"), ("schedule_lag", "schedule_lag_ms")]:
        if name == "schedule_lag":
            total = hdr_histogram.added(hdr_histogram.counts(part["histograms"][name]) for part in parts.values())
        else:
            began = "scheduled_us" if name == "latency" else "sent_us"
            total = hdr_histogram.of_values(int(event["settled_us"]) - int(event[began]) for event in events)
        assert total == hdr_histogram.counts(whole["histograms"][name]), name
        assert sum(total.values()) == RATE * SECONDS
        for key, share in [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p99_9", 0.999)]:
            told, longest = (round(whole[of_report][figure] * 1000) for figure in [key, "max"])
            assert told == min(hdr_histogram.quantile(total, share), longest), (name, key)
    print(f"whole: {RATE * SECONDS} events once each, percentiles exact, p99 {whole['latency_ms']['p99']} ms")


def names(whole, part):
    """Whether the reasons name the part."""
    return any(f"part {part} of {NODES}" in reason for reason in whole["reasons"])


def undisturbed(jobs):
    """Two jobs at the same time, with one folder for reports."""
    with receiver() as one, receiver() as other:
        logs = [jobs.folder / f"events-of-{name}-{{shard}}.csv" for name in ["one", "other"]]
        both = [(jobs.submit(url, event_log=log), url, log) for url, log in zip([one, other], logs)]
        for job, url, log in both:
            whole_is_exact(*jobs.ended(job, PASSED), summary(url), log)
        # Before the start, nothing that was written can be mistaken for a report.
        assert {path.name for path in jobs.reports(both[0][0]).iterdir()} == {
            "whole.json", "whole.html", *(f"part-{part}.json" for part in range(1, NODES + 1))}


def disturbed(jobs):
    """Jobs that are disturbed in all ways, at the same time."""
    with contextlib.ExitStack() as stack:
        def job(*options, through=None, **variables):
            url = stack.enter_context(receiver())
            if through:
                variables["PROXY"] = stack.enter_context(proxy(url, through))
            return jobs.submit(url, *options, **{"rate": LOW_RATE, "start_in": 8, **variables})

        killed = job(DISTURB="kill", SLURM_KILL_BAD_EXIT=0)
        ended_with_it = job(DISTURB="kill")
        late = job(DISTURB="late")
        all_late = job(start_in=0)
        slow = job(DISTURB="slow")
        lost = job(DISTURB="network", through=SECONDS + 4)
        # Long enough to be interrupted on a slow machine.
        cancelled = job(seconds=30)
        requeued = job("--requeue", start_in=5, seconds=2 * SECONDS)

        jobs.await_folder(requeued)
        time.sleep(7)
        jobs.cluster.call("scontrol", "requeue", requeued)
        time.sleep(3)
        jobs.cluster.call("scancel", cancelled)

        whole, parts = jobs.ended(killed, NOT_TRUSTWORTHY)
        assert sorted(parts) == [1, 2, 4] and whole["outcome"] == "not_trustworthy" and names(whole, 3), whole["reasons"]
        print("one generator killed:", whole["reasons"])

        whole, parts = jobs.ended(ended_with_it, NOT_TRUSTWORTHY, INTERRUPTED)
        assert 3 not in parts and names(whole, 3), whole["reasons"]
        print("one generator killed, the others ended:", whole["outcome"], whole["reasons"])

        whole, parts = jobs.ended(late, NOT_TRUSTWORTHY, INTERRUPTED)
        assert 2 not in parts and names(whole, 2), whole["reasons"]
        print("one generator late:", whole["outcome"], whole["reasons"])

        whole, parts = jobs.ended(all_late, TOO_LATE)
        assert whole is None and not parts
        print("all generators late: exit code 75, no report")

        whole, parts = jobs.ended(slow, NOT_TRUSTWORTHY)
        assert sorted(parts) == [1, 2, 3, 4] and parts[1]["outcome"] == "not_trustworthy" and names(whole, 1), whole["reasons"]
        print("one generator slow:", whole["reasons"])

        whole, parts = jobs.ended(lost, MISSED, NOT_TRUSTWORTHY)
        assert sorted(parts) == [1, 2, 3, 4] and parts[4]["events"]["acknowledged"] < parts[4]["events"]["planned"]
        print("one generator lost the network:", whole["outcome"], whole["reasons"])

        whole, parts = jobs.ended(cancelled, INTERRUPTED)
        assert sorted(parts) == [1, 2, 3, 4] and whole["outcome"] == "interrupted", whole["reasons"]
        print("cancelled:", whole["reasons"])

        # The second attempt has a start and a folder of its own. Its events have the ids of the first attempt, so the receiver refuses some.
        jobs.ended(requeued, MISSED, PASSED)
        whole, parts = reports(jobs.folder / "seeker-sim-reports" / f"{requeued}-restart-1")
        assert sorted(parts) == [1, 2, 3, 4] and whole["events"]["planned"] == LOW_RATE * 2 * SECONDS
        first, _ = reports(jobs.reports(requeued))
        assert first is None or first["outcome"] != "passed", first["outcome"]
        print("requeued, second attempt:", whole["outcome"], whole["reasons"])


def main():
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "cluster").mkdir()
        with Cluster(folder / "cluster", NODES, cpus=12) as cluster:
            jobs = Jobs(cluster, folder)
            undisturbed(jobs)
            disturbed(jobs)
    print(f"{time.monotonic() - started:.0f} s")


main()

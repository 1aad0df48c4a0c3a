"""Checks the report of a run against the receiver in its own process: nothing lost, nothing refused, the rate kept, in each second too."""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    report = json.load(file)
events, receiver, rate = report["events"], report["receiver"], report["rate"]
assert report["outcome"] == "passed", report["reasons"]
assert events["planned"] == events["acknowledged"] == receiver["accepted"], (events, receiver)
assert receiver["refused"]["messages"] == 0, receiver["refused"]
assert abs(rate["achieved_per_s"] / rate["planned_per_s"] - 1) <= 0.02, rate
windows = report["windows"]
for fate in ["acknowledged", "refused", "failed", "unknown"]:
    assert sum(window[fate] for window in windows) == events[fate], (fate, windows)
for window in windows[1:]:
    assert abs(window["begun"] - window["planned"]) <= 0.02 * window["planned"] + 5, window
assert report["load"]["kind"] == "rate" and report["load"]["achieved_ratio"] >= 0.98, report["load"]
print("the report holds:", events)

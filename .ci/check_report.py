"""Checks the report of a run against the receiver in its own process: nothing lost, nothing refused, the rate kept."""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    report = json.load(file)
events, receiver, rate = report["events"], report["receiver"], report["rate"]
assert report["outcome"] == "passed", report["reasons"]
assert events["planned"] == events["acknowledged"] == receiver["accepted"], (events, receiver)
assert receiver["refused"]["messages"] == 0, receiver["refused"]
assert abs(rate["achieved_per_s"] / rate["planned_per_s"] - 1) <= 0.02, rate
print("the report holds:", events)

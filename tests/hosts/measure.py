"""What a decision and a step of a contender take in Python, in microseconds, and how long it takes to
be ready, in milliseconds, as JSON: python measure.py COMPONENT DECISIONS."""

import json
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../plugins/hosts/python"))

from conformance import Player


def per_call(call, times=200):
    samples = []
    for _ in range(9):
        begun = time.perf_counter_ns()
        for _ in range(times):
            call()
        samples.append((time.perf_counter_ns() - begun) / times / 1000)
    return round(statistics.median(samples), 1)


begun = time.perf_counter_ns()
player = Player(sys.argv[1])
ready = (time.perf_counter_ns() - begun) / 1e6
with open(sys.argv[2], encoding="utf-8") as file:
    table = json.load(file)
case = next(case for case in table["cases"] if case["call"] == "judge")
lease = player.value(table["leases"][case["lease"]])
look = player.value(case["args"][0])
snapshot = player.rules.call("[static]snapshot.of", lease)
judge = per_call(lambda: player.rules.call("[method]snapshot.judge", snapshot, look))
whole = per_call(lambda: player.rules.call("[static]snapshot.of", lease).drop(player.rules.store))
print(json.dumps({"decision-us": judge, "read-us": whole, "ready-ms": round(ready, 1)}))

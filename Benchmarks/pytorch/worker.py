#!/usr/bin/env python3
"""One side of a benchmark in PyTorch: does as many repetitions as it is told, and says how long they took.

    worker.py CASE ROW SIDE --threads N --precision bfloat16 --images N

It is the twin of `isda-bench worker`; Rounds.swift says how it is talked to. A case is a module with SIDES: from a name
to a function that takes the options and returns either a step without arguments, or (for a side that must keep
something out of its time) a function from a number of repetitions to seconds.
"""
import argparse
import importlib
import inspect
import signal
import sys
import time

import torch


def timed(step):
    if inspect.signature(step).parameters:
        return step

    def repeated(count):
        start = time.perf_counter()
        for _ in range(count):
            step()
        return time.perf_counter() - start

    return repeated


def memory(name):
    """VmRSS or VmHWM of this process in bytes; None where the system does not tell."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith(name))
    except (OSError, StopIteration):
        return None


def peak(run):
    """How far one repetition drives the resident set above where it was."""
    before = memory("VmRSS")
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        return None
    run(1)
    after = memory("VmHWM")
    return None if before is None or after is None else max(0, after - before)


def warmed(run, seconds):
    """Runs for so long, at least twice; returns how many repetitions fill that time."""
    start, runs = time.perf_counter(), 0
    while runs < 2 or time.perf_counter() - start < seconds:
        last = run(1)
        runs += 1
    return max(1, round(seconds / last))


def main():
    parser = argparse.ArgumentParser()
    for name in ("case", "row", "side"):
        parser.add_argument(name)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--precision", choices=("float32", "bfloat16"), required=True)
    parser.add_argument("--images", type=int, required=True)
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    torch.set_num_threads(options.threads)
    run = timed(importlib.import_module(options.case).SIDES[options.side](options))

    print("ready", torch.__version__, flush=True)
    for line in sys.stdin:
        order, *arguments = line.split()
        if order == "warm":
            print("repetitions", warmed(run, float(arguments[0])), flush=True)
        elif order == "go":
            print("seconds", run(int(arguments[0])), flush=True)
        elif order == "peak":
            print("bytes", peak(run), flush=True)


if __name__ == "__main__":
    main()

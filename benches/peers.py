#!/usr/bin/env python3
"""Times dragnet beside YARA-X and libyara on the same rules and data.

    peers.py --rules DIR [--data FILE] [--megabytes 300] [--rounds 5]

Without --data a mixed file is made from this machine: executables,
archives, scripts and documents, cut into one file of the given size. All
engines take their turns in each round, so that a change of the machine's
speed meets all of them; what counts is the median of the ratios.

Measured: compiling all rules (the whole run on an empty file), and scanning
on one thread (the run on the data minus the run on the empty file). YARA-X
is the command `yr`, or its Python module where that is missing; libyara is
its Python module.
"""

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
EXTERNALS = ["filename", "filepath", "extension", "filetype", "owner"]

PYTHON_LIBYARA = """
import sys, time, yara
rules, data, externals = sys.argv[1], sys.argv[2], sys.argv[3].split(",")
paths = open(rules).read().splitlines()
start = time.perf_counter()
compiled = yara.compile(filepaths={p: p for p in paths},
                        externals={e: "" for e in externals})
middle = time.perf_counter()
found = compiled.match(data, timeout=3600)
print(middle - start, time.perf_counter() - middle, len(found))
"""


def mixed_file(path, megabytes):
    """Files of all kinds, taken in turns; the same choice every time."""
    sys.path.insert(0, os.path.join(ROOT, "tests", "differential"))
    import corpus

    roots = ["/usr", "/etc", "/opt", "/var/lib", os.path.expanduser("~")]
    wanted = megabytes << 20
    chosen, _ = corpus.choose(roots, 100_000, wanted, 4096)
    written = 0
    with open(path, "wb") as out:
        while written < wanted:
            for source in chosen:
                try:
                    with open(source, "rb") as file:
                        data = file.read(wanted - written)
                except OSError:
                    continue
                out.write(data)
                written += len(data)
                if written >= wanted:
                    break


def timed(arguments, repeat=1):
    start = time.perf_counter()
    done = subprocess.run(arguments, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    elapsed = time.perf_counter() - start
    if done.returncode not in (0, 1):
        sys.exit(f"{arguments[0]} failed: {done.stderr[-2000:].decode()}")
    return elapsed, done.stdout


class Command:
    """An engine that is run as a command: start-up is the run on an empty
    file, scanning is what the data adds."""

    def __init__(self, name, arguments):
        self.name = name
        self.arguments = arguments

    def round(self, data, empty):
        whole, out = timed(self.arguments(data))
        start, _ = timed(self.arguments(empty))
        return start, whole - start, out.count(b"\n")


class LibYara:
    """libyara in a process of its own, which takes the times itself."""

    name = "libyara"

    def __init__(self, listed):
        self.listed = listed

    def round(self, data, empty):
        _, out = timed([sys.executable, "-c", PYTHON_LIBYARA, self.listed,
                        data, ",".join(EXTERNALS)])
        start, scan, found = out.split()
        return float(start), float(scan), int(found)


def engines(args, files, listed):
    flags = [f for e in EXTERNALS for f in ("-d", f'{e}=""')]
    # Rules of one name occur in several files, so each file is a namespace.
    named = [f"n{i}:{path}" for i, path in enumerate(files)]
    rules = [f for path in named for f in ("--rules", path)]
    yield Command("dragnet", lambda data: [
        args.binary, "scan", "-w", "--threads", "1", *flags, *rules, data])
    if yr := shutil.which(args.yr):
        yield Command("yara-x", lambda data: [
            yr, "scan", "--threads", "1", "--relaxed-re-syntax",
            "--disable-warnings", *flags, *named, data])
    try:
        import yara  # noqa: F401
        yield LibYara(listed)
    except ImportError:
        print("libyara is left out: no module yara", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rules", required=True)
    parser.add_argument("--data")
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--yr", default="yr")
    parser.add_argument("--skip", action="append", default=[])
    parser.add_argument("--json", help="also write the figures here")
    parser.add_argument(
        "--binary",
        default=os.path.join(ROOT, "target", "release", "dragnet"))
    args = parser.parse_args()

    files = sorted(
        os.path.join(folder, name)
        for folder, _, names in os.walk(args.rules) for name in names
        if name.endswith((".yar", ".yara")))
    with tempfile.TemporaryDirectory() as work:
        listed = os.path.join(work, "rules.txt")
        with open(listed, "w") as out:
            out.writelines(path + "\n" for path in files)
        empty = os.path.join(work, "empty")
        open(empty, "w").close()
        data = args.data
        if data is None:
            key = hashlib.sha1(str(args.megabytes).encode()).hexdigest()[:8]
            data = os.path.join(
                tempfile.gettempdir(), f"dragnet-mixed-{key}.bin")
            if not os.path.exists(data):
                mixed_file(data + ".new", args.megabytes)
                os.replace(data + ".new", data)
        size = os.path.getsize(data) / (1 << 20)
        print(f"{len(files)} rule files, {size:.0f} MiB of data")
        peers = [e for e in engines(args, files, listed)
                 if e.name not in args.skip]
        times = {engine.name: [] for engine in peers}
        for number in range(args.rounds):
            for engine in peers:
                start, scan, found = engine.round(data, empty)
                times[engine.name].append((start, scan))
                print(f"round {number + 1}: {engine.name:8} start "
                      f"{start:7.2f} s, scan {scan:7.2f} s "
                      f"({size / max(scan, 1e-9):7.1f} MiB/s), "
                      f"{found} results", flush=True)
    figures = {}
    ours = times["dragnet"]
    for name, rows in times.items():
        start = statistics.median(r[0] for r in rows)
        scan = statistics.median(r[1] for r in rows)
        figures[name] = {"start": start, "scan": scan}
        line = f"{name:8} median: start {start:.2f} s, scan {scan:.2f} s"
        if name != "dragnet":
            of_start = statistics.median(
                a[0] / b[0] for a, b in zip(ours, rows))
            of_scan = statistics.median(
                a[1] / b[1] for a, b in zip(ours, rows))
            figures[name]["dragnet start ratio"] = of_start
            figures[name]["dragnet scan ratio"] = of_scan
            line += (f"; dragnet needs {of_start:.2f} of its start, "
                     f"{of_scan:.2f} of its scan time")
        print(line)
    if args.json:
        with open(args.json, "w") as out:
            json.dump(figures, out, indent=1)


if __name__ == "__main__":
    main()

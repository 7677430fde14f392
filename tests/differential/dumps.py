#!/usr/bin/env python3
"""Compares what is read of a core and of a running process with other tools.

    dumps.py [--dragnet target/release/dragnet] [--mapping MIB] [--work DIR]

Starts a program with marks on its heap, on its stack, in a mapped file and in
one large mapping (3 GiB unless told), and takes a core of it with `gcore`.
Then

* the segments are those that `readelf` lists,
* the bytes of a sample of every object are those that gdb reads,
* every mark is found once in each mode that looks for it, at the address that
  the program said, in the core and in the living process,
* a core of 20 GiB that is nearly all holes is scanned in less than 512 MiB.

Needs gdb, gcore and readelf. The exit code is 1 if anything differs.
"""

import argparse
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

VICTIM = r"""
import ctypes, mmap, os, sys
size, path = int(sys.argv[1]) << 20, sys.argv[2]
parts = ("DUMP", "MARK")
page = mmap.PAGESIZE
said = []

def put(at, name):
    mark = "-".join(parts + (name,)).encode()
    ctypes.memmove(at, mark, len(mark))
    said.append((name, at))

# Mapped files, too, are to be in the core.
with open("/proc/self/coredump_filter", "w") as file:
    file.write("0x3f")
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
put(libc.malloc(200), "HEAPAAAA")
frame = (ctypes.c_char * 64)()
put(ctypes.addressof(frame), "BUFFERED")
libc.mmap.restype = ctypes.c_void_p
big = libc.mmap(None, ctypes.c_size_t(size), 3, 0x22, -1, ctypes.c_long(0))
for name, at in (("BIGFIRST", 0), ("PAGEEDGE", 5 * page - 7),
                 ("GIBIEDGE", (1 << 30) - 9 if size > 1 << 30 else size // 2),
                 ("BIGFINAL", size - 18)):
    put(big + at, name)
# Memory on both sides of a change of protection.
put(big + 9 * page - 4, "REGIONED")
libc.mprotect(ctypes.c_void_p(big + 9 * page), ctypes.c_size_t(page), 1)
with open(path, "r+b") as file:
    view = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
for line in open("/proc/self/maps"):
    if path in line:
        said.append(("FILEMARK", int(line.split("-")[0], 16) + page - 3))
for name, at in said:
    print(name, hex(at))
print("ready", flush=True)
sys.stdin.readline()
"""

RULE = "rule m { strings: $a = /DUMP-MARK-[A-Z]{8}/ condition: $a }\n"
FAILURES = []


def check(what, holds, detail=""):
    print(("ok    " if holds else "WRONG ") + what, "" if holds else detail)
    if not holds:
        FAILURES.append(what)


def rows(arguments):
    done = subprocess.run(arguments, stdout=subprocess.PIPE, check=False)
    return [json.loads(line) for line in done.stdout.splitlines()]


def found(dragnet, work, target, mode):
    """Name and address of every mark."""
    command = [dragnet, "scan", "-o", "ndjson", "--mode", mode]
    rule = os.path.join(work, "m.yar")
    if isinstance(target, int):
        command += ["--pid", str(target), rule]
    else:
        command += ["--rules", rule, target]
    hits = []
    for row in rows(command):
        for rule in row["rules"] if row["type"] == "match" else []:
            hits += [(hit["match"][10:], hit["va"])
                     for hit in rule["strings"]]
    return sorted(hits)


def segments(core):
    """Address and stored bytes of each LOAD segment, by readelf."""
    text = subprocess.run(["readelf", "-lW", core], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    pattern = r"LOAD +0x\w+ +(0x\w+) +0x\w+ +(0x\w+) +0x\w+ +(\S.*?) +0x"
    return [(int(a, 16), int(b, 16)) for a, b, _ in re.findall(pattern, text)]


def compare_bytes(dragnet, core, work, ranges):
    """Bytes at the beginning and end of each range, by gdb."""
    script, expected = [], []
    for at, (start, length) in enumerate(ranges):
        for name, lo in (("a", start), ("b", start + length - 64)):
            path = os.path.join(work, f"gdb-{at}{name}")
            script += ["-ex", f"dump binary memory {path} {lo} {lo + 64}"]
            expected.append((lo, path))
    subprocess.run(["gdb", "-batch", "-nx", *script, "-c", core],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   check=False)
    spans = []
    for row in rows([dragnet, "ls", "--json", core]):
        match = re.search(r"(0x\w+)-(0x\w+)$", row.get("name", ""))
        if match:
            spans.append((int(match[1], 16), int(match[2], 16), row["name"]))
    same = other = 0
    for start, end, name in spans:
        inside = sorted((at, path) for at, path in expected
                        if start <= at and at + 64 <= end
                        and os.path.exists(path))
        if not inside:
            continue
        cat = subprocess.Popen([dragnet, "cat", name],
                               stdout=subprocess.PIPE)
        place = start
        for address, path in inside:
            while place < address:
                place += len(cat.stdout.read(min(address - place, 1 << 20)))
            ours = cat.stdout.read(64)
            place += len(ours)
            with open(path, "rb") as file:
                if ours == file.read():
                    same += 1
                else:
                    other += 1
        cat.kill()
        cat.wait()
    return same, other


def sparse(path):
    """A core of one segment of 20 GiB, with four marks."""
    size, at = 20 << 30, 0x7F0000000000
    header = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", 4, 62, 1, 0, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 6, 4096, at, 0, size, size, 4096)
    places = [5, (3 << 30) - 7, (10 << 30) + 4090, size - 18]
    with open(path, "wb") as file:
        file.write(header + segment)
        file.truncate(4096 + size)
        for place in places:
            file.seek(4096 + place)
            file.write(b"DUMP-MARK-SPARSELY")
    return [("SPARSELY", hex(at + place)) for place in places]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dragnet", default="target/release/dragnet")
    parser.add_argument("--mapping", type=int, default=3 << 10)
    parser.add_argument("--work")
    options = parser.parse_args()
    dragnet = os.path.abspath(options.dragnet)
    with tempfile.TemporaryDirectory(dir=options.work) as work:
        with open(os.path.join(work, "m.yar"), "w") as file:
            file.write(RULE)
        mapped = os.path.join(work, "mapped")
        with open(mapped, "wb") as file:
            file.write(b"x" * 4093 + b"DUMP-MARK-FILEMARK" + b"y" * 9000)
        victim = subprocess.Popen(
            [sys.executable, "-c", VICTIM, str(options.mapping), mapped],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        said = []
        for line in victim.stdout:
            if line == "ready\n":
                break
            said.append(tuple(line.split()))
        said = sorted(said)
        core = os.path.join(work, "core")
        subprocess.run(["gcore", "-o", core, str(victim.pid)],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       check=True)
        core = f"{core}.{victim.pid}"
        for mode in ("per-mapping", "legacy", "single-pass", "fast"):
            for name, target in (("core", core), ("process", victim.pid)):
                hits = found(dragnet, work, target, mode)
                missing = [mark for mark in said if hits.count(mark) != 1]
                check(f"{mode} of the {name}: each mark once, at its address",
                      not missing, f"{missing} of {hits}")
        victim.kill()
        victim.wait()
        ranges = [s for s in segments(core) if s[1] >= 64]
        listed = [row for row in rows([dragnet, "ls", "--json", core])
                  if row.get("kind") == "region"]
        stored = sorted(ranges)
        ours = sorted((int(r["start"], 16), r["len"]) for r in listed)
        check(f"{len(stored)} segments are those of readelf",
              {s[0] for s in stored} <= {s[0] for s in ours},
              f"{set(stored) - set(ours)}")
        same, other = compare_bytes(dragnet, core, work, ranges)
        check(f"{same} samples have the bytes that gdb reads",
              same > 0 and other == 0, f"{other} have not")
        os.remove(core)
        path = os.path.join(work, "sparse")
        expected = sparse(path)
        hits = found(dragnet, work, path, "per-mapping")
        check("all marks of a core of 20 GiB", hits == sorted(expected), hits)
        command = [dragnet, "scan", "--rules", os.path.join(work, "m.yar"),
                   path]
        timed = subprocess.run(
            [sys.executable, "-c",
             "import resource, subprocess, sys\n"
             "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
             "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
             *command], stdout=subprocess.PIPE, text=True, check=True)
        peak = int(timed.stdout) >> 10
        check(f"its scan takes {peak} MiB, less than 512", peak < 512)
    sys.exit(1 if FAILURES else 0)


if __name__ == "__main__":
    main()

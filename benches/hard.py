#!/usr/bin/env python3
"""Times dragnet beside YARA-X where engines break down.

    hard.py --rules DIR [--rounds 3] [--megabytes 256] [--binary dragnet]

Whole processes in turn, as in peers.py; printed is the median of the ratios
YARA-X to dragnet: above 1, dragnet is faster. Inputs: zeros, the letter A,
the rule files over and over, and the literals of the rules that occur most
often in them. Then loops in conditions, each on its own (what a rule that is
false takes is subtracted), two threads beside one, and the peak memory beyond
the mapped file and the rules.
"""

import collections
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from peers import Engines, arguments, rule_files, run  # noqa: E402

LOOPS = {
    "one integer at any offset":
        ("", "for any i in (0..filesize - 4) : (uint32(i) == 0x7f3a91c5)"),
    "a pair of bytes, 1 MiB":
        ("", "for any i in (0..1048576) : "
             "(uint8(i) == 0xfe and uint8(i + 1) == 0xdc)"),
    "all distances of a string":
        ('strings: $a = "the "',
         "for all i in (1..#a) : (@a[i] >= 0)"),
    "neighbours of a string":
        ('strings: $a = "the "',
         "for any i in (2..#a) : (@a[i] - @a[i - 1] == 123457)"),
    "nested, 1,500 squared":
        ("", "for any i in (1..1500) : (for any j in (1..1500) : "
             "(uint8(i) * 256 + uint8(j) == 70000))"),
    "a body that does not change":
        ("", "for any i in (0..3000000) : (uint16(0) == 0x1234)"),
    "sum of a range":
        ("", "for all i in (0..1000000) : (i + filesize > 0)"),
}


def fill(path, blob, size):
    with open(path, "wb") as out:
        left = size
        while left > 0:
            out.write(blob[:left])
            left -= len(blob)


def inputs(folder, files, size):
    text = b"".join(open(path, "rb").read() for path in files)
    found = re.findall(rb'\$\w* *= *"([^"\\\n]{4,24})"', text)
    counts = collections.Counter(
        {literal: text.count(literal) for literal in set(found[:20000:7])})
    order = sorted(counts, key=lambda literal: (-counts[literal], literal))
    heavy = b" ".join(order[:200])
    for name, blob in [("zeros", bytes(1 << 20)), ("A", b"A" * (1 << 20)),
                       ("the rules themselves", text),
                       ("200 frequent literals", heavy)]:
        path = os.path.join(folder, name.replace(" ", "-") + ".bin")
        fill(path, blob, size)
        yield f"{name}, {size >> 20} MB", path


def ratios(rounds, ours, theirs):
    """Of the times of two functions that are called in turn."""
    found = []
    for _ in range(rounds):
        mine = ours()
        found.append(theirs() / mine)
    return statistics.median(found)


def loops(args, yr, folder, target):
    def compiled(name, text):
        source = os.path.join(folder, name)
        with open(source, "w") as out:
            out.write(text)
        drs, yrc = source + ".drs", source + ".yrc"
        run([args.binary, "compile", "-w", "-o", drs, source])
        run([yr, "compile", "-w", "-o", yrc, source])
        return ([args.binary, "scan", "-w", "-p", "1", drs],
                [yr, "scan", "-C", "--threads", "1", yrc])

    idle = compiled("idle.yar", "rule r { condition: filesize == 1 }")

    def net(command, start):
        return max(run([*command, target])[0] - run([*start, target])[0],
                   1e-3)
    for name, (strings, condition) in LOOPS.items():
        ours, theirs = compiled(
            "loop.yar", f"rule r {{ {strings} condition: {condition} }}")
        result = [run([*command, target])[1].split()[:1]
                  for command in (ours, theirs)]
        if result[0] != result[1]:
            print(f"{name}: the results differ: {result}", file=sys.stderr)
        ratio = ratios(args.rounds, lambda: net(ours, idle[0]),
                       lambda: net(theirs, idle[1]))
        print(f"| {name} | {ratio:.1f}× |", flush=True)


def peak(command):
    """Peak of the process's own memory, in KiB: mapped files are left out."""
    script = ("import subprocess,sys,time,re\n"
              "p=subprocess.Popen(sys.argv[1:],stdout=subprocess.DEVNULL,"
              "stderr=subprocess.DEVNULL)\n"
              "most=0\n"
              "while p.poll() is None:\n"
              " try: t=open(f'/proc/{p.pid}/status').read()\n"
              " except OSError: break\n"
              " m=re.search(r'RssAnon:\\s+(\\d+)',t)\n"
              " most=max(most,int(m[1]) if m else 0)\n"
              " time.sleep(0.002)\n"
              "print(most)\n")
    done = subprocess.run([sys.executable, "-c", script, *command],
                          stdout=subprocess.PIPE, check=True)
    return int(done.stdout)


def main():
    parser = arguments(__doc__, 3)
    parser.add_argument("--rules", required=True)
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--mixed", help="a large file of mixed content")
    parser.add_argument("--only", help="inputs, loops or rest")
    args = parser.parse_args()
    files = rule_files(args.rules)
    yr = shutil.which(args.yr)
    with tempfile.TemporaryDirectory(prefix="dragnet-bench-") as work:
        engines = Engines(args, files, work)
        engines.compile_ours()
        engines.compile_yr()
        print("| | YARA-X |\n|---|---|")
        made = list(inputs(work, files, args.megabytes << 20))
        for name, path in made:
            if args.only in (None, "inputs"):
                ratio = ratios(args.rounds,
                               lambda: engines.scan_ours(path)[0],
                               lambda: engines.scan_yr(path)[0])
                print(f"| {name} | {ratio:.1f}× |", flush=True)
        text = os.path.join(work, "text.bin")
        shutil.copyfile(made[2][1], text)
        os.truncate(text, 16 << 20)
        if args.only in (None, "loops"):
            loops(args, yr, work, text)
        mixed = args.mixed or made[2][1]
        if args.only in (None, "rest"):
            scan = [args.binary, "scan", "-w", engines.ours, mixed]
            one = [*scan, "-p", "1"]
            ratio = ratios(args.rounds, lambda: run([*scan, "-p", "2"])[0],
                           lambda: run(one)[0])
            print(f"\nTwo threads on one file: {ratio:.2f} times one.")
            print(f"Peak memory beside file and rules: {peak(one)} KiB")


if __name__ == "__main__":
    main()

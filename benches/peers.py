#!/usr/bin/env python3
"""Times dragnet beside YARA-X, libyara and boreal on the same rules and data.

    peers.py --rules DIR [--data DIR] [--rounds 5] [--megabytes 300]

Measured are whole processes, one thread: the compilation of all rules to a
file, the start with the compiled rules, one large file of mixed content and
one for each class of data, many small files, a part of the rules, and the
instruction sets. The data is made from the files of this machine. All
engines take their turns in each round, so that a change of the machine's
speed meets all of them; what is printed is the median of the ratios peer to
dragnet: above 1, dragnet is faster. libyara and boreal compile in each run;
what that takes on an empty file is subtracted. The rules that YARA-X and
dragnet report are compared, too.
"""

import argparse
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
sys.path.insert(0, os.path.join(ROOT, "tests", "differential"))
import corpus  # noqa: E402

EXTERNALS = ["filename", "filepath", "extension", "filetype", "owner"]
DEFINES = [f for e in EXTERNALS for f in ("-d", f'{e}=""')]
CLASSES = {
    "ELF": {"elf", "binary-.so"},
    "PE": {"pe"},
    "archives": {"archive", "compressed", "picture"},
    "text": {"source", "script-.py", "script-.js", "script-.pl", "markup",
             "document", "web", "script", "other-text", "data"},
}
LIBYARA = """
import sys, time, yara
listed, target = sys.argv[1:3]
paths = open(listed).read().splitlines()
rules = yara.compile(filepaths={p: p for p in paths},
                     externals={e: "" for e in sys.argv[3].split(",")})
start = time.perf_counter()
import os
targets = [target]
if os.path.isdir(target):
    targets = [os.path.join(target, n) for n in sorted(os.listdir(target))]
for path in targets:
    rules.match(path, timeout=3600)
print(time.perf_counter() - start)
"""


def fill(path, files, size):
    """One file of the given size from many."""
    written = 0
    with open(path, "wb") as out:
        while written < size:
            before = written
            for source in files:
                try:
                    with open(source, "rb") as file:
                        data = file.read(size - written)
                except OSError:
                    continue
                out.write(data)
                written += len(data)
                if written >= size:
                    break
            if written == before:
                raise SystemExit(f"nothing to fill {path} with")


def make_data(folder, megabytes, more=()):
    """The targets: a name and a path each."""
    roots = ["/usr", "/etc", "/opt", "/var/lib", os.path.expanduser("~")]
    roots.extend(more)
    chosen, _ = corpus.choose(roots, 100_000, megabytes << 20, 4096)
    kinds = {}
    for path in chosen:
        seen = corpus.look(path, 1)
        if seen:
            kinds.setdefault(seen[1], []).append(path)
    targets = []
    mixed = os.path.join(folder, "mixed.bin")
    fill(mixed, chosen, megabytes << 20)
    targets.append((f"mixed file, {megabytes} MB", mixed))
    for name, members in CLASSES.items():
        files = [p for k in sorted(members) for p in kinds.get(k, [])]
        if files:
            path = os.path.join(folder, f"{name}.bin")
            fill(path, files, (megabytes << 20) // 3)
            targets.append((f"{name}, {megabytes // 3} MB", path))
    texts = [p for k in sorted(CLASSES["text"]) for p in kinds.get(k, [])]
    for name, count, size in [("text files of 13 KB", 4000, 13_000),
                              ("files of 8 bytes", 2000, 8)]:
        path = os.path.join(folder, f"small-{size}")
        os.mkdir(path)
        blob = os.path.join(folder, "text.bin")
        if not os.path.exists(blob):
            fill(blob, texts, 4000 * 13_000)
        with open(blob, "rb") as source:
            for number in range(count):
                with open(os.path.join(path, f"{number}.txt"), "wb") as out:
                    out.write(source.read(size))
        targets.append((f"{count} {name}", path))
    return targets


def run(arguments):
    start = time.perf_counter()
    done = subprocess.run(arguments, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    elapsed = time.perf_counter() - start
    if done.returncode not in (0, 3):
        raise SystemExit(f"{arguments[0]} failed: "
                         f"{done.stderr[-2000:].decode(errors='replace')}")
    return elapsed, done.stdout


class Engines:
    def __init__(self, args, files, work):
        self.args, self.files, self.work = args, files, work
        self.ours = os.path.join(work, "rules.drs")
        self.theirs = os.path.join(work, "rules.yrc")
        self.listed = os.path.join(work, "rules.txt")
        with open(self.listed, "w") as out:
            out.writelines(path + "\n" for path in files)
        self.named = [f"n{i}:{path}" for i, path in enumerate(files)]
        self.yr = shutil.which(args.yr)
        self.boreal = shutil.which(args.boreal)
        try:
            import yara  # noqa: F401
            self.libyara = True
        except ImportError:
            self.libyara = False
        self.base = {}

    def compile_ours(self):
        return run([self.args.binary, "compile", "-w", "-o", self.ours,
                    *DEFINES, *self.named])

    def compile_yr(self):
        defines = [a if a != "-d" else "--define" for a in DEFINES]
        return run([self.yr, "compile", "-w", "--relaxed-re-syntax", "-o",
                    self.theirs, *defines, *self.named])

    def scan_ours(self, target, *flags):
        return run([self.args.binary, "scan", "-w", "--threads", "1", *flags,
                    self.ours, target])

    def scan_yr(self, target):
        recursive = ["--recursive"] if os.path.isdir(target) else []
        return run([self.yr, "scan", "-C", "--threads", "1", *recursive,
                    self.theirs, target])

    def scan_libyara(self, target):
        _, out = run([sys.executable, "-c", LIBYARA, self.listed, target,
                      ",".join(EXTERNALS)])
        return float(out), b""

    def scan_boreal(self, target):
        rules = [f for path in self.files for f in ("-f", path)]
        return run([self.boreal, "scan", "-w", "--threads", "1", *DEFINES,
                    *rules, target])

    def peers(self):
        """Name, scan, and whether a run compiles first."""
        if self.yr:
            yield "YARA-X", self.scan_yr, False
        if self.libyara:
            yield "libyara", self.scan_libyara, False
        if self.boreal:
            yield "boreal", self.scan_boreal, True


def lines(out):
    return {line.split()[0] + b" " + line.split(b"/")[-1]
            for line in out.splitlines() if line and b" " in line}


class Table:
    def __init__(self):
        self.rows = {}

    def add(self, row, peer, ratio):
        self.rows.setdefault(row, {}).setdefault(peer, []).append(ratio)

    def print(self):
        peers = sorted({p for row in self.rows.values() for p in row},
                       reverse=True)
        print("| | " + " | ".join(peers) + " |")
        print("|---|" + "---|" * len(peers))
        for row, of in self.rows.items():
            cells = [f"{statistics.median(of[p]):.1f}×" if p in of else ""
                     for p in peers]
            print(f"| {row} | " + " | ".join(cells) + " |")


def rounds(args, engines, targets, table, label=""):
    empty = os.path.join(engines.work, "five-bytes")
    with open(empty, "wb") as out:
        out.write(b"12345")
    for number in range(args.rounds):
        print(f"round {number + 1}{label}", file=sys.stderr, flush=True)
        ours, _ = engines.compile_ours()
        if engines.yr:
            theirs, _ = engines.compile_yr()
            table.add("compile" + label, "YARA-X", theirs / ours)
        start, _ = engines.scan_ours(empty)
        idle = {}
        for peer, scan, compiles in engines.peers():
            idle[peer], _ = scan(empty)
            if peer == "libyara":
                continue
            table.add("start" + label, peer, idle[peer] / start)
        for name, target in targets:
            ours, found = engines.scan_ours(target)
            for peer, scan, compiles in engines.peers():
                theirs, out = scan(target)
                theirs -= idle[peer] if compiles else 0
                table.add(name + label, peer, theirs / ours)
                if peer == "YARA-X" and number == 0:
                    differ = len(lines(found) ^ lines(out))
                    if differ:
                        print(f"{name}: {differ} results differ from YARA-X",
                              file=sys.stderr)
            if not name.startswith("mixed") or label:
                continue
            for isa in ("avx2", "scalar"):
                forced, _ = engines.scan_ours(
                    target, "--literal-engine", isa)
                theirs = table.rows[name].get("YARA-X")
                if theirs:
                    table.add(f"{name}, {isa} only", "YARA-X",
                              theirs[-1] * ours / forced)


def rule_files(rules):
    return sorted(
        os.path.join(folder, name)
        for folder, _, names in os.walk(rules) for name in names
        if name.endswith((".yar", ".yara")))


def arguments(doc, rounds):
    """What all comparisons take."""
    parser = argparse.ArgumentParser(
        description=doc,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--yr", default="yr")
    parser.add_argument("--boreal", default="boreal")
    parser.add_argument(
        "--binary",
        default=os.path.join(ROOT, "target", "release", "dragnet"))
    return parser


def main():
    parser = arguments(__doc__, 5)
    parser.add_argument("--rules", required=True)
    parser.add_argument("--data", action="append", default=[],
                        help="a folder with more files, also below /tmp; "
                             "fetch-data.sh makes one")
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--json", help="also write the figures here")
    args = parser.parse_args()
    files = rule_files(args.rules)
    table = Table()
    with tempfile.TemporaryDirectory(prefix="dragnet-bench-") as work:
        targets = make_data(work, args.megabytes, args.data)
        engines = Engines(args, files, work)
        rounds(args, engines, targets, table)
        size = os.path.getsize(engines.ours) / 1e6
        few = Engines(args, files[::len(files) // 12][:12], work)
        rounds(args, few, targets[:1], table, ", some rules")
        print(f"{len(files)} rule files, compiled set {size:.1f} MB")
    table.print()
    if args.json:
        with open(args.json, "w") as out:
            json.dump(table.rows, out, indent=1)


if __name__ == "__main__":
    main()

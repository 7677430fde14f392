#!/usr/bin/env python3
"""Feeds the command with hostile rules and data at full size.

    hostile.py [--binary PATH] [--memory MIB] [--seconds N]

Each case runs in a process of its own with a limit on memory and time. A
case fails when the process is killed, panics, or ends with an exit code that
is not one of 0, 1, 2 and 3.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


def one(pattern):
    return f"rule r {{ strings: $a = {pattern} condition: $a }}\n"


def rules():
    """Name and text of each hostile rule file, made when needed."""
    n = 200_000
    yield "200,000 parentheses", (
        "rule r { condition: " + "(" * n + "true" + ")" * n + " }")
    yield "200,000 open parentheses", "rule r { condition: " + "(" * n
    yield "200,000 negations", (
        "rule r { condition: " + "not " * n + "true }")
    yield "200,000 groups", one("/x" + "(" * n + "y" + ")" * n + "/")
    yield "200,000 hex groups", one(
        "{ 01 " + "( " * n + "02" + " )" * n + " }")
    yield "200,000 patterns", (
        "rule r { strings:\n"
        + "".join(f'$p{i} = "pattern {i:07}"\n' for i in range(n))
        + "condition: any of them }")
    yield "200,000 patterns in rules of 1,000", "".join(
        f"rule r{r} {{ strings:\n"
        + "".join(f'$p{i} = "pattern {r:03} {i:05}"\n' for i in range(1000))
        + "condition: any of them }\n" for r in range(n // 1000))
    yield "100 MB of rules", "".join(
        f"rule r{i} {{ meta: d = \"{'x' * 400}\" strings: $a = "
        f'"text of rule {i:08}" condition: $a }}\n'
        for i in range(210_000))
    yield "100 MB of one comment", "/*" + "x" * 100_000_000
    yield "100 MB of one text", 'rule r { strings: $a = "' + "x" * 100_000_000
    yield "100 MB of letters", "x" * 100_000_000
    yield "100 MB of braces", "{" * 100_000_000
    yield "50,000 broken rules", "rule { condition: } " * 50_000
    yield "50,000 rules of one name", (
        "rule r { condition: true } " * 50_000)
    yield "100,000 operands", (
        "rule r { condition: " + " or ".join(["filesize == 1"] * 100_000)
        + " }")
    for bomb in (
            "/(a+)+b/", "/(a*)*b/", "/((a{1,100}){1,100}){1,100}/",
            "/((((a{1,100}b){1,100}c){1,100}d){1,100}e){1,100}/",
            "/(x+x+)+y/", "/(a?){1000}a{1000}/", "/[a-z]{1,30000}y/",
            "/a.{0,4294967295}b/s", "/(a|b|ab)*c/", "/.*.*.*.*x/s",
            "/(\\w+\\s*)+!/", "{ ?? [0-9999999] ?? }",
            "{ 61 [0-9999999] 62 [0-9999999] 63 }", '"a" base64',
            '"a" xor', "/a*/", "/./", "{ 61 }"):
        yield bomb, one(bomb)


def run(args, arguments):
    def limits():
        memory = args.memory << 20
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    start = time.time()
    try:
        done = subprocess.run(
            [args.binary, *arguments], stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, timeout=args.seconds, preexec_fn=limits)
    except subprocess.TimeoutExpired:
        return "timeout", time.time() - start
    seconds = time.time() - start
    if done.returncode not in (0, 1, 2, 3):
        return f"exit code {done.returncode}", seconds
    if b"panicked" in done.stderr:
        return "panic", seconds
    return None, seconds


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memory", type=int, default=8192)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--only", default="")
    parser.add_argument(
        "--binary",
        default=os.path.join(ROOT, "target", "release", "dragnet"))
    args = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "rules.yar")
        targets = {
            "one letter": b"a" * 2_000_000,
            "pairs": b"ab" * 1_000_000,
            "words": b"x aa xa a!" * 200_000,
        }
        for name, data in targets.items():
            with open(os.path.join(work, name), "wb") as file:
                file.write(data)
        fifo = os.path.join(work, "fifo")
        os.mkfifo(fifo)
        for name, text in rules():
            if args.only not in name:
                continue
            with open(path, "w") as file:
                file.write(text)
            jobs = [("check", ["check", path])]
            if len(text) < 1000:
                jobs += [(f"scan {t}", ["scan", "--rules", path,
                                        os.path.join(work, t)])
                         for t in targets]
            for job, arguments in jobs:
                problem, seconds = run(args, arguments)
                failed += bool(problem)
                print(f"{problem or 'ok':12} {seconds:7.2f} s  "
                      f"{name}: {job}", flush=True)
        with open(path, "w") as file:
            file.write(one('"needle"'))
        for target in (fifo, "/dev", "/proc", "/sys", "/no/such/file"):
            if args.only:
                continue
            problem, seconds = run(
                args, ["scan", "--rules", path, target])
            failed += bool(problem)
            print(f"{problem or 'ok':12} {seconds:7.2f} s  {target}",
                  flush=True)
    print(f"{failed} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

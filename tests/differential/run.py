#!/usr/bin/env python3
"""Compares dragnet with YARA-X and libyara on real rules and real files.

    run.py --rules DIR --list FILES [--mode rules|patterns] [--oracle-only]

`rules`: the rules as they are; what is compared is the set of (rule,
pattern, offset, length) of the rules that hold. Rules whose result hangs on
the clock or on a module without a parser are left out unless --all-rules is
given.
`patterns`: every condition is replaced by `any of them`, so that the matches
of all patterns are compared.

The answers of the reference engines are kept under --cache. The exit code is
1 if dragnet differs from YARA-X in a way that explain.py does not know.

Needs: pip install yara-python==4.5.4 yara-x==1.23.0 (or later), and
`cargo build --release`.
"""

import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile
import time

import explain
import oracle
import rulefile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def read_rules(folder, mode):
    sources = {}
    for directory, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            if name.endswith((".yar", ".yara")):
                path = os.path.join(directory, name)
                with open(path, "rb") as file:
                    text = file.read()
                if mode == "patterns":
                    text = rulefile.every_pattern(text)
                sources[os.path.relpath(path, folder)] = text
    return sources


def left_out(sources):
    """Rules that hang on the clock or on a module without a parser."""
    modules = rulefile.WITHOUT_PARSER | rulefile.CLOCK_MODULES
    out = set()
    for name, text in sources.items():
        found = rulefile.rules(text)
        names = rulefile.rules_with_modules(found, modules)
        out.update(f"{name}:{rule}" for rule in names)
    return out


def dragnet(binary, sources, paths, threads):
    """Scans all files in one run; answers by path."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = [binary, "scan", "--format", "ndjson", "--skip-bad",
                     "--disable-warnings", "--match-bytes", "0",
                     "--timeout", "600", "--threads", str(threads)]
        for name in oracle.EXTERNALS:
            arguments += ["-d", f'{name}=""']
        # A namespace is an identifier, which a file name is not.
        namespaces = {}
        for number, (name, text) in enumerate(sources.items()):
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(text)
            namespaces[f"n{number}"] = name
            arguments += ["--rules", f"n{number}:{path}"]
        targets = os.path.join(folder, "targets")
        with open(targets, "w") as file:
            file.writelines(path + "\n" for path in paths)
        arguments += ["--scan-list", targets]
        run = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, text=True)
        answers = collections.defaultdict(dict)
        others = []
        for line in run.stdout:
            row = json.loads(line)
            if row["type"] != "match":
                others.append(row)
                continue
            for rule in row["rules"]:
                patterns = {}
                for string in rule["strings"]:
                    patterns.setdefault(string["identifier"], []).append(
                        (string["offset"], string["length"]))
                file = namespaces[rule["namespace"]]
                name = f'{file}:{rule["identifier"]}'
                answers[row["path"]][name] = {
                    k: oracle.fold(v) for k, v in patterns.items()}
        run.wait()
    return answers, others, run.returncode


def differences(ours, theirs, ignored):
    """(rule, pattern, ours, theirs) for each list that differs; pattern
    None: the rule itself is reported by one engine only."""
    for rule in sorted(set(ours) | set(theirs)):
        if rule in ignored:
            continue
        if (rule in ours) != (rule in theirs):
            yield rule, None, rule in ours, rule in theirs
            continue
        a, b = ours[rule], theirs[rule]
        for pattern in sorted(set(a) | set(b)):
            left, right = a.get(pattern, []), b.get(pattern, [])
            if left != right:
                yield rule, pattern, left, right


def short(value):
    text = json.dumps(value)
    return text if len(text) < 160 else text[:157] + "..."


def report(name, pairs, sources, ignored, limit):
    """Prints the grouped differences; returns how many are unexplained."""
    groups = collections.defaultdict(list)
    for path, ours, theirs in pairs:
        if "" in theirs:
            print(f"{name} failed on {path}: {theirs['']}")
            continue
        for rule, pattern, left, right in differences(ours, theirs, ignored):
            groups[rule, pattern].append((path, left, right))
    unexplained = 0
    reasons = collections.Counter()
    for (rule, pattern), cases in sorted(
            groups.items(), key=lambda g: (g[0][0], g[0][1] or "")):
        file, bare = rule.rsplit(":", 1)
        text = explain.pattern_text(sources[file], bare, pattern)
        reason = explain.explain(text, pattern, cases)
        if reason:
            reasons[reason] += len(cases)
            continue
        unexplained += len(cases)
        limit -= 1
        if limit >= 0:
            path, left, right = cases[0]
            print(f"{rule} {pattern or ''} in {len(cases)} files\n"
                  f"    {text[:200]}\n    {path}\n"
                  f"    ours  {short(left)}\n    {name:5} {short(right)}")
    for reason, count in reasons.most_common():
        print(f"  {count:6} explained: {reason}")
    print(f"{name}: {unexplained} differences without explanation")
    return unexplained


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rules", required=True)
    parser.add_argument("--list", required=True)
    parser.add_argument("--mode", choices=["rules", "patterns"],
                        default="rules")
    parser.add_argument("--all-rules", action="store_true")
    parser.add_argument("--oracle-only", action="store_true")
    parser.add_argument("--engine", action="append",
                        choices=["yara-x", "libyara"])
    parser.add_argument("--largest", type=int, default=1 << 40)
    parser.add_argument("--first", type=int, default=1 << 40)
    parser.add_argument("--limit", type=int, default=50)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--binary",
        default=os.path.join(ROOT, "target", "release", "dragnet"))
    parser.add_argument(
        "--cache",
        default=os.path.expanduser("~/.cache/dragnet-differential"))
    args = parser.parse_args()

    sources = read_rules(args.rules, args.mode)
    with open(args.list) as file:
        paths = [line.rstrip("\n") for line in file]
    paths = [p for p in paths if os.path.exists(p)
             and os.path.getsize(p) <= args.largest][: args.first]
    names = args.engine or ["yara-x", "libyara"]
    engines = [oracle.Cached(e, sources, args.cache, "-" + args.mode)
               for e in (oracle.YaraX, oracle.LibYara) if e.name in names]
    theirs = {}
    started = time.time()
    for engine in engines:
        theirs[engine.name] = {}
        for path in paths:
            with open(path, "rb") as file:
                theirs[engine.name][path] = engine.scan(file.read())
        print(f"{engine.name}: {len(paths)} files in "
              f"{time.time() - started:.0f} s, "
              f"{len(engine.rejected)} rule files rejected", flush=True)
    if args.oracle_only:
        return 0

    skipped = (left_out(sources)
               if args.mode == "rules" and not args.all_rules else set())
    started = time.time()
    ours, others, code = dragnet(args.binary, sources, paths, args.threads)
    kinds = collections.Counter(
        row["type"] for row in others)
    print(f"dragnet: {time.time() - started:.0f} s, exit code {code}, "
          f"other rows {dict(kinds)}, {len(skipped)} rules left out")
    bad = 0
    for engine in engines:
        gone = set(engine.rejected)
        ignored = skipped | {r for answer in ours.values() for r in answer
                             if r.rsplit(":", 1)[0] in gone}
        pairs = [(p, ours.get(p, {}), theirs[engine.name][p]) for p in paths]
        count = report(engine.name, pairs, sources, ignored, args.limit)
        if engine.name == "yara-x":
            bad += count
    return 1 if bad or code not in (0, 1) else 0


if __name__ == "__main__":
    sys.exit(main())

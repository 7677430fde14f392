#!/usr/bin/env python3
"""Compares every field of the file-format modules with the other engines.

    modules.py -m elf -m macho PATH... [--dragnet target/debug/dragnet]

`dragnet dump` and `yr dump` print all fields of each file below the paths;
what both have must be the same, and what YARA-X has must be there. Fields
that YARA-X lacks are compared with libyara, and must be those that it never
has. The exit code is 1 if there is a difference that KNOWN does not name.
`fetch-samples.py` has files.

A `yr` that was built without a module (as a rule olecf, vba and msi) prints
nothing of it: no values are compared then.

Needs: yr (YARA-X) on the PATH or in --yr, pip install yara-python==4.5.4 yara-x.
"""

import argparse
import base64
import collections
import json
import os
import re
import subprocess
import sys

import yara
import yara_x

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

# (module, pattern of the path without numbers) -> why it is different.
KNOWN = {
    ("macho", r"(file\.)?dysymtab\..*"):
        "YARA-X reads 16 of the 18 numbers, those from the fifth on as the "
        "ones two places before them",
    ("macho", r"(file\.)?linker_options"):
        "YARA-X expects a space behind each option, which is a zero byte",
    ("elf", r"yara: telfhash\(\)"):
        "libyara gives an empty text where there are too few names",
    ("elf", r"yara_x: telfhash\(\)"):
        "YARA-X does not always find the first and the last quartile",
    ("elf", r"yara: import_md5\(\)"):
        "libyara has no hash where nothing is imported",
    ("pe", r"more: signatures\.countersignatures\.sign_time"):
        "YARA-X does not read the time out of a token (RFC 3161)",
    ("dotnet", r"L:classes\.namespace"):
        "libyara has an empty text for the global name space",
    ("dotnet", "a whole file"):
        "YARA-X lays out the tables behind one of more than 15,000 rows wrong",
    ("dex", "a whole file"):
        "YARA-X reads as many bytes of a text as it has units of UTF-16, "
        "and counts on without the texts that it cannot read",
    ("crx", r"yara_x: permhash\(\)"):
        "YARA-X has no manifest where an item of a list is no text",
    ("elf", r"L:(dynamic.*|dynamic_section_entries)"):
        "libyara counts the entry that ends the dynamic section",
}


def has_wide_text(ours, _):
    texts = [value for place, value in ours.items()
             if place[0] == "strings" and place[1] != "#"]
    return len(texts) != ours.get(("strings", "#"), 0) or not all(
        text.isascii() and "\0" not in text for text in texts)


def has_long_table(ours, theirs):
    last = ("number_of_assembly_refs",)
    return theirs.get(last, 0) < ours.get(last, 0)


# Whether YARA-X reads all of a file wrong, so that no field says anything.
WHOLE = {"dex": has_wide_text, "dotnet": has_long_table}


def constants(module):
    """Names of constants and enumerations, from the reference page."""
    values = {}
    with open(os.path.join(ROOT, "docs/modules", module + ".md")) as page:
        for line in page:
            cells = [cell.strip(" `") for cell in line.split("|")]
            if len(cells) > 3 and re.fullmatch(r"[\w.]+", cells[1]):
                name, value = cells[1].split(".")[-1], cells[2]
                if re.fullmatch(r"-?(0x[0-9a-fA-F]+|\d+)", value):
                    values.setdefault(name, int(value, 0))
    return values


def leaves(tree, path=()):
    if isinstance(tree, dict) and tree.get("encoding") == "base64":
        yield path, base64.b64decode(tree["value"])
    elif isinstance(tree, dict) and tree.get("encoding") == "timestamp":
        yield path, tree["value"]
    elif isinstance(tree, dict):
        for key, value in tree.items():
            yield from leaves(value, path + (key,))
    elif isinstance(tree, (list, tuple)):
        if tree:
            yield path + ("#",), len(tree)
        for at, value in enumerate(tree):
            yield from leaves(value, path + (at,))
    elif tree is not None:
        yield path, tree


def plain(value, names):
    """Without differences of notation: enumerations, booleans, bytes."""
    if isinstance(value, str) and value in names:
        return names[value]
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if isinstance(value, str):
        if "\ufffd" in value or "\\x" in value:
            return "?"
    return value


def dump(command, path):
    run = subprocess.run(command + [path], capture_output=True)
    try:
        return json.loads(run.stdout or b"{}", strict=False)
    except ValueError:
        print(f"{path}: {' '.join(command)}: {run.stderr[:200]}")
        return {}


def libyara(module, path):
    got = {}

    def keep(data):
        if data["module"] == module:
            got.update(data)
        return yara.CALLBACK_CONTINUE

    try:
        rule = f'import "{module}" rule r {{ condition: true }}'
        yara.compile(source=rule).match(path, modules_callback=keep)
    except yara.Error as error:
        print(f"{path}: libyara: {error}")
    return got


# Functions without arguments, and the engine that has them.
FUNCTIONS = {
    "pe": [("imphash", yara_x), ("imphash", yara)],
    "elf": [("telfhash", yara_x), ("telfhash", yara),
            ("import_md5", yara_x), ("import_md5", yara)],
    "macho": [(name, yara_x) for name in
              ("symhash", "dylib_hash", "import_hash", "export_hash",
               "entitlement_hash")],
    "dex": [("checksum", yara_x), ("signature", yara_x)],
    "crx": [("permhash", yara_x)],
}


def calls(module, path, ours):
    """Results of functions that another engine does not give: it is asked
    whether it has ours, or, where we have none, whether it has any."""
    # For other objects, YARA-X has digests of nothing.
    if not ours:
        return
    with open(path, "rb") as file:
        data = file.read()
    for name, engine in FUNCTIONS.get(module, []):
        if engine is yara and module not in yara.modules:
            continue
        value = ours.get((name,))
        call = f"{module}.{name}()"
        wanted = f"not defined {call}" if value is None \
            else f"{call} == {json.dumps(value)}"
        source = f'import "{module}" rule r {{ condition: {wanted} }}'
        if engine is yara:
            found = yara.compile(source=source).match(data=data)
        else:
            found = yara_x.compile(source).scan(data).matching_rules
        yield engine, name, value, bool(found)


def shape(path):
    return ".".join(str(s) for s in path if isinstance(s, str) and s != "#")


def reason(module, name):
    for (owner, pattern), why in KNOWN.items():
        if owner == module and re.fullmatch(pattern, name):
            return why
    return None


def compare(module, path, args, names, found, more, counts):
    ours = dump([args.dragnet, "dump", "-m", module, "-o", "json"], path)
    theirs = dump([args.yr, "dump", "-m", module, "-o", "json"], path)
    ours = dict(leaves(ours.get(module, {})))
    theirs = dict(leaves(theirs.get(module, {})))
    old = {}
    if module in args.libyara:
        old = dict(leaves(libyara(module, path)))
    for engine, name, value, same in calls(module, path, ours):
        counts[module, "functions"] += 1
        if not same:
            name = f"{engine.__name__}: {name}()"
            found[module, name].append((path, (name,), value, "another"))
    if module in WHOLE and WHOLE[module](ours, theirs):
        counts[module, "skipped"] += len(theirs)
        found[module, "a whole file"].append((path, ("all",), "", ""))
        return
    for place, value in ours.items() if theirs else ():
        if place not in theirs:
            more[module, shape(place)].append((path, place, value, None))
    for place, value in theirs.items():
        counts[module, "YARA-X"] += 1
        counts[module, "has", shape(place)] += 1
        mine = ours.get(place)
        if plain(mine, names) != plain(value, names):
            found[module, shape(place)].append((path, place, mine, value))
    for place, value in old.items():
        if place in theirs or place[0] in names or place == ("module",):
            continue
        # An undefined field of a structure stands there as nothing.
        mine = ours.get(place)
        counts[module, "libyara"] += 1
        if plain(mine, names) != plain(value, names):
            name = "L:" + shape(place)
            found[module, name].append((path, place, mine, value))


def files(paths):
    for path in paths:
        if os.path.isdir(path):
            for folder, _, names in sorted(os.walk(path)):
                for name in sorted(names):
                    yield os.path.join(folder, name)
        else:
            yield path


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("paths", nargs="+")
    parser.add_argument("-m", "--module", action="append", required=True)
    parser.add_argument("--dragnet", default=f"{ROOT}/target/debug/dragnet")
    parser.add_argument("--yr", default="yr")
    parser.add_argument("--limit", type=int, default=1 << 30)
    args = parser.parse_args()
    args.libyara = {"pe", "elf", "macho", "dotnet", "dex"} & set(yara.modules)
    names = {module: constants(module) for module in args.module}
    found = collections.defaultdict(list)
    more = collections.defaultdict(list)
    counts = collections.Counter()
    total = 0
    for path in files(args.paths):
        if os.path.islink(path) or not os.path.isfile(path):
            continue
        if total >= args.limit:
            break
        total += 1
        for module in args.module:
            compare(module, path, args, names[module], found, more, counts)
    # What YARA-X has in other files, but not where we have it.
    for (module, name), cases in more.items():
        if counts[module, "has", name]:
            found[module, "more: " + name] = cases
    unknown = 0
    for (module, name), cases in sorted(found.items()):
        why = reason(module, name)
        unknown += why is None
        mark = "known" if why else "DIFFERENT"
        print(f"{mark}: {module}.{name}: {len(cases)} times {why or ''}")
        for path, place, mine, value in cases[: 0 if why else 3]:
            where = ".".join(map(str, place))
            print(f"    {path}: {where}: {mine!r:.90}, not {value!r:.90}")
    for (module, engine, *rest), count in sorted(counts.items()):
        if not rest:
            print(f"{module}: {count} values of {engine} in {total} files")
    sys.exit(1 if unknown else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Chooses real files of this machine to scan, of all kinds.

    corpus.py --out LIST [--files 3200] [--megabytes 600] [ROOT...]

The choice depends only on the paths, so that the same machine gives the same
list. Each kind gets an equal share as long as it has files.
"""

import argparse
import hashlib
import os
import stat
import sys

SKIP = {"/proc", "/sys", "/dev", "/run", "/tmp"}
LARGEST = 4 << 20


def kind(path, head):
    if head.startswith(b"\x7fELF"):
        return "elf"
    if head.startswith(b"MZ"):
        return "pe"
    if head[:4] in (b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe"):
        return "macho-class"
    if head.startswith(b"#!"):
        return "script"
    if head.startswith((b"PK\x03\x04", b"!<arch>", b"7z\xbc\xaf")):
        return "archive"
    if head.startswith((b"\x1f\x8b", b"\xfd7zXZ", b"BZh", b"(\xb5/\xfd")):
        return "compressed"
    if head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")):
        return "picture"
    if head.startswith(b"%PDF"):
        return "pdf"
    extension = os.path.splitext(path)[1].lower()
    if extension in {".html", ".htm", ".xml", ".svg", ".css"}:
        return "markup"
    if extension in {".txt", ".md", ".rst", ".1", ".pod", ".tex"}:
        return "document"
    if extension in {".php", ".jsp", ".asp", ".aspx", ".ps1", ".bat"}:
        return "web"
    if extension in {".py", ".js", ".pl", ".pm", ".rb", ".sh", ".lua"}:
        return "script-" + extension
    if extension in {".c", ".h", ".rs", ".go", ".hpp", ".pyi", ".java"}:
        return "source"
    if extension in {".pyc", ".mo", ".woff2", ".so", ".a", ".rlib"}:
        return "binary-" + extension
    if extension in {".json", ".yaml", ".yml", ".toml", ".conf", ".ini"}:
        return "data"
    if extension in {".yar", ".yara"}:
        return "rules"
    return "other" if b"\0" in head else "other-text"


def walk(roots):
    for root in roots:
        for folder, folders, names in os.walk(root):
            if folder in SKIP:
                folders.clear()
                continue
            folders.sort()
            for name in sorted(names):
                yield os.path.join(folder, name)


def look(path, smallest):
    """Size and kind of a plain file that can be read; else None."""
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode):
            return None
        if not smallest <= status.st_size <= LARGEST:
            return None
        with open(path, "rb") as file:
            return status.st_size, kind(path, file.read(512))
    except OSError:
        return None


def choose(roots, files, budget, smallest):
    order = lambda p: hashlib.sha1(os.fsencode(p)).digest()
    paths = sorted(set(walk(roots)), key=order)
    kinds = {}
    per_kind = max(files // 4, 50)
    for path in paths:
        if "\n" in path or not path.isprintable():
            continue
        seen = look(path, smallest)
        if seen and len(kinds.setdefault(seen[1], [])) < per_kind:
            kinds[seen[1]].append((path, seen[0]))
    chosen, total = [], 0
    while len(chosen) < files and any(kinds.values()):
        for name in sorted(kinds):
            if not kinds[name] or len(chosen) >= files:
                continue
            path, size = kinds[name].pop(0)
            if total + size <= budget:
                total += size
                chosen.append(path)
    return chosen, total


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True)
    parser.add_argument("--files", type=int, default=3200)
    parser.add_argument("--megabytes", type=int, default=600)
    parser.add_argument("--smallest", type=int, default=1)
    parser.add_argument("roots", nargs="*")
    args = parser.parse_args()
    roots = args.roots or ["/usr", "/etc", "/opt", "/var", "/bin",
                           os.path.expanduser("~")]
    chosen, total = choose(
        roots, args.files, args.megabytes << 20, args.smallest)
    with open(args.out, "w") as out:
        out.writelines(path + "\n" for path in chosen)
    print(f"{len(chosen)} files, {total >> 20} MiB", file=sys.stderr)


if __name__ == "__main__":
    main()

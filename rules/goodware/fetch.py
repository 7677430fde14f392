#!/usr/bin/env python3
"""Builds the corpus of clean files that rules are tested against.

    fetch.py DIR                 download and unpack what packages.toml lists
    fetch.py DIR --add KIND NAME...   also take these packages, and list them

KIND is debian, pypi or npm. Packages come through apt-get, pip and npm; each
is compared with its hash before it is unpacked, and one that is unpacked
already is left alone. The corpus stays outside of the repository.
"""

import argparse
import hashlib
import pathlib
import subprocess
import sys
import tarfile
import tomllib
import urllib.parse
import zipfile

MANIFEST = pathlib.Path(__file__).with_name("packages.toml")
KINDS = ("debian", "pypi", "npm")
HEADER = """\
# Packages whose files no rule may take for a shell: version and SHA-256 of the
# archive. Written by fetch.py; add to it with `fetch.py DIR --add`.
"""


def download(kind, name, version, directory):
    """Downloads one package and returns the path of its archive."""
    directory.mkdir(parents=True, exist_ok=True)
    before = set(directory.iterdir())
    joint = {"debian": "=", "pypi": "==", "npm": "@"}[kind]
    wanted = name + joint + version if version else name
    command = {
        "debian": ["apt-get", "download", "-q", wanted],
        "pypi": ["pip", "download", "-q", "--no-deps", "--no-binary=:none:", wanted],
        "npm": ["npm", "pack", "--silent", wanted],
    }[kind]
    subprocess.run(command, cwd=directory, check=True, stdout=subprocess.DEVNULL)
    new = set(directory.iterdir()) - before
    if len(new) != 1:
        raise RuntimeError(f"{wanted}: {len(new)} files came")
    return new.pop()


def archive_version(kind, name, path):
    """Reads the version from the name of an archive."""
    stem = urllib.parse.unquote(path.name)
    if kind == "debian":
        return stem.split("_")[1]
    if kind == "npm":
        return stem.removesuffix(".tgz")[len(name.strip("@").replace("/", "-")) + 1 :]
    return stem.removesuffix(".tar.gz").removesuffix(".zip").split("-")[1]


def unpack(kind, path, target):
    """Unpacks an archive into a folder of its own."""
    target.mkdir(parents=True)
    if kind == "debian":
        subprocess.run(["dpkg-deb", "-x", path, target], check=True)
    elif path.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(target)
    else:
        with tarfile.open(path) as archive:
            archive.extractall(target, filter="data")


def take(kind, name, entry, top):
    """Downloads, compares and unpacks; returns version and hash."""
    version, digest = entry or (None, None)
    target = top / kind / name.replace("/", "-")
    if entry and target.is_dir():
        return entry
    path = download(kind, name, version, top / "archives" / kind)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest and found != digest:
        raise RuntimeError(f"{name}: {found} instead of {digest}")
    unpack(kind, path, target)
    found_version = version or archive_version(kind, name, path)
    path.unlink()
    return [found_version, found]


def write(manifest):
    lines = [HEADER]
    for kind in KINDS:
        lines.append(f"[{kind}]\n")
        for name, (version, digest) in sorted(manifest[kind].items()):
            lines.append(f'"{name}" = ["{version}", "{digest}"]\n')
        lines.append("\n")
    MANIFEST.write_text("".join(lines).rstrip("\n") + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--add", nargs="+", metavar=("KIND", "NAME"))
    options = parser.parse_args()
    manifest = {kind: {} for kind in KINDS}
    if MANIFEST.exists():
        manifest |= tomllib.loads(MANIFEST.read_text())
    if options.add:
        kind, *names = options.add
        if kind not in KINDS:
            parser.error(f"KIND is one of {', '.join(KINDS)}")
        wanted = [(kind, name) for name in names]
    else:
        wanted = [(kind, name) for kind in KINDS for name in manifest[kind]]
    top = options.directory.resolve()
    failed = 0
    for kind, name in wanted:
        try:
            taken = take(kind, name, manifest[kind].get(name), top)
        except (RuntimeError, subprocess.CalledProcessError, OSError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            failed += 1
            continue
        manifest[kind][name] = taken
    if options.add:
        write(manifest)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

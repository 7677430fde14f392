#!/usr/bin/env python3
"""Writes engine/src/prefilter/pair_costs.bin: how rare each pair of bytes is.

    pair_costs.py OUT [DIR...]

Counts pairs of bytes, upper case folded to lower, in up to 160 MB of binary
and 80 MB of text files below the directories, and writes for each pair
-8 * log2(frequency) as one byte. A window of a pattern is chosen by the sum of
these costs, so only their order matters, not the exact files. Needs numpy.
"""

import os
import random
import sys

import numpy as np

LIMITS = {"binary": 160 << 20, "text": 80 << 20}


def files(roots):
    found = []
    for root in roots:
        for folder, _, names in os.walk(root):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    found.append(path)
    found.sort()
    random.Random(7).shuffle(found)
    return found


def main():
    out = sys.argv[1]
    roots = sys.argv[2:] or ["/usr/bin", "/usr/lib", "/usr/share"]
    counts = np.zeros(1 << 16)
    taken = dict.fromkeys(LIMITS, 0)
    for path in files(roots):
        try:
            with open(path, "rb") as file:
                data = file.read(2 << 20)
        except OSError:
            continue
        kind = "binary" if b"\0" in data[:4096] else "text"
        if len(data) < 200 or taken[kind] > LIMITS[kind]:
            continue
        taken[kind] += len(data)
        folded = np.frombuffer(data, dtype=np.uint8).copy()
        folded[(folded >= 65) & (folded <= 90)] += 32
        pairs = folded[:-1].astype(np.int64) * 256 + folded[1:]
        counts += np.bincount(pairs, minlength=1 << 16)
    counts += 2.0
    costs = np.round(-8 * np.log2(counts / counts.sum()))
    with open(out, "wb") as file:
        file.write(np.clip(costs, 0, 255).astype(np.uint8).tobytes())


main()

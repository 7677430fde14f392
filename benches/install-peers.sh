#!/bin/sh
# Installs the engines that benches/peers.py and tests/differential compare
# with: the commands into DIR/bin, the Python modules into DIR/python.
#
#     benches/install-peers.sh DIR
#     PATH=DIR/python/bin:DIR/bin:$PATH cargo bench --bench peers -- --rules …
set -eu
dir=${1:?usage: install-peers.sh DIR}
cargo install yara-x-cli --version 1.22.1 --locked --root "$dir"
cargo install boreal-cli --version 1.4.0 --locked --root "$dir"
python3 -m venv "$dir/python"
"$dir/python/bin/pip" install --quiet yara-python==4.5.4 yara-x

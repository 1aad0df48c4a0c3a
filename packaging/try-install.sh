#!/usr/bin/env bash
# Installs the program with `cargo install` into a new folder and runs it from there.
# Usage: packaging/try-install.sh   Cargo reuses what it has already compiled in the target folder.
set -euo pipefail
cd "$(dirname "$0")/.."

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cargo install --locked --path crates/seeker-sim --root "$root" --target-dir "${CARGO_TARGET_DIR:-target}" --no-track
"$root/bin/seeker-sim" --version
"$root/bin/seeker-sim" run --duration 1s --rate 100/s >/dev/null
# Two files would mean that tests or tools are installed, too.
[ "$(ls "$root/bin")" = seeker-sim ] || { echo "$0: other programs were installed: $(ls "$root/bin")" >&2; exit 1; }
echo 'cargo install: installs and runs'

#!/usr/bin/env bash
# Builds a wheel with maturin, in target/packages. Cargo reuses what it has already compiled for the same profile and target folder.
# Usage: packaging/wheel.sh [options of `maturin build`, such as --profile dist]   (default --release)
set -euo pipefail
cd "$(dirname "$0")/.."

(($#)) || set -- --release
target=${CARGO_TARGET_DIR:-$PWD/target}
triple=$(rustc -vV | sed -n 's/^host: //p')
previous=
for argument; do
  [ "$previous" != --target ] || triple=$argument
  previous=$argument
done
case $triple in
  # A static program runs beside any C library.
  *-linux-musl) set -- "$@" --compatibility manylinux2014 --compatibility musllinux_1_1 ;;
esac
out=$PWD/target/packages
python=$(command -v python3 || command -v python)
licences=packaging/python/licences
rm -rf "$licences"
mkdir -p "$licences"
cp LICENSE-MIT LICENSE-APACHE "$licences/"
"$python" packaging/third_party_licences.py "$triple" >"$licences/THIRD-PARTY-LICENCES"
cd packaging/python
"$python" -m maturin build --locked --target-dir "$target" --out "$out" "$@"

#!/usr/bin/env bash
# Builds the Python wheel, installs it in a new virtual environment and runs the program from there.
# Usage: packaging/try-wheel.sh   Needs python3 with venv, and PyPI for maturin.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/tools"
"$work/tools/bin/pip" install --quiet 'maturin>=1.16,<2'

# A wheel of the release that is already built takes no compilation.
target=${CARGO_TARGET_DIR:-target}
was_built=false
if [ -e "$target/release/seeker-sim" ]; then
  cargo build --release --locked -p seeker-sim
  was_built=true
fi
rm -f target/packages/*.whl
PATH=$work/tools/bin:$PATH packaging/wheel.sh --release --color never 2>&1 | tee "$work/log"
if $was_built && grep -q 'Compiling ' "$work/log"; then
  echo "$0: maturin compiled again what cargo had built" >&2
  exit 1
fi

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-index target/packages/*.whl
"$work/venv/bin/seeker-sim" --version
"$work/venv/bin/seeker-sim" run --duration 1s --rate 100/s >/dev/null
echo "$(echo target/packages/*.whl): installs and runs"

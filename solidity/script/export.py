"""
Writes the contracts as Python uses them: `nft/chain/artifacts/<Contract>.json`.

    python solidity/script/export.py            # compile, then write
    python solidity/script/export.py Weth       # only this one
    python solidity/script/export.py --root D   # the same below another folder

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
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

SOLIDITY = Path(__file__).resolve().parent.parent
ROOT = SOLIDITY.parent
FORGE = SOLIDITY / "node_modules" / "@foundry-rs" / "forge-linux-amd64" / "bin" / "forge"

OURS = Path("nft/chain/artifacts")
FOREIGN = Path("tests/support/artifacts")
CONTRACTS = {
    "Anchors": ("src/Anchors.sol", OURS),
    "Auctions": ("src/Auctions.sol", OURS),
    "Collection": ("src/Collection.sol", OURS),
    "CollectionFactory": ("src/CollectionFactory.sol", OURS),
    "Exchange": ("src/Exchange.sol", OURS),
    "Splitter": ("src/Splitter.sol", OURS),
    "SplitterFactory": ("src/SplitterFactory.sol", OURS),
    "Validator": ("src/Validator.sol", OURS),
    "Weth": ("src/local/Weth.sol", OURS),
    "ConsecutiveToken": ("test/doubles/ConsecutiveToken.sol", FOREIGN),
    "CrowdToken": ("test/doubles/CrowdToken.sol", FOREIGN),
    "NamespacedToken": ("test/doubles/LayoutTokens.sol", FOREIGN),
    "PlainToken": ("test/doubles/PlainToken.sol", FOREIGN),
    "PushingBuyer": ("test/doubles/PushingBuyer.sol", FOREIGN),
    "RowToken": ("test/doubles/LayoutTokens.sol", FOREIGN),
    "ShiftedToken": ("test/doubles/LayoutTokens.sol", FOREIGN),
    "SoladyToken": ("test/doubles/LayoutTokens.sol", FOREIGN),
}
"""Each contract's source, and the folder of the repository that its artifact goes to."""

HAND_PLACED: dict[str, list[dict[str, Any]]] = {
    "Collection": [
        {
            "label": "ownershipWord",
            "slot": "2 * tokenId + keccak256(tokenId with its low 32 bits replaced by the seed)",
            "seed": "0x7d882553",
            "fields": [
                {"label": "owner", "bit": 0, "bits": 160},
                {"label": "royaltyBps", "bit": 160, "bits": 14},
                {"label": "frozen", "bit": 174, "bits": 1},
                {"label": "approved", "bit": 175, "bits": 1},
                {"label": "payee", "bit": 176, "bits": 32},
                {"label": "transferCount", "bit": 208, "bits": 48},
            ],
        },
        {
            "label": "approval",
            "slot": "the slot of the ownershipWord + 1",
            "fields": [{"label": "account", "bit": 0, "bits": 160}],
        },
        {
            "label": "balance",
            "slot": "keccak256(account, 20 bytes, and the seed, 8 bytes)",
            "seed": "0x0a5a2e7a00000000",
            "fields": [{"label": "works", "bit": 0, "bits": 32}],
        },
    ],
}
"""What a contract keeps at slots that the compiler knows nothing of."""

_SETTINGS = (
    "additional_compiler_profiles",
    "bytecode_hash",
    "cbor_metadata",
    "evm_version",
    "remappings",
)
_PACKAGES = ("@openzeppelin/contracts", "solady", "solc")


def source_hash(source: str, root: Path = SOLIDITY) -> str:
    """
    SHA-256 over the sources, the settings and the locked packages.

    The sources are the file and everything of ours that it imports, near or far.

    Independent of the machine, of the order of a directory and of anything that cannot change
    the bytecode.
    """
    profile = tomllib.loads((root / "foundry.toml").read_text())["profile"]["default"]
    locked = json.loads((root / "package-lock.json").read_text())["packages"]
    restrictions = [rule for rule in profile["compilation_restrictions"] if rule["paths"] == source]
    facts = {
        "packages": {name: locked[f"node_modules/{name}"]["integrity"] for name in _PACKAGES},
        "settings": {
            "compilation_restrictions": restrictions,
            **{name: profile[name] for name in _SETTINGS},
        },
        "sources": {
            path.relative_to(root.resolve()).as_posix(): _sha256(path)
            for path in _closure((root / source).resolve())
        },
    }
    return "0x" + hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _closure(source: Path) -> list[Path]:
    """A source and all that it imports by a relative path; packages are locked by their hash."""
    found: dict[Path, None] = {}
    waiting = [source]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path] = None
            relative = re.findall(r'from "(\.[^"]+)"', path.read_text())
            waiting += [(path.parent / name).resolve() for name in relative]
    return list(found)


def compile_source(source: str, into: Path) -> None:
    """Compile one contract with what it imports and nothing else, into a folder of its own."""
    folders = ("--out", str(into / "out"), "--cache-path", str(into / "cache"))
    subprocess.run(
        [str(FORGE), "build", source, "--force", "--quiet", "--ast", *folders],
        cwd=SOLIDITY,
        check=True,
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


def _immutables(references: dict[str, Any], out: Path) -> dict[str, Any]:
    """
    Where each immutable stands in the deployed code, by its name in the source.

    The compiler numbers them by its syntax tree, which knows their names.
    """
    names: dict[str, str] = {}
    for path in out.glob("*.sol/*.json"):
        waiting = [json.loads(path.read_text()).get("ast")]
        while waiting:
            node = waiting.pop()
            if isinstance(node, dict):
                if node.get("nodeType") == "VariableDeclaration":
                    names[str(node["id"])] = node["name"]
                waiting += node.values()
            elif isinstance(node, list):
                waiting += node
    found = {names[number]: places for number, places in references.items()}
    if len(found) != len(references):
        raise ValueError(f"two immutables of one name: {sorted(names[n] for n in references)}")
    return found


def artifacts(source: str, names: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Compile one source and draw up the artifacts of these contracts in it."""
    with tempfile.TemporaryDirectory() as folder:
        compile_source(source, Path(folder))
        for name in names:
            yield name, _artifact(source, name, Path(folder) / "out")


def _artifact(source: str, name: str, out: Path) -> dict[str, Any]:
    built = json.loads((out / Path(source).name / f"{name}.json").read_text())
    immutables = _immutables(built["deployedBytecode"].get("immutableReferences", {}), out)
    return {
        "contractName": name,
        "abi": built["abi"],
        "bytecode": built["bytecode"]["object"],
        "deployedBytecode": built["deployedBytecode"]["object"],
        "immutableReferences": immutables,
        "storageLayout": _layout(built["storageLayout"])
        | ({"handPlaced": HAND_PLACED[name]} if name in HAND_PLACED else {}),
        "sourceHash": source_hash(source),
    }


def export(root: Path, names: Sequence[str] = ()) -> None:
    """Compile contracts, all or those named, and write each as a stable text below `root`."""
    wanted: dict[str, list[str]] = {}
    for name in names or CONTRACTS:
        wanted.setdefault(CONTRACTS[name][0], []).append(name)
    for source, together in wanted.items():
        for name, found in artifacts(source, together):
            _, folder = CONTRACTS[name]
            (root / folder).mkdir(parents=True, exist_ok=True)
            text = json.dumps(found, indent=1, sort_keys=True) + "\n"
            (root / folder / f"{name}.json").write_text(text)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository to write into")
    parser.add_argument("names", nargs="*", metavar="CONTRACT", help="default: every one")
    given = parser.parse_args()
    unknown = sorted(set(given.names) - CONTRACTS.keys())
    if unknown:
        parser.error(f"not exported: {', '.join(unknown)}; known are {', '.join(CONTRACTS)}")
    export(given.root, given.names)


if __name__ == "__main__":
    main()

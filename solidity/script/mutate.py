"""
Changes the contracts in many small ways and looks whether the tests notice.

    python solidity/script/mutate.py --sample 120          # so many mutants, by a fixed seed
    python solidity/script/mutate.py --only bases/Sales    # those of some sources
    python solidity/script/mutate.py --list                # what would be done

Each mutant changes one line of one source: a comparison turned, a condition dropped or inverted, a
statement left out, an operator or a bound exchanged. It counts as killed when a test fails; one
that does not compile, or gives the same bytecode, is no mutant. Works on a copy; the tree is never
touched. Survivors that change nothing a caller can see are named with their reason in
`audit/survivors.json`; the rest must be fewer than a tenth.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOLIDITY = Path(__file__).resolve().parent.parent
FORGE = SOLIDITY / "node_modules" / "@foundry-rs" / "forge-linux-amd64" / "bin" / "forge"
SURVIVORS = SOLIDITY / "audit" / "survivors.json"
SEED = 0x56455253
LEAST_KILLED = 0.9


SOURCES = (
    *("bases/Sales", "bases/Listings", "bases/Offers", "bases/Makers", "bases/Tills"),
    *("bases/Credits", "bases/Governed", "bases/Works", "bases/Identity"),
    *("Anchors", "Auctions", "Collection", "CollectionFactory", "Splitter", "SplitterFactory"),
    *("libraries/AuctionTerms", "libraries/AuctionWord", "libraries/MakerWord"),
    *("libraries/OwnershipWord", "libraries/OrderHash", "libraries/Signatures"),
    *("libraries/BoundedCalls", "libraries/PackedShares"),
)
"""The sources that decide about money and works."""

_EXCHANGES = (
    (r" == ", " != "),
    (r" != ", " == "),
    (r" < ", " <= "),
    (r" > ", " >= "),
    (r" <= ", " < "),
    (r" >= ", " > "),
    (r" && ", " || "),
    (r" \|\| ", " && "),
    (r" \+ ", " - "),
    (r" - ", " + "),
    (r" \* ", " / "),
    (r" / ", " * "),
    (r" \+= ", " -= "),
    (r" -= ", " += "),
    (r"\bif \((?!false)", "if (!"),
    (r"\btrue\b", "false"),
    (r"\bfalse\b", "true"),
)
_STATEMENT = re.compile(
    r"^\s+(?!return|revert|emit|unchecked|assembly|uint|bool|address|bytes)[\w\[\]().,: +]+;$"
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One line of one source, changed."""

    source: str
    line: int
    before: str
    after: str

    @property
    def name(self) -> str:
        """What names it, whatever moves around it."""
        return f"{self.source}: {self.before.strip()} -> {self.after.strip() or 'nothing'}"


def mutants_of(source: str) -> Iterator[Mutant]:
    """Every mutant of a source."""
    lines = (SOLIDITY / "src" / f"{source}.sol").read_text().splitlines()
    for number, line in enumerate(lines):
        code = line.split("//")[0]
        if not code.strip() or code.strip().startswith(
            ("*", "/", "import", "pragma", "error", "event")
        ):
            continue
        for pattern, instead in _EXCHANGES:
            for found in re.finditer(pattern, code):
                after = code[: found.start()] + instead + code[found.end() :]
                if pattern.startswith(r"\bif"):
                    after = _inverted(code, found.start())
                if after:
                    yield Mutant(source, number, line, after)
        if _STATEMENT.match(code):
            yield Mutant(source, number, line, "")


def _inverted(code: str, start: int) -> str:
    """The line with its one-line condition inverted, or nothing where it spans lines."""
    depth = 0
    opening = code.index("(", start)
    for end in range(opening, len(code)):
        depth += {"(": 1, ")": -1}.get(code[end], 0)
        if depth == 0:
            return f"{code[:opening]}(!({code[opening + 1 : end]})){code[end + 1 :]}"
    return ""


class Copy:
    """A copy of the contracts in which mutants are tried, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "solidity"
        for name in ("src", "test", "script", "foundry.toml", "snapshots"):
            source = SOLIDITY / name
            copy = shutil.copytree if source.is_dir() else shutil.copy
            self.root.mkdir(exist_ok=True)
            copy(source, self.root / name)
        (self.root / "node_modules").symlink_to(SOLIDITY / "node_modules")
        for path in ("tests/vectors", "tests/support/artifacts", "nft/chain/artifacts"):
            shutil.copytree(SOLIDITY.parent / path, folder / path)

    def forge(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run forge with the profile for mutants."""
        return subprocess.run(
            [str(FORGE), *arguments],
            cwd=self.root,
            env={**os.environ, "FOUNDRY_PROFILE": "mutants", "FOUNDRY_FUZZ_RUNS": "32"},
            capture_output=True,
            text=True,
            check=False,
            timeout=1200,
        )

    def tests_pass(self) -> bool:
        """Whether the tests pass, as far as they mean anything of a build that is not deployed."""
        told = self.forge(
            *("test", "--fail-fast", "--no-match-path", "test/{gas,invariant,symbolic}/**"),
            *("--no-match-test", "BLD0"),
        )
        return told.returncode == 0

    def try_out(self, mutant: Mutant) -> str:
        """`killed`, `survived` or `void`."""
        path = self.root / "src" / f"{mutant.source}.sol"
        whole = path.read_text()
        lines = whole.splitlines(keepends=True)
        lines[mutant.line] = mutant.after + "\n"
        path.write_text("".join(lines))
        try:
            if self.forge("build").returncode != 0:
                return "void"
            return "survived" if self.tests_pass() else "killed"
        except subprocess.TimeoutExpired:
            return "killed"
        finally:
            path.write_text(whole)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--only", nargs="*", default=list(SOURCES))
    parser.add_argument("--sample", type=int, default=0, help="how many; 0: all")
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args()
    mutants = [mutant for source in given.only for mutant in mutants_of(source)]
    if given.sample:
        mutants = random.Random(SEED).sample(mutants, min(given.sample, len(mutants)))
    if given.list:
        print("\n".join(mutant.name for mutant in mutants))
        print(len(mutants))
        return
    known: dict[str, str] = json.loads(SURVIVORS.read_text()) if SURVIVORS.exists() else {}
    sys.exit(not _try_all(mutants, known))


def _try_all(mutants: list[Mutant], known: dict[str, str]) -> bool:
    """Whether enough are killed; prints each that is not."""
    counts = {"killed": 0, "survived": 0, "void": 0, "explained": 0}
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        # What is deployed by name must have been built: a filtered run builds only what it runs.
        if copy.forge("build").returncode or not copy.tests_pass():
            raise SystemExit("the tests fail without any mutant")
        for number, mutant in enumerate(mutants, 1):
            begun = time.monotonic()
            found = copy.try_out(mutant)
            if found == "survived" and mutant.name in known:
                found = "explained"
            counts[found] += 1
            seconds = time.monotonic() - begun
            print(f"{number}/{len(mutants)} {found:9} {seconds:4.0f} s  {mutant.name}", flush=True)
    alive = counts["killed"] + counts["survived"]
    share = counts["killed"] / alive if alive else 0.0
    print(f"{counts}: {share:.1%} of the mutants that change something are killed")
    return share >= LEAST_KILLED


if __name__ == "__main__":
    main()

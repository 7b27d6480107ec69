"""
Reads the contracts with slither and proves their arithmetic with halmos; fails on what is new.

    python solidity/script/analyze.py              # both
    python solidity/script/analyze.py slither      # one
    python solidity/script/analyze.py --accept     # write today's findings to the triage file

Slither's findings are held against `audit/triage.json`, where each that stays has its reason; one
that is not there fails, and one that nothing matches any more is told. Halmos must prove each
`check_…` in `test/symbolic` and find a counterexample for each `check_False_…`: a proof that its
false twin would pass too shows nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SOLIDITY = Path(__file__).resolve().parent.parent
TOOLS = SOLIDITY.parent / ".venv-audit" / "bin"
FORGE = SOLIDITY / "node_modules" / "@foundry-rs" / "forge-linux-amd64" / "bin"
TRIAGE = SOLIDITY / "audit" / "triage.json"

LOUD = ("High", "Medium", "Low")
"""The impacts that must be triaged; what is informational is style."""

UNASKED = ("timestamp",)
"""Detectors left out: every window of time is signed in seconds, and what this one follows from the
clock differs from run to run."""

SOLVER_SECONDS = 600
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_RESULT = re.compile(r"\[(PASS|FAIL|TIMEOUT|ERROR)\] (check_\w+)")


def _run(profile: str, *command: str) -> subprocess.CompletedProcess[str]:
    path = f"{TOOLS}:{FORGE}:{os.environ['PATH']}"
    return subprocess.run(
        command,
        cwd=SOLIDITY,
        env={**os.environ, "PATH": path, "FOUNDRY_PROFILE": profile, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def findings() -> dict[str, dict[str, str]]:
    """Slither's findings in `src` by their id, which does not depend on line numbers."""
    built = _run("quick", "forge", "build", "src", "--build-info", "--force")
    if built.returncode:
        raise SystemExit(built.stderr)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "slither.json"
        found = _run(
            "quick",
            *("slither", ".", "--ignore-compile", "--foundry-out-directory", "out-quick"),
            *("--filter-paths", "node_modules", "--exclude", ",".join(UNASKED)),
            *("--json", str(report)),
        )
        if not report.exists():
            raise SystemExit(found.stderr)
        answer: dict[str, Any] = json.loads(report.read_text())
    return {
        one["id"]: {
            "check": f"{one['impact']}: {one['check']}",
            "what": re.sub(r" \(src/[^)]*\)", "", one["description"].splitlines()[0]).strip(),
        }
        for one in answer["results"].get("detectors", ())
        if one["impact"] in LOUD
    }


def slither(*, accept: bool) -> bool:
    """Whether every finding is triaged, with a reason, and every triage still found."""
    found = findings()
    known: dict[str, dict[str, str]] = json.loads(TRIAGE.read_text()) if TRIAGE.exists() else {}
    if accept:
        known = _with_reasons(found, known)
        TRIAGE.write_text(json.dumps(known, indent=1) + "\n")
    new = [one for key, one in found.items() if key not in known]
    gone = [one for key, one in known.items() if key not in found]
    silent = [one for one in known.values() if not one["reason"]]
    for words, ones in (("new", new), ("no longer found", gone), ("without a reason", silent)):
        for one in ones:
            print(f"slither, {words}: {one['check']}: {one['what']}")
    print(f"slither: {len(found)} findings, {len(new)} of them new")
    return not (new or silent)


def _with_reasons(
    found: dict[str, dict[str, str]], known: dict[str, dict[str, str]]
) -> dict[str, dict[str, str]]:
    """Findings in a stable order, with the reasons that were given to them, or to their like."""
    alike = {(one["check"], one["what"]): one["reason"] for one in known.values()}
    kept = {
        key: {**one, "reason": alike.get((one["check"], one["what"]), "")}
        for key, one in found.items()
    }
    return dict(sorted(kept.items(), key=lambda item: (item[1]["check"], item[1]["what"])))


def halmos() -> bool:
    """Whether each property is proved and each false twin refuted."""
    told = _run(
        "symbolic",
        *("halmos", "--function", "check_", "--forge-build-out", "out-symbolic"),
        *("--solver-timeout-assertion", str(SOLVER_SECONDS * 1000)),
    )
    results = {
        name: word for word, name in _RESULT.findall(_COLOUR.sub("", told.stdout + told.stderr))
    }
    wrong = {
        name: word
        for name, word in results.items()
        if word != ("FAIL" if name.startswith("check_False_") else "PASS")
    }
    for name, word in wrong.items():
        print(f"halmos: {name} answered {word}")
    if not results:
        print(told.stdout, told.stderr)
    twins = sum(name.startswith("check_False_") for name in results)
    print(f"halmos: {len(results) - twins} properties, {twins} false twins, {len(wrong)} wrong")
    return bool(results) and not wrong


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("tools", nargs="*", default=["slither", "halmos"])
    parser.add_argument("--accept", action="store_true", help="write today's findings down")
    given = parser.parse_args()
    good = True
    if "slither" in given.tools:
        good &= slither(accept=given.accept)
    if "halmos" in given.tools:
        good &= halmos()
    sys.exit(not good)


if __name__ == "__main__":
    main()

"""
A report: ordered checks, what each rests on, and the verdict they add up to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from nft.verification.words import say

Result = Literal["pass", "fail", "not_checked"]
Linked = Literal["given", "rpc", "by proof", "no"]


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a report."""

    id: str
    result: Result
    required: bool
    detail: str
    input: str = ""


@dataclass(frozen=True, slots=True)
class BlockTrust:
    """A block that facts rest on, and why its hash is believed."""

    number: int
    hash: str
    linked: Linked


@dataclass(frozen=True, slots=True)
class Report:
    """Ordered checks and the verdict they add up to."""

    checks: tuple[Check, ...]
    blocks: tuple[BlockTrust, ...] = ()

    @property
    def verdict(self) -> Literal["pass", "fail", "incomplete"]:
        """fail when anything failed, incomplete when a required check did not run."""
        if any(check.result == "fail" for check in self.checks):
            return "fail"
        ran = all(check.result == "pass" for check in self.checks if check.required)
        return "pass" if ran else "incomplete"

    def as_json(self) -> dict[str, Any]:
        """The report as interfaces promise it."""
        return {
            "verdict": self.verdict,
            "valid": self.verdict == "pass",
            "checks": [
                {
                    "id": check.id,
                    "result": check.result,
                    "required": check.required,
                    "detail": check.detail,
                    "input": check.input,
                }
                for check in self.checks
            ],
            "blocks": [
                {"number": str(block.number), "hash": block.hash, "linked": block.linked}
                for block in self.blocks
            ],
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """What one source says to one question: the chain by proof, or a node by its word."""

    result: Result
    detail: str
    input: str = ""

    def as_check(self, name: str, *, required: bool) -> Check:
        """The line of a report that says so."""
        return Check(name, self.result, required, self.detail, self.input)


def passed(key: str, input: str = "", **values: str) -> Finding:
    """It holds."""
    return Finding("pass", say(key, **values), input)


def failed(key: str, input: str = "", **values: str) -> Finding:
    """It does not."""
    return Finding("fail", say(key, **values), input)


def unchecked(key: str, input: str = "", **values: str) -> Finding:
    """Nothing at hand could say."""
    return Finding("not_checked", say(key, **values), input)


def refused(key: str) -> Report:
    """The report on something that is no document of the kind asked for."""
    return Report((failed(key).as_check("document", required=True),))


def together(*findings: Finding) -> Finding:
    """Several sources on one question: who contradicts is heard first, then who confirms."""
    return min(findings, key=lambda found: ("fail", "pass", "not_checked").index(found.result))


def unless_unlinked(finding: Finding, number: int, *, is_linked: bool) -> Finding:
    """A fact of a block that is not linked is never a pass; a contradiction stays one."""
    if is_linked or finding.result != "pass":
        return finding
    return replace(finding, result="not_checked", detail=say("block.unlinked", number=str(number)))

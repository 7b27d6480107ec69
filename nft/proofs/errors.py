"""
What a node told and its own hashes deny.

* Unacceptable
  + Disproved: HeaderDisproved, ReceiptsDisproved, StateDisproved
  + FormUnknown             a form of data that this version cannot encode: no word against the node
  + EvidenceRefused         an evidence object that is not canonical, or that proves nothing
"""

from __future__ import annotations

from nft.errors import Unacceptable


class Disproved(Unacceptable):
    """The data does not hash to what it must: somebody altered, added or left out something."""


class HeaderDisproved(Disproved):
    """A header whose hash is not the one it is told under."""

    def __init__(self, number: str, why: str) -> None:
        super().__init__(f"header {number} is not what its hash says: {why}")


class ReceiptsDisproved(Disproved):
    """Receipts that do not make the root of their block's header."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the receipts are not those of the block: {why}")


class StateDisproved(Disproved):
    """A proof of state that does not lead from the root to what is told."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the proof of state does not hold: {why}")


class FormUnknown(Unacceptable):
    """A header, receipt or transaction of a form that came after this version."""

    def __init__(self, what: str) -> None:
        super().__init__(f"this version cannot prove {what}")


RULES = {
    "type": "something else stands there than the format has",
    "format": "the format is not one that this version knows",
    "members": "members are missing, or not of the format",
    "number": "numbers are plain decimal text below 2^64",
    "hex": "bytes are lower-case hex with 0x, of the right length",
    "size": "it is too large",
    "order": "items ascend, each stands once",
    "header": "it is no header of a block",
    "header.missing": "its block has no header here",
    "header.unused": "nothing here needs this header",
    "chain": "it is of another chain",
    "code.unused": "no account proven here has this code",
    "proof": "the proof does not lead from the root of its block",
    "receipt": "it is no receipt",
    "transaction": "it is no transaction",
}
"""What evidence must keep to, by the word that names the rule."""


class EvidenceRefused(Unacceptable):
    """Evidence that breaks a rule; the report of any verifier says the same sentence."""

    def __init__(self, rule: str, place: str, value: object = None, why: str = "") -> None:
        self.rule = rule
        self.place = place
        self.value = value
        self.why = why
        """More for developers; other programs word it otherwise."""
        super().__init__(f"evidence.{place}: {RULES[rule]}" if place else RULES[rule])

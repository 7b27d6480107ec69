"""
The one word for how far an intent has come: computed, never stored.

What the mirror shows outranks what a node says of a reported hash, and both outrank the wish to
abandon: a transaction that was mined has happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from api.intents.schemas import IntentState

Fate = Literal[
    "submitted", "in_block", "confirmed", "final", "failed", "replaced", "dropped", "unknown"
]

_HAPPENED: tuple[Fate, ...] = ("final", "confirmed", "in_block")
# A newer attempt that waits outranks an older one that failed.
_PENDING: tuple[Fate, ...] = ("submitted", "failed", "unknown", "replaced", "dropped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of an intent at one moment."""

    is_prepared: bool
    is_abandoned: bool
    is_expired: bool
    evidence: Fate | None = None
    """How firmly the mirror (or the book, for a signature) shows that it has happened."""
    fates: Sequence[Fate] = ()
    """What became of each transaction reported for the step that decides."""


def state_of(seen: Seen) -> IntentState:
    """The state of the whole."""
    if seen.evidence is not None:
        return seen.evidence
    for fate in _HAPPENED:
        if fate in seen.fates:
            return fate
    if seen.is_abandoned:
        return "abandoned"
    for fate in _PENDING:
        if fate in seen.fates:
            return fate
    if seen.is_expired:
        return "abandoned"
    return "prepared" if seen.is_prepared else "preparing"


def finality(block_number: int, *, safe: int, final: int) -> Fate:
    """How firm a block is, in the words of an intent."""
    if block_number <= final:
        return "final"
    return "confirmed" if block_number <= safe else "in_block"

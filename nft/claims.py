"""
Claims against a work, and how they end: somebody shows an earlier work, or a domain bound to them.

A claim is open until artist, owner or issuer answers; the issuer upholds or rejects it, with a
reason; whoever made it may withdraw it before that. Every step has its date and stays. Who is right
a program cannot say: it shows what was shown, and what was answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nft.errors import Conflict

State = Literal["open", "answered", "upheld", "rejected", "withdrawn"]
Basis = Literal["earlier_work", "bound_domain"]
Decision = Literal["upheld", "rejected"]
Role = Literal["artist", "owner", "issuer", "claimant"]

MOST_ANSWERS = 40
"""Of one claim; a court is elsewhere."""


class ClaimIsOver(Conflict):
    """The claim was decided or withdrawn: nothing is added to it."""

    def __init__(self, state: str) -> None:
        self.claim_state = state
        super().__init__(f"the claim is {state}; what was said stays as it was")


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What has happened to a claim so far."""

    answers: tuple[Role, ...] = ()
    decision: Decision | None = None
    is_withdrawn: bool = False

    @property
    def state(self) -> State:
        """Computed, and the one word for it."""
        if self.is_withdrawn:
            return "withdrawn"
        if self.decision is not None:
            return self.decision
        return "answered" if any(role != "claimant" for role in self.answers) else "open"

    def check_goes_on(self) -> None:
        """Raises `ClaimIsOver` when nothing may be added."""
        if self.state not in ("open", "answered"):
            raise ClaimIsOver(self.state)


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """Where a mint stands in the history of one chain, or of several by their clocks."""

    timestamp: int
    block: int
    log: int


def is_earlier(shown: Moment, disputed: Moment, *, same_chain: bool) -> bool:
    """Whether one mint came before another: by place on one chain, else by the blocks' times."""
    if same_chain:
        return (shown.block, shown.log) < (disputed.block, disputed.log)
    return shown.timestamp < disputed.timestamp

"""
The kinds of sale, one small module each.

A kind has a `propose`: it reads what was asked for and answers with a `Proposal`
(`api.sales.proposals`), which says what is needed, what will be signed and how it is said.
Preparing, nonces and steps are the same for all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.parts import Parts
from api.sales.proposals import Proposal


@dataclass(frozen=True, slots=True)
class Desk:
    """What a kind works with: the session, the parts, the time."""

    session: AsyncSession
    parts: Parts
    now: datetime

    @property
    def seconds(self) -> int:
        """The time in Unix seconds."""
        return int(self.now.timestamp())


Propose = Callable[[Desk, Any], Awaitable[Proposal]]

"""
Whether a signature is of now: posted soon after it was made, and not made in the future.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from api.standing.errors import SignatureTooOld

CLOCK_SLACK = timedelta(minutes=5)


def check_fresh(issued_at: int, now: datetime, *, seconds: int, otherwise: str) -> datetime:
    """The signed Unix time as a moment. Raises `SignatureTooOld`, saying `otherwise`."""
    try:
        issued = datetime.fromtimestamp(issued_at, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise SignatureTooOld("it is no time") from error
    if issued > now + CLOCK_SLACK or now - issued > timedelta(seconds=seconds):
        raise SignatureTooOld(otherwise)
    return issued

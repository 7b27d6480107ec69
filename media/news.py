"""
Saying that an upload or a pin moved, to whoever waits for it.

The word goes out with the transaction that moved it, so news means that the rows can be read.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

CHANNEL = "vernissage_media"


def tell(session: Session, subject: str) -> None:
    """Something moved about an upload (its id) or a content (its CID)."""
    session.execute(
        text("SELECT pg_notify(:channel, :said)"), {"channel": CHANNEL, "said": subject[:200]}
    )

"""
Links to files that are not public: for whoever holds one, for a while, and for one content.

The media origin has no cookies, so an upload's owner is given an address that nobody can guess
and that ends by itself. Works are previewed from it by the very code that shows them later.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from nft.errors import Missing

PLACE = "/_private/"
LASTS = timedelta(hours=12)
_LABEL = b"vernissage private content 1"


class LinkNotValid(Missing):
    """The address was not given out by us, or its time is over."""

    def __init__(self) -> None:
        super().__init__("this link to a file that is not public is unknown, or its time is over")


def url_of(media_url: str, secret_key: bytes, cid: str, *, now: datetime) -> str:
    """Where the holder of this text can see a content until `LASTS` from now, and a little more."""
    # Steps of an hour: a page that is loaded again finds the picture that it has.
    until = (int((now + LASTS).timestamp()) // 3600 + 1) * 3600
    return f"{media_url}{PLACE}{until}-{_mac(secret_key, cid, until)}/{cid}"


def check(secret_key: bytes, ticket: str, cid: str, *, now: datetime) -> str:
    """The `place` for `media.gateway.Asked`. Raises `LinkNotValid`."""
    until, _, mac = ticket.partition("-")
    is_number = until.isascii() and until.isdigit() and len(until) <= 12
    if not is_number or int(until) <= now.timestamp():
        raise LinkNotValid
    if not hmac.compare_digest(mac.encode(), _mac(secret_key, cid, int(until)).encode()):
        raise LinkNotValid
    return f"{PLACE}{ticket}/"


def _mac(secret_key: bytes, cid: str, until: int) -> str:
    key = hmac.digest(secret_key, _LABEL, hashlib.sha256)
    return hmac.digest(key, f"{until} {cid}".encode(), hashlib.sha256).hex()[:40]

"""
Values in documents, read in their one form; another spelling of the same value is refused.

Both verifiers must read alike, so these rules are narrow: JSON that has one meaning only, decimal
numbers as strings, bytes as lower-case hex.
"""

from __future__ import annotations

import re
from typing import Any

from nft.certificates import rfc3339
from nft.errors import Unacceptable
from nft.integrity import Document
from nft.strict_json import NotStrict, parse
from nft.types import UINT256_MAX, Address, Digest, parse_uint

_DIGEST = re.compile(r"0x[0-9a-f]{64}")
_SMALL = 2**53
_LAST_SECOND = 253_402_300_799
"""Of the year 9999: a header may say more, a document cannot."""


class Malformed(Unacceptable):
    """A part of a document is missing or of another form; which one, no report says."""


def read_json(data: bytes) -> Document:
    """The object that this text is. Raises `Malformed`."""
    try:
        found = parse(data)
    except NotStrict as error:
        raise Malformed("no JSON of one meaning") from error
    if not isinstance(found, dict):
        raise Malformed("no object")
    return found


def member(value: Any, *names: str) -> Any:
    """What stands under these names, one below the other. Raises `Malformed`."""
    for name in names:
        if not isinstance(value, dict) or name not in value:
            raise Malformed(name)
        value = value[name]
    return value


def text(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise Malformed("no text")
    return value


def items(value: Any) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise Malformed("no list")
    return value


def uint(value: Any, *, maximum: int = UINT256_MAX) -> int:
    """A whole number written as a decimal string."""
    try:
        return parse_uint(text(value), maximum=maximum)
    except Unacceptable as error:
        raise Malformed("no number") from error


def small(value: Any) -> int:
    """A whole number below 2^53, as JSON writes numbers."""
    if type(value) is not int or not 0 <= value < _SMALL:
        raise Malformed("no small number")
    return value


def digest(value: Any) -> Digest:
    """Thirty-two bytes in lower-case hex."""
    if not _DIGEST.fullmatch(text(value)):
        raise Malformed("no digest")
    return Digest.parse(value)


def address(value: Any) -> Address:
    """An address with its EIP-55 checksum."""
    try:
        found = Address.parse(text(value))
    except Unacceptable as error:
        raise Malformed("no address") from error
    if str(found) != value:
        raise Malformed("an address in another spelling")
    return found


def time_of(timestamp: int | None) -> str:
    """A header's time as documents write it; empty where they could not."""
    if timestamp is None or timestamp > _LAST_SECOND:
        return ""
    return rfc3339(timestamp)

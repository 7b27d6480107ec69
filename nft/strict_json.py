"""
JSON that means the same to every reader: what documents of `CERTIFICATES.md` are read with.

Python, JavaScript and others differ where a name stands twice, where a number is above 2^53 or no
whole one, and where half of a surrogate pair stands alone. Such a text is no document of ours, so
that nobody can sign one that two verifiers understand differently.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from nft.errors import Unacceptable

MAX_DEPTH = 64
"""Objects and lists within each other; the outermost counts."""

MAX_SAFE = 2**53 - 1

MEANING = (
    "it is not JSON that has one meaning only (UTF-8, no name twice, whole numbers below 2^53, "
    "no half of a surrogate pair, at most 64 levels)"
)
"""Said of every such text, whatever is wrong with it: a second reader may meet it elsewhere."""

_HALF = re.compile("[\ud800-\udfff]")


class NotStrict(Unacceptable):
    """A text that is not JSON, or that readers could understand differently."""

    def __init__(self) -> None:
        super().__init__(MEANING)


def parse(data: bytes) -> Any:
    """The value of a text in UTF-8 without a byte order mark. Raises `NotStrict`."""
    try:
        found = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_whole,
            parse_float=_refuse,
            parse_constant=_refuse,
        )
        _check(found, 1)
    except (ValueError, RecursionError) as error:
        raise NotStrict from error
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrict
    return found


def _whole(digits: str) -> int:
    # Length first: the conversion of a long text is quadratic.
    if len(digits) > 17 or digits == "-0" or abs(int(digits)) > MAX_SAFE:
        raise NotStrict
    return int(digits)


def _refuse(_: str) -> NoReturn:
    raise NotStrict


def _check(value: Any, depth: int) -> None:
    if isinstance(value, str):
        if _HALF.search(value):
            raise NotStrict
    elif isinstance(value, dict | list):
        if depth > MAX_DEPTH:
            raise NotStrict
        if isinstance(value, dict):
            for name in value:
                _check(name, depth)
        for item in value.values() if isinstance(value, dict) else value:
            _check(item, depth + 1)

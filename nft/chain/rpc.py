"""
JSON-RPC 2.0 as bytes: requests made, and answers put in the order of what was asked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from nft.chain.errors import AnswerInconsistent, RateLimited, translate
from nft.errors import ChainUnreachable

Request = tuple[str, list[Any]]
"""A method and its parameters."""

LARGEST_REFUSAL = 2**18
"""Bytes; a node that asks us to wait does not send megabytes besides."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


def body(requests: Sequence[Request]) -> bytes:
    """One request as an object, several as a batch numbered from zero."""
    told = [
        {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        for number, (method, params) in enumerate(requests)
    ]
    return _encode(told[0] if len(told) == 1 else told)


def decoded(raw: bytes) -> Any:
    """The document, or None where it is none."""
    try:
        return _decode(raw)
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(raw)  # It takes text that is no Unicode, as in a contract's reasons.
    except (ValueError, RecursionError):
        return None


def answers(name: str, raw: bytes, count: int) -> list[dict[str, Any]]:
    """
    The answers in the order asked, `result` or `error` each.

    Raises `AnswerInconsistent` when members of a batch are missing or foreign, and what a refusal
    of a whole batch says.
    """
    document = decoded(raw)
    if isinstance(document, dict):
        if count == 1 and document.get("id") in (0, None):
            return [document]
        if isinstance(document.get("error"), dict):
            raise translate(document["error"])
    if isinstance(document, dict) or (isinstance(document, list) and count == 1):
        raise AnswerInconsistent(f"{name} answered something else than was asked")
    if not isinstance(document, list) or not all(isinstance(one, dict) for one in document):
        raise ChainUnreachable(f"{name}: not a JSON-RPC answer")
    by_id = {one.get("id"): one for one in document if isinstance(one.get("id"), int)}
    if len(document) != count or by_id.keys() != set(range(count)):
        raise AnswerInconsistent(f"{name} left members of a batch out")
    return [by_id[number] for number in range(count)]


def check_rate(raw: bytes) -> None:
    """Raise `RateLimited` if the answer, or a member of it, asks us to wait."""
    if len(raw) > LARGEST_REFUSAL or b'"error"' not in raw:
        return
    document = decoded(raw)
    for one in document if isinstance(document, list) else [document]:
        if isinstance(one, dict) and isinstance(one.get("error"), dict):
            error = translate(one["error"])
            if isinstance(error, RateLimited):
                raise error

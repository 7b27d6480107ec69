"""
Recursive Length Prefix: the one form in which headers, receipts and tries are hashed.

Encoding puts pieces together; decoding accepts only what encoding would give, so that no two byte
strings mean the same.
"""

from __future__ import annotations

from binascii import Error, unhexlify

from nft.errors import Unacceptable

Item = bytes | list["Item"]

EMPTY = b"\x80"
"""The empty string."""

DEEPEST = 32
"""Lists within lists: a node of a trie has no room for more, and nothing else of a chain has."""


class NotCanonical(Unacceptable):
    """Bytes that no encoder makes."""

    def __init__(self, why: str) -> None:
        super().__init__(f"not canonical RLP: {why}")


def prefix(size: int, offset: int) -> bytes:
    """What stands before a string (`offset` 0x80) or a list (0xc0) of that many bytes."""
    if size < 56:
        return bytes((offset + size,))
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((offset + 55 + len(length),)) + length


def encode_bytes(value: bytes) -> bytes:
    """A string."""
    if len(value) == 1 and value[0] < 0x80:
        return value
    return prefix(len(value), 0x80) + value


def encode_int(value: int) -> bytes:
    """A number: its bytes without leading zeros."""
    return encode_bytes(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def encode_list(payload: bytes) -> bytes:
    """A list whose items are encoded already."""
    return prefix(len(payload), 0xC0) + payload


def unhex(digits: str) -> bytes:
    """
    The bytes of plain hex digits, no `0x`. Raises `ValueError`.

    `bytes.fromhex` passes over blanks: with it two texts of one length would mean different bytes.
    """
    try:
        return unhexlify(digits)
    except Error as error:
        raise ValueError(str(error)) from error


def decode(data: bytes) -> Item:
    """The one item of the data. Raises `NotCanonical`."""
    item, end = _item(data, 0, len(data), 0)
    if end != len(data):
        raise NotCanonical("bytes after the end")
    return item


def _item(data: bytes, at: int, end: int, depth: int) -> tuple[Item, int]:
    if at >= end:
        raise NotCanonical("an item is missing")
    first = data[at]
    if first < 0x80:
        return data[at : at + 1], at + 1
    is_list = first >= 0xC0
    start, size = _extent(data, at, end, first - (0xC0 if is_list else 0x80))
    stop = start + size
    if stop > end:
        raise NotCanonical("an item is longer than its frame")
    if not is_list:
        if size == 1 and data[start] < 0x80:
            raise NotCanonical("a small byte with a prefix")
        return data[start:stop], stop
    if depth == DEEPEST:
        raise NotCanonical("lists too deep in lists")
    items: list[Item] = []
    while start < stop:
        item, start = _item(data, start, stop, depth + 1)
        items.append(item)
    return items, stop


def _extent(data: bytes, at: int, end: int, code: int) -> tuple[int, int]:
    """Where the payload starts, and how long it is."""
    if code < 56:
        return at + 1, code
    start = at + 1 + code - 55
    told = data[at + 1 : start]
    if start > end or told[0] == 0:
        raise NotCanonical("a malformed length")
    size = int.from_bytes(told, "big")
    if size < 56:
        raise NotCanonical("a short length told long")
    return start, size

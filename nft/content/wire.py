"""
The protobuf wire format, as much of it as UnixFS needs: varints and length-delimited fields.

Reading is strict, because what is read comes from strangers: every length is checked against what
is left, a varint has at most nine bytes and one spelling, and no group or fixed-width field exists.
"""

from __future__ import annotations

from collections.abc import Iterator

from nft.errors import BlockInvalid

_VARINT = 0
_BYTES = 2


def varint(number: int) -> bytes:
    """Seven bits a byte, low bits first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(data: bytes | memoryview, at: int) -> tuple[int, int]:
    """Read the varint at `at`; return it and where it ends. Raises `BlockInvalid`."""
    number = 0
    for index in range(9):
        if at + index >= len(data):
            raise BlockInvalid("a number is cut short")
        byte = data[at + index]
        number |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            if byte == 0 and index:
                raise BlockInvalid("a number is padded")
            return number, at + index + 1
    raise BlockInvalid("a number is above 63 bits")


def bytes_field(number: int, value: bytes) -> bytes:
    """A length-delimited field."""
    return bytes([number << 3 | _BYTES]) + varint(len(value)) + value


def varint_field(number: int, value: int) -> bytes:
    """A number field."""
    return bytes([number << 3 | _VARINT]) + varint(value)


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Walk a message's fields as (number, value). Raises `BlockInvalid` at the first bad byte."""
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        number, kind = key >> 3, key & 7
        value, at = read_varint(data, at)
        if kind == _VARINT:
            yield number, value
        elif kind == _BYTES:
            if value > len(data) - at:
                raise BlockInvalid("a field is longer than its block")
            yield number, data[at : at + value]
            at += value
        else:
            raise BlockInvalid(f"field {number} has the unknown wire type {kind}")

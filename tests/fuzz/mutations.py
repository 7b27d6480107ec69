"""
Bytes and texts that are almost right: what is valid, damaged where readers have to decide.

Everything follows from the `random.Random` that is passed in, so that an input can be made again.
"""

from collections.abc import Sequence
from random import Random

from nft.content.wire import varint

NUMBERS = (0, 1, 2, 127, 128, 255, 256, 2**14, 2**21, 2**31, 2**32, 2**53, 2**62, 2**63, 2**64 - 1)
"""Where counters, lengths and signs change their form."""


def mutated(rng: Random, seeds: Sequence[bytes], *, most: int = 4) -> bytes:
    """A seed with a few changes."""
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.randint(1, most)):
        rng.choice(_CHANGES)(rng, data, seeds)
    return bytes(data)


def _place(rng: Random, data: bytearray) -> int:
    """Anywhere, but the beginning more often: that is where the lengths stand."""
    if not data:
        return 0
    return rng.randrange(min(len(data), 64)) if rng.random() < 0.5 else rng.randrange(len(data))


def _flip(rng: Random, data: bytearray, seeds: Sequence[bytes]) -> None:
    if data:
        data[_place(rng, data)] ^= 1 << rng.randrange(8)


def _set(rng: Random, data: bytearray, seeds: Sequence[bytes]) -> None:
    if data:
        data[_place(rng, data)] = rng.choice(
            (0, 1, 0x0A, 0x12, 0x7F, 0x80, 0xFF, rng.randrange(256))
        )


def _cut(rng: Random, data: bytearray, seeds: Sequence[bytes]) -> None:
    at = _place(rng, data)
    del data[at : at + rng.randint(1, 40)]


def _truncate(rng: Random, data: bytearray, seeds: Sequence[bytes]) -> None:
    del data[_place(rng, data) :]


def _repeat(rng: Random, data: bytearray, seeds: Sequence[bytes]) -> None:
    at = _place(rng, data)
    data[at:at] = data[at : at + rng.randint(1, 60)] * rng.randint(1, 4)


def _insert(rng: Random, data: bytearray, seeds: Sequence[bytes]) -> None:
    at = _place(rng, data)
    data[at:at] = rng.randbytes(rng.randint(1, 12))


def _splice(rng: Random, data: bytearray, seeds: Sequence[bytes]) -> None:
    other = rng.choice(seeds)
    begin = rng.randrange(len(other) + 1)
    at = _place(rng, data)
    data[at : at + rng.randint(0, 40)] = other[begin : begin + rng.randint(1, 200)]


def _number(rng: Random, data: bytearray, seeds: Sequence[bytes]) -> None:
    """A varint in place of a byte: a lie about a length, a padded or an endless one."""
    number = rng.choice((*NUMBERS, rng.randrange(2**16), len(data)))
    form = rng.random()
    written = varint(number)
    if form < 0.2:
        written = written[:-1] + bytes([written[-1] | 0x80, 0])
    elif form < 0.3:
        written = b"\xff" * rng.randint(1, 12)
    at = _place(rng, data)
    data[at : at + 1] = written


_CHANGES = (_flip, _set, _cut, _truncate, _repeat, _insert, _splice, _number, _number)


def mutated_text(rng: Random, seeds: Sequence[str], words: Sequence[str]) -> str:
    """A seed with words of the trade where they do not belong, or with plain damage."""
    text = rng.choice(seeds)
    for _ in range(rng.randint(1, 4)):
        at = rng.randint(0, len(text))
        kind = rng.randrange(5)
        if kind == 0:
            text = text[:at] + rng.choice(words) + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + rng.randint(1, 8) :]
        elif kind == 2:
            text = (
                text[:at]
                + chr(rng.choice((0, 9, 32, 37, 44, 127, 255, rng.randrange(256))))
                + text[at:]
            )
        elif kind == 3:
            text = text[:at] + text[at : at + 20] * rng.randint(1, 30) + text[at:]
        else:
            text = text[:at] + str(rng.choice(NUMBERS)) + text[at + 1 :]
    return text

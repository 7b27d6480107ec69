"""
Looking a picture up among millions: every hash is compared, and none is left out.

No index is exact at a distance of 80 out of 256: whatever it skips may have been near. So all
hashes are read, a column of 64 bits after the other, and the columns are chosen so that one
reading answers for four symmetries: frequencies that mirroring treats alike stand in one column,
whose differing bits are either counted or counted from 64 down. That costs about 10 ns a hash for
four symmetries, on one core, and is bounded by memory rather than by luck.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.fingerprints import (
    BITS,
    FIRST_CROP,
    HASH_BYTES,
    SIDES_KEPT,
    Fingerprint,
    transposed,
    unpack,
)

NEAR, POSSIBLE = 31, 80
"""Up to so many bits a picture is a near copy, and a possible one."""
SURE_QUALITY = 30
"""Beyond `NEAR` both hashes must have seen so much: empty pictures are all a little alike."""
MOST_HITS = 500

_COLUMNS = 4
_BLOCK = 65_536

Words = npt.NDArray[np.uint64]
Small = npt.NDArray[np.uint8]
Places = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Columns:
    """Hashes of many pictures, those of whole pictures first."""

    words: Words
    """Four rows, one for each kind of frequency; a column is a hash."""
    pictures: Places
    kinds: Small
    qualities: Small
    wholes: int
    """So many hashes at the beginning are of whole pictures, the others of crops."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The hashes of one picture, as they were kept."""

    picture: int
    kinds: bytes
    qualities: bytes
    hashes: bytes


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """A picture that resembles the one asked for, and how."""

    distance: int
    picture: int
    symmetry: int
    """Which of `SYMMETRIES` of the asked picture resembles it."""
    kind: int
    """Of the asked picture: `WHOLE`, `WITHOUT_BORDER` or a crop."""
    other_kind: int


def columns_of(entries: Iterable[Entry]) -> Columns:
    """Put hashes into columns."""
    given = list(entries)
    kinds = np.frombuffer(b"".join(one.kinds for one in given), np.uint8)
    qualities = np.frombuffer(b"".join(one.qualities for one in given), np.uint8)
    pictures = np.repeat(
        np.array([one.picture for one in given], np.uint32), [len(one.kinds) for one in given]
    )
    words = _words(b"".join(one.hashes for one in given))
    order = np.argsort(kinds >= FIRST_CROP, kind="stable")
    return Columns(
        words=np.ascontiguousarray(words[:, order]),
        pictures=pictures[order].astype(np.uint32),
        kinds=kinds[order],
        qualities=qualities[order],
        wholes=int((kinds < FIRST_CROP).sum()),
    )


def _order() -> npt.NDArray[np.intp]:
    down, across = np.indices((16, 16))
    column = 2 * (down % 2) + across % 2
    return np.argsort(column.ravel(), kind="stable")


_ORDER = _order()
_FLIPPED = ((), (0, 1), (0, 2), (1, 2))
"""Of which columns a symmetry changes every bit: upside down, mirrored, turned by half."""


def _words(hashes: bytes) -> Words:
    bits = unpack(hashes)[:, _ORDER] if hashes else np.zeros((0, BITS), np.bool_)
    packed = np.ascontiguousarray(np.packbits(bits, axis=1))
    return np.ascontiguousarray(packed.view(np.uint64).T)


@dataclass(frozen=True, slots=True)
class _Probe:
    """What one reading looks for: four symmetries of a fingerprint."""

    kind: int
    quality: int
    first_symmetry: int
    exact: Words
    """A column for each symmetry."""
    limits: tuple[int, ...]
    """
    The distance from the first hash with columns flipped, up to which a symmetry may be in reach.

    The median is not quite zero, so that the hash of a mirrored picture is not quite the flipped
    one: as many bits as these two differ in are allowed on top, and then the exact one decides.
    """


def _probes(fingerprint: Fingerprint) -> Iterator[_Probe]:
    for first in (0, SIDES_KEPT):
        hashes = fingerprint.hashes
        if first:
            # Transposed, upside down and mirrored change places.
            hashes = tuple(transposed(hashes[each]) for each in (0, 2, 1, 3))
        exact = _words(b"".join(hashes))
        yield _Probe(fingerprint.kind, fingerprint.quality, first, exact, _limits(exact))


def _limits(exact: Words) -> tuple[int, ...]:
    limits = []
    for symmetry, flipped in enumerate(_FLIPPED):
        assumed = exact[:, 0].copy()
        for column in flipped:
            assumed[column] = ~assumed[column]
        off = int(np.bitwise_count(assumed ^ exact[:, symmetry]).sum())
        limits.append(min(POSSIBLE + off, BITS - 1))
    return tuple(limits)


def search(shelves: Iterable[tuple[int, Columns]], asked: Sequence[Fingerprint]) -> list[Hit]:
    """
    Every picture within `POSSIBLE` bits, nearest first, each once in its nearest way.

    A shelf comes with the number that is added to its pictures' places. A whole picture is
    compared with everything, a crop of it with whole pictures: either may be the part.
    """
    probes = [(probe, each.kind >= FIRST_CROP) for each in asked for probe in _probes(each)]
    best: dict[int, Hit] = {}
    for base, shelf in shelves:
        for probe, only_wholes in probes:
            most = shelf.wholes if only_wholes else shelf.kinds.size
            for hit in _scan(shelf, probe, base, most):
                known = best.get(hit.picture)
                if known is None or hit < known:
                    best[hit.picture] = hit
    return sorted(best.values())[:MOST_HITS]


def _scan(shelf: Columns, probe: _Probe, base: int, most: int) -> Iterator[Hit]:
    for start in range(0, most, _BLOCK):
        end = min(start + _BLOCK, most)
        places = start + _in_reach(shelf.words[:, start:end], probe)
        if not places.size:
            continue
        differing = probe.exact[:, :, None] ^ shelf.words[:, None, places]
        distances = np.bitwise_count(differing).sum(axis=0, dtype=np.int64)
        nearest = distances.min(axis=0)
        sure = min(probe.quality, 255) >= SURE_QUALITY
        is_sure = sure & (shelf.qualities[places] >= SURE_QUALITY)
        for at in np.flatnonzero(nearest <= np.where(is_sure, POSSIBLE, NEAR)):
            place = places[at]
            yield Hit(
                distance=int(nearest[at]),
                picture=base + int(shelf.pictures[place]),
                symmetry=probe.first_symmetry + int(distances[:, at].argmin()),
                kind=probe.kind,
                other_kind=int(shelf.kinds[place]),
            )


def _in_reach(words: Words, probe: _Probe) -> npt.NDArray[np.intp]:
    """Places whose flipped distance is within the limits: all that can be near, and few more."""
    counts = [np.bitwise_count(words[row] ^ probe.exact[row, 0]) for row in range(_COLUMNS)]
    # In eight bits 256 comes out as 0 and is told apart by the exact distance.
    ee, eo, oe, oo = counts
    first, second, third, fourth = probe.limits
    found = ee + eo + oe + oo <= first
    found |= (oe + oo) - (ee + eo) + np.uint8(128) <= second
    found |= (eo + oo) - (ee + oe) + np.uint8(128) <= third
    found |= (ee + oo) - (eo + oe) + np.uint8(128) <= fourth
    return np.flatnonzero(found)


assert _COLUMNS * np.dtype(np.uint64).itemsize == HASH_BYTES

"""
The search finds exactly what comparing every pair of hashes finds.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media import fingerprints
from media.fingerprints import FIRST_CROP, Fingerprint, distance, pack, transposed, unpack
from media.scanning import NEAR, POSSIBLE, SURE_QUALITY, Entry, Hit, columns_of, search
from tests.media import likenesses


def random_fingerprint(random, kind, quality):
    frequencies = random.normal(size=(16, 16)).astype(np.float32)
    frequencies *= random.exponential(size=(16, 16)).astype(np.float32)
    hashes = tuple(fingerprints._hash(one) for one in fingerprints._laid_down(frequencies))
    return Fingerprint(kind, quality, hashes)


def laid_down(found, symmetry):
    if symmetry < 4:
        return found.hashes[symmetry]
    return transposed(found.hashes[(0, 2, 1, 3)[symmetry - 4]])


def changed(random, hash_, count):
    bits = unpack(hash_)[0].copy()
    bits[random.choice(256, count, replace=False)] ^= True
    return pack(bits)


def planted(random, asked, count, pictures):
    """Pictures of strangers and of relatives, at all distances and in all symmetries."""
    made = []
    for picture in range(pictures):
        hashes = []
        for _ in range(count):
            if random.random() < 0.4:
                source = asked[random.integers(len(asked))]
                flips = int(random.integers(0, 120))
                hashes.append(changed(random, laid_down(source, random.integers(8)), flips))
            else:
                hashes.append(pack(random.random(256).argsort() < 128))
        kinds = bytes(sorted(random.choice(10, count, replace=False).tolist()))
        qualities = bytes(int(one) for one in random.integers(20, 60, count))
        made.append(Entry(picture, kinds, qualities, b"".join(hashes)))
    return made


def by_brute_force(entries, asked):
    best = {}
    for entry in entries:
        for place, (kind, quality) in enumerate(zip(entry.kinds, entry.qualities, strict=True)):
            hash_ = entry.hashes[32 * place : 32 * place + 32]
            for one in asked:
                if one.kind >= FIRST_CROP and kind >= FIRST_CROP:
                    continue
                is_sure = min(quality, one.quality) >= SURE_QUALITY
                for symmetry in range(8):
                    found = distance(laid_down(one, symmetry), hash_)
                    if found <= (POSSIBLE if is_sure else NEAR):
                        best[entry.picture] = min(best.get(entry.picture, 999), found)
    return sorted((found, picture) for picture, found in best.items())


class TestSearch:
    @settings(max_examples=40, deadline=None)
    @given(st.integers(0, 2**32), st.integers(0, 40), st.sampled_from([1, 3, 10]))
    def test_finds_what_brute_force_finds(self, seed, pictures, count):
        random = np.random.default_rng(seed)
        whole, inside, crop = (0, 90), (1, 25), (4, 60)
        asked = [random_fingerprint(random, *one) for one in (whole, inside, crop)]
        entries = planted(random, asked, count, pictures)
        half = pictures // 2
        shelves = [(0, columns_of(entries[:half])), (0, columns_of(entries[half:]))]

        hits = search(shelves, asked)

        assert [(hit.distance, hit.picture) for hit in hits] == by_brute_force(entries, asked)

    def test_says_in_which_way_it_was_nearest(self):
        random = np.random.default_rng(1)
        asked = random_fingerprint(random, 0, 90)
        hash_ = changed(random, laid_down(asked, 5), 12)
        entry = Entry(3, bytes([4]), bytes([80]), hash_)

        hits = search([(100, columns_of([entry]))], [asked])

        assert hits == [Hit(distance=12, picture=103, symmetry=5, kind=0, other_kind=4)]

    def test_does_not_hold_empty_pictures_for_copies(self):
        random = np.random.default_rng(2)
        asked = random_fingerprint(random, 0, 90)
        hash_ = changed(random, asked.hashes[0], 60)
        pale, rich = (Entry(place, b"\0", bytes([q]), hash_) for place, q in ((0, 25), (1, 30)))

        hits = search([(0, columns_of([pale, rich]))], [asked])

        assert [hit.picture for hit in hits] == [1]

    def test_of_nothing_is_nothing(self):
        asked = random_fingerprint(np.random.default_rng(3), 0, 90)

        assert search([(0, columns_of([]))], [asked]) == []


def shelf_of(*works):
    entries = []
    for place, picture in enumerate(works):
        found = fingerprints.of(picture)
        entries.append(
            Entry(
                place,
                bytes(one.kind for one in found),
                bytes(one.quality for one in found),
                b"".join(one.hashes[0] for one in found),
            )
        )
    return columns_of(entries)


WORKS = [likenesses.composition(seed) for seed in range(12)]
SHELF = shelf_of(*WORKS)


class TestCopies:
    @pytest.mark.parametrize("change", likenesses.NEAR)
    def test_a_copy_is_near(self, change):
        copy = likenesses.NEAR[change](WORKS[4])

        hits = search([(0, SHELF)], fingerprints.of(copy))

        assert [(hit.picture, hit.distance <= NEAR) for hit in hits] == [(4, True)]

    @pytest.mark.parametrize("change", likenesses.POSSIBLE)
    def test_a_disguised_copy_is_possible(self, change):
        copy = likenesses.POSSIBLE[change](WORKS[4])

        hits = search([(0, SHELF)], fingerprints.of(copy))

        assert [hit.picture for hit in hits] == [4]

    @pytest.mark.parametrize("change", ["crop 9", "white border", "mirrored crop"])
    def test_the_original_is_found_after_the_copy(self, change):
        copies = shelf_of(likenesses.NEAR[change](WORKS[4]), WORKS[5])

        hits = search([(0, copies)], fingerprints.of(WORKS[4]))

        assert [(hit.picture, hit.distance <= NEAR) for hit in hits] == [(0, True)]

    def test_strangers_are_far(self):
        found = [search([(0, SHELF)], fingerprints.of(work)) for work in WORKS]

        assert [[hit.picture for hit in hits] for hits in found] == [[n] for n in range(12)]

"""The metadata document: every field held to its rule, one canonical form."""

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nft.errors import MetadataInvalid, MetadataTooLarge
from nft.metadata import (
    Asset,
    Attribute,
    Edition,
    Work,
    canonical_bytes,
    check_work,
    document,
    metadata_digest,
)
from nft.types import Digest

PICTURE = Asset("image", "bafkreia", "unixfs-v1-2025", Digest(b"\x01" * 32), "image/png", 10, 4, 3)
FILM = Asset("animation", "bafkreib", "unixfs-v1-2025", Digest(b"\x02" * 32), "video/mp4", 20)
WORK = Work(title="Seven Valleys", artist="I. Marlowe", assets=(PICTURE,))


class TestRules:
    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"title": ""}, "title"),
            ({"title": "  \n"}, "title"),
            ({"title": "x" * 201}, "title"),
            ({"title": "a\x00b"}, "title"),
            ({"title": "gpj.exe\u202e"}, "title"),
            ({"artist": "x" * 301}, "artist"),
            ({"description": "x" * 10_001}, "description"),
            ({"alt_text": "\ud800"}, "alt_text"),
            ({"date": "x" * 301}, "work/date"),
            ({"edition": Edition(0, 3)}, "work/edition"),
            ({"edition": Edition(4, 3)}, "work/edition"),
            ({"attributes": (Attribute("k", "v" * 301),)}, "attributes/0/value"),
            ({"attributes": (Attribute("k", "v"),) * 65}, "attributes"),
            ({"assets": ()}, "media"),
            ({"assets": (FILM,)}, "media"),
            ({"assets": (PICTURE, replace(FILM, role="music"))}, "media/1/role"),
        ],
    )
    def test_names_the_field_that_breaks_a_rule(self, change, field):
        with pytest.raises(MetadataInvalid) as caught:
            check_work(replace(WORK, **change))
        assert caught.value.field == field

    @pytest.mark.parametrize("title", ["<script>alert(1)</script>", "《秋山萧寺》", "a\nb", "Ünï"])
    def test_markup_and_other_scripts_are_text_like_any_other(self, title):
        check_work(replace(WORK, title=title))

        assert document(replace(WORK, title=title))["name"] == title


class TestDocument:
    def test_names_every_file_by_its_content(self):
        found = document(replace(WORK, assets=(PICTURE, FILM)))

        assert found["image"] == "ipfs://bafkreia"
        assert found["animation_url"] == "ipfs://bafkreib"
        assert found["properties"]["media"][0]["sha256"] == str(PICTURE.sha256)
        assert found["properties"]["media"][0]["width"] == 4
        assert "width" not in found["properties"]["media"][1]

    @given(st.text(min_size=1, max_size=50), st.text(max_size=50))
    def test_the_same_work_has_the_same_digest(self, title, description):
        found = document(replace(WORK, title=title, description=description))
        shuffled = json.loads(json.dumps(dict(reversed(found.items()))))

        assert canonical_bytes(found) == canonical_bytes(shuffled)
        assert metadata_digest(canonical_bytes(found)) == metadata_digest(canonical_bytes(shuffled))

    def test_the_digest_is_the_sha_256_of_the_bytes(self):
        body = canonical_bytes(document(WORK))

        assert metadata_digest(body) == hashlib.sha256(body).digest()

    def test_refuses_what_does_not_fit_one_block(self):
        with pytest.raises(MetadataTooLarge):
            canonical_bytes({"name": "x" * 262_144})

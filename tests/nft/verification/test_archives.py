"""
One file, one content: both verifiers read an archive alike, or neither does.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

import pytest

from nft.bundles import pack
from nft.verification import Evidence, verify_file
from tests.support.papers import papers
from tests.support.verifier import JavaScript, running_verifier

pytestmark = pytest.mark.xdist_group("verifier")

ONE = {"certificate.json": papers(seed=81, moves=0).body}
OTHER = {"certificate.json": papers(seed=82, moves=0).body}


@pytest.fixture(scope="module")
def javascript() -> Iterator[JavaScript]:
    with running_verifier() as found:
        yield found


def with_comment(body: bytes, comment: bytes) -> bytes:
    return body[:-2] + struct.pack("<H", len(comment)) + comment


def zipped(method: int, body: bytes = ONE["certificate.json"]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as file:
        file.writestr("certificate.json", body)
    return held.getvalue()


def entry_at(body: bytes) -> int:
    return body.index(b"PK\x01\x02")


def with_another_size(more: int) -> bytes:
    """A deflated part of which directory and sum tell another length."""
    told = ONE["certificate.json"][:more] if more < 0 else ONE["certificate.json"] + bytes(more)
    body = bytearray(zipped(zipfile.ZIP_DEFLATED))
    at = entry_at(body)
    struct.pack_into("<L", body, at + 16, zlib.crc32(told))
    struct.pack_into("<L", body, at + 24, len(told))
    return bytes(body)


def named_twice() -> bytes:
    """A name that ends, for some readers, where a zero stands."""
    whole = zipped(zipfile.ZIP_STORED)
    return whole.replace(b"certificate.json", b"certificate.jso\0")


def with_another_directory() -> bytes:
    """A second record in the comment, which does not end the file."""
    inner = pack(OTHER)
    comment = inner[:-22] + inner[-22:-2] + b"\0\0" + b"end"
    return with_comment(pack(ONE), comment)


REFUSED = {
    "another archive in a comment": with_another_directory(),
    "a comment": with_comment(pack(ONE), b"hello"),
    "something before it": b"PK\x03\x04" + pack(ONE),
    "something behind it": pack(ONE) + b"\0",
    "a part that is shorter than told": with_another_size(5),
    "a part that is longer than told": with_another_size(-5),
    "a name with a zero": named_twice(),
    "another way of packing": zipped(zipfile.ZIP_BZIP2),
    "cut off": pack(ONE)[:-30],
}


class TestArchives:
    @pytest.mark.parametrize("name", REFUSED)
    def test_of_two_meanings_are_none(self, name: str, javascript: JavaScript) -> None:
        report = verify_file(REFUSED[name], Evidence()).as_json()

        assert javascript.verify(REFUSED[name]) == report
        assert [check["id"] for check in report["checks"]] == ["document"]
        assert report["verdict"] == "fail"

    @pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    def test_of_one_meaning_are_read(self, method: int, javascript: JavaScript) -> None:
        report = verify_file(zipped(method), Evidence()).as_json()

        assert javascript.verify(zipped(method)) == report
        assert report["checks"][0]["detail"] == "a certificate of authenticity"

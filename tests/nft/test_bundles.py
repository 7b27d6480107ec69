"""
The evidence bundle: the same parts are the same bytes, and nothing else is taken for one.
"""

import io
import zipfile

import pytest

from nft.bundles import NAMES, README, NotABundle, pack, unpack

PARTS = {"metadata.json": b"{}", "certificate.json": b'{"type":[]}'}


def zipped(*entries: tuple[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as file:
        for name, body in entries:
            file.writestr(name, body)
    return held.getvalue()


class TestPacking:
    def test_gives_the_same_bytes_whatever_the_order_of_the_parts(self):
        again = pack(dict(reversed(PARTS.items())))

        assert pack(PARTS) == again

    def test_keeps_the_order_of_the_format_and_no_times(self):
        entries = zipfile.ZipFile(io.BytesIO(pack(PARTS))).infolist()

        assert [entry.filename for entry in entries] == [
            name for name in NAMES if name in PARTS or name == README
        ]
        assert {(entry.compress_type, entry.date_time) for entry in entries} == {
            (zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0))
        }

    def test_says_how_to_check_it_in_both_languages(self):
        told = unpack(pack(PARTS))[README].decode()

        assert "vernissage verify BUNDLE.zip" in told
        assert "EIP-2935" in told
        assert "以这些字节为准" in told

    def test_refuses_a_bundle_without_a_certificate(self):
        with pytest.raises(NotABundle):
            pack({"metadata.json": b"{}"})

    def test_refuses_a_part_that_bundles_do_not_have(self):
        with pytest.raises(NotABundle):
            pack(PARTS | {"../evil.sh": b""})


class TestUnpacking:
    def test_gives_back_what_was_packed(self):
        found = unpack(pack(PARTS))
        del found[README]

        assert found == PARTS

    def test_takes_what_somebody_else_zipped_again(self):
        body = zipped(*PARTS.items(), method=zipfile.ZIP_DEFLATED)

        assert unpack(body) == PARTS

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"PK\x03\x04",
            zipped(("certificate.json", b"{}"), ("../../etc/passwd", b"")),
            zipped(("metadata.json", b"{}")),
            zipped(("certificate.json", bytes(65 * 1024 * 1024)), method=zipfile.ZIP_DEFLATED),
        ],
        ids=["nothing", "torn", "a way out", "no certificate", "a bomb"],
    )
    def test_refuses(self, body):
        with pytest.raises(NotABundle):
            unpack(body)

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_refuses_a_part_that_is_there_twice(self):
        with pytest.raises(NotABundle):
            unpack(zipped(("certificate.json", b"{}"), ("certificate.json", b"[]")))

"""What content credentials say is told; nothing is fetched for them."""

import socket
import subprocess
import sys

import pytest

from media.checks import Inspection
from tests.media import pictures, recordings
from tests.media.credentials import BY_MODEL, sealed
from tests.media.test_recordings import is_called

SEALED = {
    "image/jpeg": pictures.jpeg(),
    "image/png": pictures.png(),
    "image/webp": pictures.encoded(pictures.painting(), "WEBP"),
    "image/avif": pictures.encoded(pictures.painting(), "AVIF"),
    "video/mp4": recordings.video(),
    "audio/wav": recordings.sound("wav", "pcm_s16le"),
}


def told(found) -> dict:
    assert isinstance(found, Inspection), found
    (finding,) = [one for one in found.findings if one["code"] == "ContentCredentials"]
    return finding


class TestEmbedded:
    @pytest.mark.parametrize("media_type", SEALED)
    def test_are_told(self, look, media_type):
        finding = told(look(sealed(SEALED[media_type], media_type)))

        assert finding["state"] == "valid", finding
        assert (finding["signer"], finding["issuer"]) == ("Ann Onymous", "Atelier")
        assert finding["generator"] == "Atelier 1"
        assert "c2pa.created" in finding["actions"]
        assert finding["by_machine"] is False
        assert "Ann Onymous" in finding["detail"]

    def test_say_that_a_model_made_it(self, look):
        finding = told(look(sealed(pictures.jpeg(), "image/jpeg", source=BY_MODEL)))

        assert finding["by_machine"] is True
        assert "trained model" in finding["detail"]

    def test_that_no_longer_agree_are_told(self, look):
        data = bytearray(sealed(pictures.png(), "image/png"))
        # A text that was put in afterwards: the picture is good, the seal is not.
        data[33:33] = pictures.chunk(b"tEXt", b"Comment\0later")

        finding = told(look(bytes(data)))

        assert finding["state"] == "invalid"
        assert "assertion.dataHash.mismatch" in finding["failures"]

    def test_that_are_nonsense_are_told(self, look):
        data = bytearray(sealed(pictures.jpeg(), "image/jpeg"))
        at = data.index(b"c2pa.signature")
        data[at + 40 : at + 400] = bytes(360)

        assert told(look(bytes(data)))["state"] in ("invalid", "unreadable")


class TestElsewhere:
    @pytest.mark.parametrize("media_type", ["image/jpeg", "image/png"])
    def test_are_named_and_never_fetched(self, look, media_type):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}/manifest.c2pa"
            data = sealed(SEALED[media_type], media_type, remote=address)

            finding = told(look(data))

            assert not is_called(listener)
        assert (finding["state"], finding["address"]) == ("elsewhere", address)

    def test_are_not_fetched_for_a_file_that_has_some_inside_too(self, look):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}/manifest.c2pa"
            # A box of JUMBF that is none brings the library to look, which then sees the address.
            named = sealed(pictures.png(), "image/png", remote=address)
            at = 33
            data = named[:at] + pictures.chunk(b"tEXt", b"Comment\0jumb c2pa") + named[at:]

            finding = told(look(data))

            assert not is_called(listener)
        assert finding["state"] == "elsewhere"


def test_the_library_is_not_loaded_for_ordinary_files(tmp_path):
    path = tmp_path / "work"
    path.write_bytes(pictures.jpeg())
    program = (
        "import sys; from media import child; child.main(*sys.argv[1:]); "
        "print('\\n', 'c2pa' in sys.modules, 'av' in sys.modules)"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program, str(path), str(tmp_path)],
        capture_output=True,
        check=True,
        text=True,
    )

    assert ran.stdout.splitlines()[-1].split() == ["False", "False"]

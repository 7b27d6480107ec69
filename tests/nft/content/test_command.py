"""`vernissage cid` and `vernissage car`, called as the command line calls them."""

import io
import json
import subprocess
import sys

import pytest

from api.cli import car as car_command
from api.cli import cid as cid_command
from nft.content.car import CarReader
from nft.content.cid import Cid
from nft.content.exporter import read_file, resolve
from nft.content.profiles import PROFILES
from tests.nft.content.vectors import VECTORS, counting


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "picture.bin"
    path.write_bytes(counting(10_485_760))
    return path


VECTOR = next(vector for vector in VECTORS["files"] if vector["size"] == 10_485_760)


class TestCid:
    @pytest.mark.parametrize("profile", PROFILES)
    def test_prints_the_vectors_cid(self, picture, capsys, profile):
        code = cid_command.main([str(picture), "--profile", profile])

        assert code == 0
        assert capsys.readouterr().out == VECTOR["cids"][profile]["cid"] + "\n"

    def test_prints_json(self, picture, capsys):
        cid_command.main([str(picture), "--json"])

        assert json.loads(capsys.readouterr().out)["cid"] == VECTOR["cids"]["unixfs-v1-2025"]["cid"]

    def test_names_a_missing_file_and_answers_2(self, tmp_path, capsys):
        code = cid_command.main([str(tmp_path / "nothing")])

        assert code == 2
        assert "nothing" in capsys.readouterr().err

    def test_refuses_what_is_neither_file_nor_directory(self, capsys):
        code = cid_command.main(["/dev/null"])

        assert code == 2
        assert "neither a file nor a directory" in capsys.readouterr().err

    def test_imports_nothing_heavy(self):
        heavy = "web3 sqlalchemy fastapi pydantic PIL ipfshttpclient typer"
        code = (
            "import sys; from api.cli import cid, car; "
            f"print([name for name in {heavy!r}.split() if name in sys.modules])"
        )

        found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

        assert found.stdout.strip() == b"[]"


class TestCar:
    def test_writes_a_directory_that_reads_back(self, tmp_path, capsys):
        work = tmp_path / "work"
        (work / "sub").mkdir(parents=True)
        (work / "sub" / "big.bin").write_bytes(counting(3_000_000))
        out = tmp_path / "work.car"

        code = car_command.main([str(work), "-o", str(out)])

        reader = CarReader(io.BytesIO(out.read_bytes()))
        blocks = {cid.digest: block for cid, block in reader}
        root = reader.roots[0]
        found = resolve(lambda cid: blocks[cid.digest], root, ["sub", "big.bin"])
        assert code == 0
        assert capsys.readouterr().out.strip() == str(root)
        assert b"".join(read_file(lambda cid: blocks[cid.digest], found)) == counting(3_000_000)

    def test_leaves_no_half_file_behind(self, tmp_path, capsys):
        code = car_command.main([str(tmp_path / "nothing"), "-o", str(tmp_path / "out.car")])

        assert code == 2
        assert list(tmp_path.iterdir()) == []
        assert "nothing" in capsys.readouterr().err

    def test_carries_the_root_that_cid_prints(self, picture, tmp_path, capsys):
        car_command.main([str(picture), "-o", str(tmp_path / "out.car"), "--json"])

        answer = json.loads(capsys.readouterr().out)
        assert Cid.parse(answer["cid"]) == Cid.parse(VECTOR["cids"]["unixfs-v1-2025"]["cid"])
        assert answer["car_bytes"] == (tmp_path / "out.car").stat().st_size

"""The data folder: one holder, one format, one chain, and room on the disk."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.local.errors import CannotStart, WrongInput
from api.local.folder import DataFolder, write_whole


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "data")
    made.prepare()
    return made


class TestLock:
    def test_names_the_holder(self, folder: DataFolder) -> None:
        other = DataFolder(folder.root)
        holder = f"process {os.getpid()}"
        with folder.locked(), pytest.raises(WrongInput, match=holder), other.locked():
            pass

    def test_falls_with_its_holder(self, folder: DataFolder) -> None:
        script = (
            "import os, signal, sys; from pathlib import Path;"
            "from api.local.folder import DataFolder\n"
            "with DataFolder(Path(sys.argv[1])).locked(): os.kill(os.getpid(), signal.SIGKILL)"
        )
        subprocess.run([sys.executable, "-c", script, str(folder.root)], check=False)

        with folder.locked():
            assert (folder.root / "lock").read_text() == str(os.getpid())


class TestFormat:
    def test_signs_a_new_folder(self, folder: DataFolder) -> None:
        folder.check_format(31337)

        mark = json.loads((folder.root / "vernissage.json").read_text())
        assert mark == {"format": 1, "chain_id": 31337}

    @pytest.mark.parametrize(
        ("mark", "says"),
        [
            ('{"format": 2, "chain_id": 31337}', "newer version"),
            ('{"format": 1, "chain_id": 1}', "belongs to chain 1"),
            ("not json", "not readable"),
            ('{"format": 1}', "not readable"),
        ],
    )
    def test_refuses_another(self, folder: DataFolder, mark: str, says: str) -> None:
        (folder.root / "vernissage.json").write_text(mark)

        with pytest.raises(WrongInput, match=says):
            folder.check_format(31337)

        assert (folder.root / "vernissage.json").read_text() == mark


class TestPrepare:
    def test_is_private_to_its_owner(self, folder: DataFolder) -> None:
        assert folder.root.stat().st_mode & 0o777 == 0o700
        assert folder.secrets.stat().st_mode & 0o777 == 0o700

    def test_leaves_the_permissions_of_a_folder_that_was_there(self, tmp_path: Path) -> None:
        given = tmp_path / "given"
        given.mkdir(mode=0o750)

        DataFolder(given).prepare()

        assert given.stat().st_mode & 0o777 == 0o750

    def test_says_when_it_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")

        with pytest.raises(CannotStart, match="choose another by --data-dir"):
            DataFolder(tmp_path / "file" / "data").prepare()

    def test_keeps_one_long_log_and_begins_anew(self, folder: DataFolder) -> None:
        folder.log("web").write_bytes(b"x" * 11_000_000)

        folder.prepare()

        assert not folder.log("web").exists()
        assert (folder.root / "log" / "web.log.1").stat().st_size == 11_000_000


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "below" / "file"
    write_whole(target, b"old")

    write_whole(target, b"new")

    assert target.read_bytes() == b"new"
    assert [path.name for path in target.parent.iterdir()] == ["file"]

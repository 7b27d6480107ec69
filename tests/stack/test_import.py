"""
`vernissage import` against the whole exchange, and kill -9 at any moment of it.
"""

import json
import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from nft.sheets.writing import write_table
from tests.support.importing import unlike
from tests.support.stack import PROGRAM, Stack, clean_environment, running_stack

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("import")]

KILLS = 10
SEED = 6


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("import") / "data", "--no-demo") as found:
        yield found


def hang(folder: Path, *rows: dict[str, str]) -> Path:
    """A folder with a picture for each row, and its sheet."""
    folder.mkdir(exist_ok=True)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    for row in rows:
        (folder / row["file"]).write_bytes(unlike(row["title"]))
    sheet = write_table([columns, *([row.get(c, "") for c in columns] for row in rows)])
    (folder / "works.csv").write_bytes(sheet)
    return folder


def rows(prefix: str, count: int, **more: str) -> list[dict[str, str]]:
    return [
        {"file": f"{n}.png", "title": f"{prefix} {n}", "external_id": f"{prefix}-{n}", **more}
        for n in range(1, count + 1)
    ]


def command(stack: Stack, folder: Path, *options: str) -> list[str]:
    return [*PROGRAM, "import", str(folder), "--url", stack.url, *options]


def run(stack: Stack, folder: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, the line of JSON, and what was said besides."""
    done = subprocess.run(
        command(stack, folder, "--json", *options),
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


def minted(stack: Stack, prefix: str) -> list[str]:
    """Titles on the chain, as the exchange lists them."""
    found: list[str] = []
    path: str | None = "/api/tokens?limit=100"
    while path:
        page = json.loads(stack.get(path)[1])
        found += [one["title"] for one in page["items"]]
        path = f"/api/tokens?limit=100&cursor={page['next']}" if page["next"] else None
    return sorted(title for title in found if title.startswith(f"{prefix} "))


class TestTheReport:
    def test_names_cells_and_takes_nothing(self, stack: Stack, tmp_path: Path):
        folder = hang(tmp_path / "Dry", *rows("Dry", 3))
        text = (folder / "works.csv").read_text("utf-8-sig")
        (folder / "works.csv").write_text(text.replace("2.png", "2.PNG"), "utf-8")
        (folder / "3.png").unlink()
        (folder / "3.png").symlink_to("/etc/hostname")

        code, told, said = run(stack, folder, "--report", str(tmp_path / "report.csv"))

        assert code == 1
        assert told["kept"] is False
        assert [(one["cell"], one["rule"]) for one in told["report"]["problems"]] == [
            ("A3", "FileMissing"),
            ("A4", "FileMissing"),
        ]
        assert "'2.png'" in told["report"]["problems"][0]["detail"]
        assert "symbolic link" in said
        assert (tmp_path / "report.csv").read_text("utf-8-sig").count("\n") == 3

    def test_of_a_dry_run_leaves_nothing(self, stack: Stack, tmp_path: Path):
        folder = hang(tmp_path / "Rehearsal", *rows("Rehearsal", 2))

        code, told, _ = run(stack, folder, "--dry-run", "--mint")

        assert (code, told["kept"], told["report"]["new"]) == (0, False, 2)
        assert minted(stack, "Rehearsal") == []

    def test_is_a_table_for_people(self, stack: Stack, tmp_path: Path):
        folder = hang(tmp_path / "Shown", *rows("Shown", 1, price="[red]1,000"))

        done = subprocess.run(
            command(stack, folder),
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

        assert done.returncode == 1
        assert "D2" in done.stderr
        assert "[red]1,000" in done.stderr
        assert "1 rows: 0 right, 1 with problems" in done.stderr

    def test_what_cannot_be_begun_exits_with_its_code(self, stack: Stack, tmp_path: Path):
        folder = hang(tmp_path / "Codes", *rows("Codes", 1))

        nowhere = run(stack, tmp_path / "nowhere")[0]
        no_sheet = run(stack, folder, "--csv", str(tmp_path / "none.csv"))[0]
        no_chain = run(stack, folder, "--chain-id", "5")[0]

        assert (nowhere, no_sheet, no_chain) == (2, 2, 2)

    def test_the_template_is_printed(self):
        done = subprocess.run(
            [*PROGRAM, "import", "--template"], capture_output=True, timeout=30, check=True
        )

        assert done.stdout.startswith(b"\xef\xbb\xbffile,cover,title,")


class TestMinting:
    def test_goes_as_far_as_it_can_and_then_on(self, stack: Stack, tmp_path: Path):
        folder = hang(tmp_path / "Some", *rows("Some", 3))
        good = (folder / "3.png").read_bytes()
        (folder / "3.png").write_bytes(b"no picture")

        first = run(stack, folder, "--mint")
        early = minted(stack, "Some")
        (folder / "3.png").write_bytes(good)
        second = run(stack, folder, "--mint")
        third = run(stack, folder, "--mint")

        assert (first[0], first[1]["counts"]) == (1, {"minted": 2, "refused": 1})
        assert "row 4, 3.png" in first[2]
        assert early == ["Some 1", "Some 2"]
        assert (second[0], second[1]["sent"], second[1]["counts"]) == (0, 1, {"minted": 3})
        assert (third[0], third[1]["sent"], third[1]["report"]["bound"]) == (0, 0, 3)
        assert minted(stack, "Some") == ["Some 1", "Some 2", "Some 3"]

    @pytest.mark.timeout(600)
    def test_killed_at_any_moment_it_mints_each_work_once(self, stack: Stack, tmp_path: Path):
        # How long an import takes is the machine's affair, so that the moments are parts of one
        # that was measured. One that ended by itself shows that it takes less, and another follows.
        began = time.monotonic()
        assert run(stack, nine(tmp_path, "Whole"), "--mint")[0] == 0
        whole = time.monotonic() - began
        moments = random.Random(SEED)
        folders = [nine(tmp_path, "Killed-1")]
        killed = 0

        for _ in range(KILLS):
            if not cut_off(stack, folders[-1], whole * moments.uniform(0.1, 0.9)):
                folders.append(nine(tmp_path, f"Killed-{len(folders) + 1}"))
                whole *= 0.7
                continue
            killed += 1
        ended = [run(stack, folder, "--mint") for folder in folders]

        assert killed >= 3
        for folder, (code, told, said) in zip(folders, ended, strict=True):
            assert code == 0, said
            assert told["counts"] == {"minted": 9}
            assert minted(stack, folder.name) == [f"{folder.name} {n}" for n in range(1, 10)]
        listed = json.loads(stack.get("/api/orders?limit=100")[1])["items"]
        orders = 5 * (1 + len(folders))
        assert len({order["token_id"] for order in listed}) == len(listed) == orders


def nine(beside: Path, name: str) -> Path:
    """A folder of nine works with two royalties, of which five have a price."""
    works = rows(name, 9)
    return hang(
        beside / name,
        *[dict(one, royalty="5") for one in works[:4]],
        *[dict(one, royalty="7.5", price="0.5") for one in works[4:]],
    )


def cut_off(stack: Stack, folder: Path, seconds: float) -> bool:
    """Whether an import that gets so many seconds was still at it when it was killed."""
    process = subprocess.Popen(
        command(stack, folder, "--mint", "--json"),
        env=clean_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=seconds)
    going = process.poll() is None
    process.kill()
    process.wait()
    return going

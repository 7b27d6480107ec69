"""
Sheets as people and spreadsheets write them: what is taken, and what is said of the rest.
"""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nft.metadata import Attribute
from nft.sheets.cells import Money
from nft.sheets.columns import COLUMNS, NAMES
from nft.sheets.works import FileFact, Sheet, Terms, read_sheet
from nft.sheets.writing import guarded, template, write_report, write_table
from nft.types import ZERO_ADDRESS, Address, Digest

WETH = Address(b"\xe7" * 20)
STUDIO = Address(b"\x51" * 20)
MARTA = Address(b"\xaa" * 20)
IVO = Address(b"\xbb" * 20)
COIN = Money("ETH", ZERO_ADDRESS, 18)
TOKEN = Money("USDC", WETH, 6)


def folder(*names: str) -> dict[str, FileFact]:
    """Files that all differ."""
    return {name: FileFact(name, 9, Digest(name.encode().ljust(32, b"."))) for name in names}


def terms(**more: object) -> Terms:
    given = {
        "currencies": {"eth": COIN, "usdc": TOKEN, str(WETH).lower(): TOKEN},
        "collections": {"tides": STUDIO},
        "files": folder("a.png", "b.png", "c.png", "é.png"),
    }
    return Terms(**{**given, **more})  # type: ignore[arg-type]


def read(text: str, **more: object) -> Sheet:
    return read_sheet(text.encode(), terms(**more))


def told(sheet: Sheet) -> list[tuple[str, str]]:
    return [(problem.cell, problem.rule) for problem in sheet.problems]


class TestWhatIsTaken:
    def test_a_row_with_everything(self):
        sheet = read(
            "file,title,artist,description,alt_text,date,medium,dimensions,edition number,"
            "Edition-Size,royalty_receivers,price,currency,rights,external_id,collection,trait:Paper\n"
            'a.png,Tide,Ilka,"Line one\r\nline ""two""",Sea,2026,ink,40 × 60 cm,2,5,'
            f'"{MARTA} 5; {IVO} 2.5",12.345678,usdc,CC0,MA-1,Tides,rag\n'
        )

        (work,) = sheet.works
        assert sheet.problems == []
        assert (work.row, work.file, work.title) == (2, "a.png", "Tide")
        assert work.description == 'Line one\nline "two"'
        assert (work.edition_number, work.edition_size, work.copies) == (2, 5, 1)
        assert work.royalties == ((MARTA, 500), (IVO, 250))
        assert work.royalty_bps == 750
        assert (work.price, work.currency, work.contract) == (12_345_678, WETH, STUDIO)
        assert work.attributes == (Attribute("Paper", "rag"),)

    def test_an_empty_cell_is_what_the_template_says(self):
        (work,) = read("file,title\na.png,Tide\n").works

        assert (work.edition_number, work.edition_size, work.copies) == (1, 1, 1)
        assert (work.price, work.currency, work.royalty_bps) == (None, ZERO_ADDRESS, 0)
        assert work.contract is None

    @pytest.mark.parametrize(
        ("text", "wei"),
        [
            ("1", 10**18),
            ("0.000000000000000001", 1),
            ("1,5", 15 * 10**17),
            ("0,125", 125 * 10**15),
            ("1234.50", 1_234_500_000_000_000_000_000),
            ("0.1", 10**17),
        ],
    )
    def test_a_price_is_exact(self, text: str, wei: int):
        (work,) = read(f'file,title,price\na.png,Tide,"{text}"\n').works

        assert work.price == wei

    @pytest.mark.parametrize(
        ("text", "bps"), [("7.5", 750), ("7,5 %", 750), ("25", 2500), ("0.01%", 1), ("10.00", 1000)]
    )
    def test_a_per_cent_is_exact(self, text: str, bps: int):
        (work,) = read(f'file,title,royalty\na.png,Tide,"{text}"\n').works

        assert work.royalty_bps == bps

    def test_copies_make_the_edition(self):
        (work,) = read("file,title,copies\na.png,Tide,12\n").works

        assert (work.copies, work.edition_number, work.edition_size) == (12, 1, 12)

    def test_a_file_name_in_two_characters_is_the_same_name(self):
        (work,) = read("file,title\ne\u0301.png,Tide\n").works

        assert work.file == "é.png"

    def test_the_same_file_may_hang_twice_in_one_edition(self):
        sheet = read("file,title,edition_number,edition_size\na.png,T,1,2\na.png,T,2,2\n")

        assert [work.edition_number for work in sheet.works] == [1, 2]
        assert sheet.works[0].digest(folder("a.png")) != sheet.works[1].digest(folder("a.png"))


class TestFormsOfFile:
    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_any_spreadsheet_may_have_written_it(self, separator: str, end: str, encoding: str):
        text = end.join(
            (separator.join(("file", "title", "price")), separator.join(("a.png", "雾", '"1,5"')))
        )

        sheet = read_sheet(text.encode(encoding), terms())

        assert sheet.problems == []
        assert [(work.title, work.price) for work in sheet.works] == [("雾", 15 * 10**17)]

    def test_excels_first_line_is_obeyed_and_not_counted(self):
        sheet = read("sep=;\r\nfile;title\r\nb.png;\r\n")

        assert told(sheet) == [("B2", "CellEmpty")]

    def test_rows_are_numbered_as_the_spreadsheet_does(self):
        sheet = read('file,title,description\na.png,T,"one\ntwo\nthree"\n\n,,\nz.png,U,\n')

        assert told(sheet) == [("A5", "FileMissing")]

    def test_a_row_may_end_early(self):
        sheet = read("file,title,artist,medium\na.png,Tide\n")

        assert [work.title for work in sheet.works] == ["Tide"]

    def test_bytes_of_another_code_page_are_told_by_line(self):
        sheet = read_sheet("file,title\na.png,Café\n".encode("cp1252"), terms())

        assert told(sheet) == [("2", "NotUtf8")]
        assert sheet.works == []

    @pytest.mark.parametrize(
        ("text", "rule"),
        [
            ("", "SheetEmpty"),
            ("file,title\n", "SheetEmpty"),
            ("file,title\na.png,\x00\n", "NotText"),
            ("title\nTide\n", "ColumnMissing"),
            ("file,title,titel\na.png,Tide,x\n", "ColumnUnknown"),
            ("file,title,Title\na.png,Tide,x\n", "ColumnTwice"),
            ('file,title\na.png,"Tide\n', "QuotesUnbalanced"),
            ('file,title\na.png,"Ti"de\n', "QuotesUnbalanced"),
            ("file,title\n" + "a.png,Tide\n" * 2_001, "TooManyRows"),
            ("file,title\na.png,Tide" + "x" * 5_000_000, "SheetTooLarge"),
            ("file,title," + ",".join(f"trait:{n}" for n in range(200)), "TooManyColumns"),
        ],
    )
    def test_a_form_that_is_wrong_takes_no_row_for_another(self, text: str, rule: str):
        sheet = read(text)

        assert rule in [problem.rule for problem in sheet.problems]
        assert rule in ("TooManyRows",) or sheet.works == []

    def test_a_misspelt_column_is_told_with_the_one_that_was_meant(self):
        sheet = read("file,title,descripton\na.png,Tide,x\n")

        assert sheet.problems[0].cell == "C1"
        assert "`description`" in sheet.problems[0].detail

    def test_a_cell_without_a_column_is_told(self):
        sheet = read("file,title\na.png,Tide, and more\nb.png,Fog\n")

        assert told(sheet) == [("C2", "CellTooMany")]
        assert [work.title for work in sheet.works] == ["Fog"]


class TestWhatIsWrong:
    @pytest.mark.parametrize(
        ("column", "value", "rule"),
        [
            ("file", "../a.png", "FileNameHasPath"),
            ("file", "sub\\a.png", "FileNameHasPath"),
            ("file", "..", "FileNameImpossible"),
            ("file", "A.PNG", "FileMissing"),
            ("file", "nowhere.png", "FileMissing"),
            ("cover", "nowhere.png", "FileMissing"),
            ("cover", "a.png", "CoverIsFile"),
            ("title", "x" * 201, "TextTooLong"),
            ("title", "\u202eevil", "TextUnshowable"),
            ("artist", "#REF!", "CellIsAnError"),
            ("edition_number", "0", "NotACount"),
            ("edition_number", "2", "EditionImpossible"),
            ("edition_size", "1.5", "NotACount"),
            ("copies", "101", "NotACount"),
            ("copies", "٣", "NotACount"),
            ("royalty", "25.01", "RoyaltyTooHigh"),
            ("royalty", "7.505", "TooManyDecimals"),
            ("royalty", "seven", "NotANumber"),
            ("royalty_receivers", f"{MARTA}", "ReceiverIncomplete"),
            ("royalty_receivers", "0x12 5", "NotAnAddress"),
            ("royalty_receivers", f"{ZERO_ADDRESS} 5", "ReceiverMissing"),
            ("royalty_receivers", f"{MARTA} 5; {MARTA} 1", "ReceiverTwice"),
            ("royalty_receivers", f"{MARTA} 20; {IVO} 5.01", "RoyaltyTooHigh"),
            ("royalty_receivers", f"{MARTA} 0", "ReceiverWithoutShare"),
            ("price", "1,000", "NumberAmbiguous"),
            ("price", "1E+18", "NumberShortened"),
            ("price", "-1", "NotANumber"),
            ("price", "0", "PriceImpossible"),
            ("price", "1.0000000000000000001", "TooManyDecimals"),
            ("price", "１", "NotANumber"),
            ("currency", "DOGE", "CurrencyUnknown"),
            ("collection", "Strangers", "CollectionUnknown"),
            ("trait:Paper", "x" * 301, "TextTooLong"),
        ],
    )
    def test_is_told_with_its_cell(self, column: str, value: str, rule: str):
        given = {"file": "a.png", "title": "Tide", column: value}

        sheet = read_sheet(write_table([list(given), list(given.values())]), terms())

        assert [problem.rule for problem in sheet.problems] == [rule]
        problem = sheet.problems[0]
        assert (problem.row, problem.column) == (2, column)
        assert problem.value == value
        assert sheet.works == []

    def test_every_cell_of_every_row_is_looked_at(self):
        sheet = read(
            "file,title,price,royalty\na.png,,zero,99\nb.png,Fog,1,5\nnowhere.png,Rain,1E+18,x\n"
        )

        assert told(sheet) == [
            ("B2", "CellEmpty"),
            ("C2", "NotANumber"),
            ("D2", "RoyaltyTooHigh"),
            ("A4", "FileMissing"),
            ("C4", "NumberShortened"),
            ("D4", "NotANumber"),
        ]
        assert [work.row for work in sheet.works] == [3]
        assert sheet.rows == 3

    def test_letters_cased_otherwise_are_named(self):
        sheet = read("file,title\nA.PNG,Tide\n")

        assert "'a.png'" in sheet.problems[0].detail

    def test_the_first_of_two_rows_with_one_name_is_taken(self):
        twin = {
            **folder("a.png", "b.png"),
            "c.png": FileFact("c.png", 9, folder("a.png")["a.png"].sha256),
        }

        sheet = read(
            "file,title,external_id\na.png,T,1\na.png,T,2\nb.png,U,1\nc.png,V,3\nb.png,W,4\n",
            files=twin,
        )

        assert told(sheet) == [
            ("A3", "FileTwice"),
            ("C4", "ExternalIdTwice"),
            ("A5", "FileTwice"),
            ("A6", "FileTwice"),
        ]
        assert [work.row for work in sheet.works] == [2]

    def test_shares_that_do_not_add_up(self):
        sheet = read(f"file,title,royalty,royalty_receivers\na.png,T,7.5,{MARTA} 5\n")

        assert told(sheet) == [("D2", "RoyaltiesDiffer")]


TEXT = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc"],
        exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    ),
    max_size=60,
).map(lambda text: text.strip(" \t\n\u00a0\u3000\ufeff"))


class TestAnySheet:
    @given(st.binary(max_size=400))
    def test_garbage_is_answered_and_never_raises(self, data: bytes):
        sheet = read_sheet(data, terms())

        assert sheet.problems or sheet.works

    @given(st.lists(st.lists(st.text(max_size=12), max_size=8), max_size=6))
    def test_rows_of_anything_never_raise(self, rows: list[list[str]]):
        sheet = read_sheet(write_table([list(NAMES), *rows]), terms())

        assert len(sheet.works) <= sheet.rows

    @given(
        st.lists(st.tuples(TEXT.filter(bool), TEXT, TEXT), min_size=1, max_size=5),
        st.sampled_from([",", ";", "\t"]),
    )
    def test_what_is_written_is_read(self, said: list[tuple[str, str, str]], separator: str):
        rows = [
            [f"{n}.png", title, artist, rights] for n, (title, artist, rights) in enumerate(said)
        ]
        names = folder(*(row[0] for row in rows))

        data = write_table([["file", "title", "artist", "rights"], *rows], separator=separator)
        sheet = read_sheet(data, terms(files=names))

        wrong = {problem.rule for problem in sheet.problems}
        assert wrong <= {"CellIsAnError"}
        if not wrong:
            assert [[w.file, w.title, w.artist, w.rights] for w in sheet.works] == rows

    @given(st.text(max_size=30))
    def test_no_cell_that_is_written_is_a_formula(self, text: str):
        data = write_report([{"row": 2, "value": text, "detail": text}])

        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        assert not any(cell.startswith(tuple("=+-@\t\r")) for row in rows for cell in row)
        assert guarded(text).removeprefix("'") in (text, text.removeprefix("'"))


class TestTemplate:
    def test_names_every_column_once(self):
        header = next(csv.reader(io.StringIO(template().decode("utf-8-sig"))))

        assert header == [column.name for column in COLUMNS]

    def test_can_be_read_when_its_file_is_there(self):
        sheet = read_sheet(template(), terms(files=folder("tide-01.png")))

        assert sheet.problems == []
        assert sheet.works[0].price == 8 * 10**17

"""
The printed certificate: an archive of itself, in two languages, whatever an artist writes.
"""

import io
import json
from dataclasses import replace
from datetime import date

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from PIL import ImageFilter

from api.forms.codes import LEAST_MODULE_MM, code_of
from api.forms.sheets import printed
from tests.support.offered_papers import offered_papers
from tests.support.sheets import (
    DIGEST,
    MARLOWE,
    PRESS,
    attached_to,
    picture_in,
    sheet,
    shown,
    text_of,
)

HOSTILE = '#panic("x") $1/0$ \\ @ref <label> #read("/etc/passwd") *b* _i_ `raw` "]}) // /* [ #{'


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    """The certificate of an ordinary work."""
    return printed(
        PRESS, sheet(artist="I. Marlowe", picture=picture_in(tmp_path_factory.mktemp("p")))
    )


class TestArchive:
    def test_is_the_same_file_each_time(self, paper, tmp_path):
        again = printed(PRESS, sheet(artist="I. Marlowe", picture=picture_in(tmp_path)))

        assert again == paper

    def test_carries_the_very_credential(self, paper):
        file = pikepdf.open(io.BytesIO(paper))
        attached = file.attachments["certificate.json"].get_file()

        assert list(file.attachments) == ["certificate.json"]
        assert attached.read_bytes() == sheet(artist="I. Marlowe").body
        assert attached.mime_type == "application/json"
        assert file.Root.AF[0].AFRelationship == pikepdf.Name.Source

    def test_says_that_it_is_for_archives_and_for_everybody(self, paper):
        file = pikepdf.open(io.BytesIO(paper))
        with file.open_metadata() as told:
            stated = {
                name: told[name] for name in ("pdfaid:part", "pdfaid:conformance", "pdfuaid:part")
            }

        assert stated == {"pdfaid:part": "3", "pdfaid:conformance": "A", "pdfuaid:part": "1"}
        assert file.Root.MarkInfo.Marked
        assert file.Root.Lang == "en-GB"
        assert file.Root.ViewerPreferences.DisplayDocTitle
        assert "/Encrypt" not in file.trailer

    def test_has_a_heading_for_the_work_and_one_for_each_question(self, paper):
        headings = [tag for tag in tags(paper) if tag in ("H1", "H2", "H3")]

        assert headings == ["H1", *["H2"] * 5]
        assert alternatives(paper) >= {"The artist’s seal", "QR code: the page of this certificate"}

    def test_embeds_every_face(self, paper):
        file = pikepdf.open(io.BytesIO(paper))
        described = [one for one in file.objects if is_descriptor(one)]

        assert described
        assert all("/FontFile2" in one or "/FontFile3" in one for one in described)

    def test_runs_nothing_and_asks_nobody(self, paper):
        assert not any(
            name in paper for name in (b"/JavaScript", b"/JS ", b"/Launch", b"/SubmitForm", b"/AA ")
        )

    def test_bears_the_time_of_the_mint_and_no_other(self, paper):
        file = pikepdf.open(io.BytesIO(paper))

        assert str(file.docinfo.CreationDate).startswith("D:20260504100512")


class TestWords:
    def test_answers_first(self, paper):
        told = text_of(paper)

        assert (
            told.index("Minted on 4 May 2026") < told.index("Is it real") < told.index(str(DIGEST))
        )
        assert str(MARLOWE) in told
        assert "What counts is the file certificate.json" in " ".join(told.split())

    def test_is_chinese_for_chinese_readers(self):
        body = printed(PRESS, sheet(language="zh", title="山水七重", artist="岚音"))
        told = text_of(body)

        assert "《山水七重》" in told
        assert "2026 年 5 月 4 日由密钥" in told.replace("2026年5月4日", "2026 年 5 月 4 日")
        assert "岚音" in told
        assert pikepdf.open(io.BytesIO(body)).Root.Lang == "zh-CN"
        assert len(pypdfium2.PdfDocument(body)) == 1

    @pytest.mark.parametrize("title", ["彝龘𠮷書", "Ōtautahi, łódź", "Привет"])
    def test_prints_what_some_face_has(self, title):
        assert title.replace("𠮷", "") in text_of(printed(PRESS, sheet(title=title))).replace(
            "□", ""
        )

    def test_says_so_where_a_sign_cannot_be_printed(self):
        told = text_of(printed(PRESS, sheet(title="Sun 🌞 عين")))

        assert "Sun □" in told
        assert "certificate.json has them all" in told

    def test_marks_what_stands_on_a_test_chain(self):
        told = text_of(printed(PRESS, sheet(is_test=True)))

        assert told.startswith("TEST. This work exists on a test chain only")

    def test_marks_what_is_provisional(self):
        assert "Provisional." in text_of(printed(PRESS, sheet(is_provisional=True)))


def of_an_offer(**changed):
    """The sheet of a work that is offered and not minted."""
    paper = offered_papers(seed=41)
    return replace(sheet(), body=paper.body, **changed)


class TestBeforeTheMint:
    @pytest.mark.parametrize(
        ("language", "day", "said"),
        [
            ("en", None, "Not minted yet."),
            ("en", date(2026, 5, 9), "Anchored, not minted. Since 9 May 2026 the chain shows"),
            ("zh", date(2026, 5, 9), "已锚定，尚未铸造。"),
        ],
    )
    def test_says_so_first_and_names_no_owner(self, language, day, said, tmp_path):
        asked = of_an_offer(language=language, anchored_on=day, picture=picture_in(tmp_path))

        body = printed(PRESS, asked)

        told = text_of(body)
        assert told.startswith(said)
        assert {"en": "Nobody owns it yet.", "zh": "尚无人拥有。"}[language] in told
        assert "Minted on" not in told
        assert "Mint, block" not in told
        assert len(pypdfium2.PdfDocument(body)) == 1
        assert attached_to(body) == asked.body

    def test_says_the_share_of_later_sales_that_was_signed(self):
        paper = offered_papers(seed=41)
        document = json.loads(paper.body)
        document["credentialSubject"]["voucher"]["message"]["royaltyBps"] = "750"
        stated = replace(of_an_offer(), body=json.dumps(document).encode())

        assert "the default share" in text_of(printed(PRESS, of_an_offer()))
        assert "7.5% of every later sale" in text_of(printed(PRESS, stated))


class TestHostileWords:
    @pytest.mark.parametrize("field", ["title", "artist", "rights", "medium", "alt_text"])
    def test_are_text_and_nothing_else(self, field, tmp_path):
        body = printed(PRESS, sheet(picture=picture_in(tmp_path), **{field: HOSTILE}))

        assert field == "alt_text" or squeezed(HOSTILE) in squeezed(text_of(body))
        assert "root:" not in text_of(body)

    @pytest.mark.parametrize(
        "stated",
        [
            {"title": "W" * 200, "artist": "M" * 300, "medium": "x" * 300, "rights": "y" * 10_000},
            {"title": "山" * 200, "rights": "水" * 10_000},
            {"title": "a\nb\tc", "rights": "\n\n\n"},
        ],
        ids=["long", "long and Chinese", "broken"],
    )
    def test_of_any_length_leave_a_sheet_that_can_be_read(self, stated):
        body = printed(PRESS, sheet(**stated))

        assert len(pypdfium2.PdfDocument(body)) <= 2
        assert str(DIGEST) in text_of(body)

    def test_a_credential_of_odd_shape_is_printed_all_the_same(self):
        document = json.loads(sheet().body)
        document["credentialSubject"] |= {"title": 7, "artist": None, "media": "x", "edition": []}
        odd = replace(sheet(), body=json.dumps(document).encode())

        assert "Untitled" in text_of(printed(PRESS, odd))


class TestCode:
    @pytest.mark.parametrize(
        "public_url",
        ["https://vernissage.example", "http://localhost:8000/under/a/path"],
    )
    def test_is_read_back_from_paper(self, public_url):
        page = shown(printed(PRESS, sheet(public_url=public_url)))
        blurred = page.convert("L").filter(ImageFilter.GaussianBlur(2.5))

        read = zxingcpp.read_barcodes(blurred, formats=zxingcpp.BarcodeFormat.QRCode)

        assert [one.text for one in read] == [code_of(public_url, sheet().code).text]

    def test_is_two_centimetres_wide_on_paper(self):
        page = shown(printed(PRESS, sheet()))
        corners = zxingcpp.read_barcodes(page)[0].position

        side = (corners.top_right.x - corners.top_left.x) / 300 * 25.4

        assert side == pytest.approx(20, abs=0.3)

    def test_has_modules_that_a_telephone_reads(self):
        longest = code_of("https://" + "a" * 60 + ".example", "abcdefghijkl")

        assert longest.module_mm >= LEAST_MODULE_MM

    def test_is_smaller_for_being_in_capitals(self):
        code = code_of("https://vernissage.example", "abcdefghijkl")

        assert (code.modules, code.level) == (29, "Q")
        assert code.text == "HTTPS://VERNISSAGE.EXAMPLE/V/ABCDEFGHIJKL"


def squeezed(text):
    """Without the places where lines were broken."""
    return "".join(text.split())


def elements(body):
    """The tagged structure, in its order."""
    file = pikepdf.open(io.BytesIO(body))
    found, waiting = [], [file.Root.StructTreeRoot]
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Array):
            waiting.extend(reversed(list(one)))
        elif isinstance(one, pikepdf.Dictionary):
            if "/S" in one:
                found.append((str(one.S)[1:], str(one.get("/Alt", ""))))
            if "/K" in one and not isinstance(one.K, int):
                waiting.append(one.K)
    return found


def tags(body):
    return [tag for tag, _ in elements(body)]


def alternatives(body):
    return {alternative for _, alternative in elements(body) if alternative}


def is_descriptor(one):
    return isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/FontDescriptor"

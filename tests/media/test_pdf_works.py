"""PDF documents as works."""

import random

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from media.checks import Inspection, Problem, inspect
from tests.media import recordings
from tests.media.recordings import pdf
from tests.media.test_recordings import changed, codes


def action(kind: str, **more: object):
    """Something that a document does when it is opened."""

    def change(document: pikepdf.Pdf) -> None:
        document.Root.OpenAction = Dictionary(S=Name(f"/{kind}"), **more)

    return change


def on_a_page(kind: str, **more: object):
    """Something that a document does when somebody touches a page."""

    def change(document: pikepdf.Pdf) -> None:
        act = Dictionary(S=Name(f"/{kind}"), **more)
        note = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 50, 50]), A=act)
        document.pages[0].Annots = Array([document.make_indirect(note)])

    return change


def attach(document: pikepdf.Pdf) -> None:
    document.attachments["hidden.exe"] = b"MZ"


def form(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = Dictionary(XFA=pikepdf.Stream(document, b"<xdp/>"))


def film(document: pikepdf.Pdf) -> None:
    note = Dictionary(
        Type=Name.Annot,
        Subtype=Name.RichMedia,
        Rect=Array([0, 0, 50, 50]),
        RichMediaContent=Dictionary(),
    )
    document.pages[0].Annots = Array([document.make_indirect(note)])


def name_people(document: pikepdf.Pdf) -> None:
    document.docinfo["/Author"] = "Ann Onymous"
    document.docinfo["/Producer"] = "Writer 9"


ACTIVE = {
    "script": action("JavaScript", JS=String("app.alert(1)")),
    "script of a page": on_a_page("JavaScript", JS=String("app.alert(1)")),
    "launch": action("Launch", F=String("calc.exe")),
    "form that sends": on_a_page("SubmitForm", F=String("https://example.org")),
    "other file": on_a_page("GoToR", F=String("other.pdf"), D=String("x")),
    "attachment": attach,
    "xfa": form,
    "film": film,
}


class TestGoodDocuments:
    @pytest.mark.parametrize("saved", [{}, {"linearize": True}], ids=["plain", "linearized"])
    def test_tells_pages_and_shows_the_first(self, look, saved):
        found = look(pdf(pages=3, **saved))

        assert isinstance(found, Inspection), found
        assert (found.type, found.width, found.height) == ("application/pdf", 300, 400)
        assert (found.details, found.findings) == ({"pages": 3}, ())
        assert found.variants[0].width == 480
        poster = recordings.opened(look.folder / "w480.webp").convert("L")
        assert poster.getextrema()[0] < 60
        assert poster.getextrema()[1] > 200

    def test_makes_the_same_poster_every_time(self, look):
        data = pdf()
        look(data)
        first = {path.name: path.read_bytes() for path in look.folder.iterdir()}
        look(data)

        assert {path.name: path.read_bytes() for path in look.folder.iterdir()} == first

    def test_names_whom_it_names(self, look):
        found = look(pdf(change=name_people))

        assert codes(found) == ["AuthorDetails"]
        assert "Ann Onymous" in found.findings[0]["detail"]

    def test_tells_links(self, look):
        found = look(pdf(change=on_a_page("URI", URI=String("https://example.org"))))

        assert codes(found) == ["OutsideLinks"]

    def test_tells_earlier_versions(self, look):
        data = pdf()
        start = data.rindex(b"startxref")
        table = int(data[start:].split()[1])
        # An empty update, as programs append when somebody saves again.
        trailer = data[data.rindex(b"trailer") + 7 : start].strip()[:-2]
        later = b"xref\n0 0\ntrailer\n" + trailer + b" /Prev %d >>\n" % table
        update = later + b"startxref\n%d\n%%%%EOF\n" % len(data)

        found = look(data + update)

        assert codes(found) == ["EarlierVersions"]


class TestBadDocuments:
    @pytest.mark.parametrize("name", ACTIVE)
    def test_refuses_what_does_something(self, look, name):
        problem = look(pdf(change=ACTIVE[name]))

        assert isinstance(problem, Problem), problem
        assert problem.code == "ActiveContent"

    def test_refuses_what_is_encrypted(self, look):
        locked = pikepdf.Encryption(owner="o", user="u")
        open_to_all = pikepdf.Encryption(owner="o", user="")

        for lock in (locked, open_to_all):
            problem = look(pdf(encryption=lock))
            assert isinstance(problem, Problem)
            assert problem.code == "Encrypted"

    def test_refuses_a_page_that_is_too_large(self, look):
        def grow(document: pikepdf.Pdf) -> None:
            document.pages[1].MediaBox = Array([0, 0, 20_000, 100])

        problem = look(pdf(change=grow))

        assert isinstance(problem, Problem)
        assert (problem.code, "20000 × 100" in problem.detail) == ("TooManyPixels", True)

    @pytest.mark.parametrize("tail", [b"<html><script>", b"\0" * 100, b"PK\x03\x04" + bytes(40)])
    def test_refuses_what_follows_the_end(self, look, tail):
        problem = look(pdf() + tail)

        assert isinstance(problem, Problem)
        assert problem.code == "TrailingData"

    def test_refuses_a_document_cut_short(self, look):
        data = pdf()

        for part in (len(data) // 2, len(data) - 8):
            problem = look(data[:part])
            assert isinstance(problem, Problem)
            assert problem.code == "FileDamaged"

    def test_answers_for_any_changed_document(self, tmp_path):
        data, chance = pdf(), random.Random("pdf")
        path, folder = tmp_path / "file", tmp_path / "variants"
        folder.mkdir()
        for _ in range(40):
            path.write_bytes(changed(data, chance))

            assert isinstance(inspect(path, folder), Inspection | Problem)

"""
PDF: its structure, its streams and what it would do, by qpdf; its first page, by PDFium.

A work is something to look at. What runs, opens, sends, plays or hides is refused by name: scripts,
launching, forms that send, XFA, films inside, files attached, pages of other files. Links to
addresses and older versions inside the file are told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media.decoders.results import Finding, answer_of
from media.decoders.tags import told_by
from media.formats import Structure, Unfit

if TYPE_CHECKING:
    import pikepdf

MAX_PAGES = 2_000
MAX_OBJECTS = 500_000
MAX_SIDE = 14_400
"""Points: two hundred inches, what the standard allows."""
_LONG_SIDE = 2048

_ACTIONS = {
    "/JavaScript": "runs a script",
    "/Launch": "starts a program",
    "/SubmitForm": "sends a form",
    "/ImportData": "reads in data",
    "/GoToR": "opens another file",
    "/GoToE": "opens a file inside",
    "/Rendition": "plays a film or sound",
    "/Movie": "plays a film",
    "/Sound": "plays a sound",
    "/RichMediaExecute": "runs a film or a model",
}
_KEYS = {
    "/JS": "runs a script",
    "/XFA": "is an XFA form",
    "/EmbeddedFiles": "has files attached",
    "/EF": "has files attached",
    "/RichMediaContent": "holds a film or a model",
    "/3DD": "holds a model",
}


def decode(path: Path, structure: Structure, folder: Path) -> dict[str, Any]:
    """Inspect, then render the first page as the poster."""
    import pikepdf  # after the limits

    try:
        with pikepdf.open(path, suppress_warnings=True, attempt_recovery=False) as document:
            pages, width, height = _check_pages(document)
            links = _check_objects(document)
            problems = document.check_pdf_syntax()
            if problems:
                raise Unfit("FileDamaged", f"the PDF is damaged: {problems[0][:200]}")
            findings = _findings(document, structure, links)
    except pikepdf.PasswordError as error:
        raise Unfit("Encrypted", "the PDF is encrypted; nobody could open the work") from error
    except pikepdf.PdfError as error:
        raise Unfit("FileDamaged", f"the PDF cannot be read: {str(error)[:200]}") from error
    return answer_of(
        replace(structure, details={}),
        folder,
        poster=_first_page(path),
        width=width,
        height=height,
        findings=findings,
        details={"pages": pages},
    )


def _check_pages(document: pikepdf.Pdf) -> tuple[int, int, int]:
    if document.is_encrypted:
        raise Unfit("Encrypted", "the PDF is encrypted; upload one without restrictions")
    pages = len(document.pages)
    if not 1 <= pages <= MAX_PAGES:
        raise Unfit("TooManyPages", f"the PDF has {pages} pages; 1 to {MAX_PAGES} are taken")
    if len(document.objects) > MAX_OBJECTS:
        raise Unfit(
            "TooManyObjects", f"the PDF has {len(document.objects)} objects, over {MAX_OBJECTS}"
        )
    size = (0, 0)
    for number, page in enumerate(document.pages, start=1):
        left, low, right, high = (float(side) for side in page.mediabox)
        width, height = abs(right - left), abs(high - low)
        if not min(width, height) >= 1 or max(width, height) > MAX_SIDE:
            raise Unfit(
                "TooManyPixels",
                f"page {number} is {width:g} × {height:g} points; a side may have {MAX_SIDE}",
            )
        if number == 1:
            size = (round(width), round(height))
            if int(page.obj.get("/Rotate", 0)) % 180:
                size = size[::-1]
    return pages, *size


def _check_objects(document: pikepdf.Pdf) -> int:
    """Refuse what does something; how many links there are to addresses."""
    links = 0
    for found in _dictionaries(document):
        for key, does in _KEYS.items():
            if key in found:
                raise Unfit("ActiveContent", f"the PDF {does} ({key}); a work may not")
        action = str(found.get("/S", ""))
        if action in _ACTIONS and ("/Type" not in found or str(found["/Type"]) == "/Action"):
            raise Unfit("ActiveContent", f"the PDF {_ACTIONS[action]} ({action}); a work may not")
        links += action == "/URI"
    return links


def _dictionaries(document: pikepdf.Pdf) -> Iterator[Any]:
    """Yield every dictionary of the file, those inside of others too."""
    import pikepdf

    waiting: list[Any] = [document.trailer, *document.objects]
    count = 0
    while waiting:
        found = waiting.pop()
        count += 1
        if count > 20 * MAX_OBJECTS:
            raise Unfit("TooManyObjects", "the PDF has too many objects")
        if isinstance(found, pikepdf.Array):
            inner = list(found.as_list())
        elif isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
            yield found
            inner = [value for _, value in found.items()]
        else:
            continue
        # What stands by itself is in the list already.
        waiting.extend(
            value for value in inner if isinstance(value, pikepdf.Object) and not value.is_indirect
        )


def _findings(document: pikepdf.Pdf, structure: Structure, links: int) -> list[Finding]:
    tags = {
        str(key).lstrip("/").lower(): str(value) for key, value in dict(document.docinfo).items()
    }
    with document.open_metadata(set_pikepdf_as_editor=False) as xmp:
        tags.update({key.rpartition("}")[2].lower(): str(xmp[key]) for key in list(xmp)})
    found = told_by(tags)
    versions = int(structure.details["ends"]) - (1 if document.is_linearized else 0)
    if versions > 1:
        found.append(
            {
                "code": "EarlierVersions",
                "detail": f"The PDF was changed {versions - 1} time(s) by adding to it: what "
                "it was before is still inside, for everybody to read.",
            }
        )
    if links:
        found.append(
            {
                "code": "OutsideLinks",
                "detail": f"The PDF links to {links} address(es), which may change or go away.",
            }
        )
    return found


def _first_page(path: Path) -> Any:
    """The first page as a picture. What PDFium cannot draw is no work to look at."""
    import pypdfium2  # type: ignore[import-untyped]

    try:
        document = pypdfium2.PdfDocument(path)
        try:
            page = document[0]
            width, height = page.get_size()
            scale = _LONG_SIDE / max(width, height, 1)
            bitmap = page.render(scale=scale, may_draw_forms=False)
            return bitmap.to_pil().convert("RGB")
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        raise Unfit("FileDamaged", f"the first page cannot be drawn: {error}") from error

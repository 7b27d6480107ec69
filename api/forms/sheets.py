"""
The printed certificate: a view of the credential on one sheet, with the credential attached.

A pure function of the credential's bytes, the picture's file, the language and our own address:
printed again it is the same PDF, byte for byte, so its hash may be published. It says nothing that
a sale changes. The picture is a variant of ours, never a stranger's file. Of a work that is not
minted the sheet says so first, and since when the certificate is anchored: that changes once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from babel.dates import format_date

from api import display, seal
from api.forms import wording
from api.forms.codes import code_of, short_url
from api.languages import BABEL_LOCALE, catalogue
from api.tokens import documents
from media.typesetting import MISSING, SANS, SERIF, Press
from nft.types import Address, Digest
from nft.vouchers import DEFAULT_ROYALTY

LONGEST_RIGHTS = 700
LONGEST_LINE = 220
MOST_FILES = 4
TALLEST_MM = 100.0
"""Of the picture, where nothing but it and the questions stood on the sheet."""
LEAST_MM = 44.0
LINE_MM = 7.0
USUAL_QUESTIONS, ROW_OF_QUESTION_MM = 5, 10.0
ROW_OF_TITLE, ROW_OF_TEXT = 30, 84
"""Letters in a line of the title, and of an answer."""
FORMATS = {"image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A variant of the work's picture, as it lies in our store."""

    file: Path
    type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What is printed."""

    body: bytes
    """The credential, the very bytes that were issued."""
    code: str
    language: str
    public_url: str
    picture: Picture | None
    anchored_on: date | None = None
    """Of a work that is not minted: since when a root on the chain shows its certificate."""


def printed(press: Press, sheet: Sheet) -> bytes:
    """The PDF. Slow enough for a thread: some hundredths of a second."""
    document = json.loads(sheet.body)
    when = display.moment(document["validFrom"])
    assert when is not None, "a certificate has the time of its mint, or of its offer"
    told = _Offered if "voucher" in documents.part(document, "credentialSubject") else _Told
    facts = told(press, sheet, document).facts()
    return press.print(
        "certificate",
        {"facts.json": json.dumps(facts).encode(), "certificate.json": sheet.body},
        picture=sheet.picture.file if sheet.picture else None,
        timestamp=int(when.timestamp()),
    )


class _Told:
    """A credential in the words of one language, and in signs that can be printed."""

    _least_mm = LEAST_MM

    def __init__(self, press: Press, sheet: Sheet, document: Mapping[str, Any]) -> None:
        self._faces = press.faces
        self._sheet = sheet
        self._document = document
        self._subject = documents.part(document, "credentialSubject")
        self._say = catalogue(sheet.language).gettext
        self._locale = BABEL_LOCALE[sheet.language]
        self._is_boxed = False

    def _text(self, name: str, most: int = LONGEST_LINE) -> str:
        """One text of the subject, cut where a sheet has no room for it."""
        told = documents.text(self._subject, name).strip()
        cut = told if len(told) <= most else told[:most].rstrip() + "…"
        said = self._faces.printable(cut)
        self._is_boxed |= said.count(MISSING) > cut.count(MISSING)
        return said

    def facts(self) -> dict[str, Any]:
        """Everything that the sheet's template asks for."""
        title = self._text("title") or self._say("Untitled")
        is_upright = display.is_han(title) or self._sheet.language == "zh"
        told = self._answers()
        words = wording.sheet_words(self._say)
        digest = str(Digest.sha256(self._sheet.body))
        words["counts"] = wording.counts(self._say, digest)
        facts = {
            "lang": self._sheet.language,
            "title": f"《{title}》" if is_upright else title,
            "title_lang": "zh" if display.is_han(title) else "en",
            "is_upright": is_upright,
            "document_title": f"{words['certificate']}{self._say(': ')}{title}",
            "description": words["attached"],
            "keywords": [self._fact("token", "asset")],
            "artist": self._text("artist"),
            "made_of": self._made_of(),
            "key": display.short(self._fact("creator", "address")),
            "words": words,
            "bars": seal.bars(bytes(Address.parse(self._fact("creator", "address")))),
            **told,
            **self._picture(title, self._room(told, title)),
            **self._carried(),
        }
        return facts | self._set_in(facts)

    def _set_in(self, facts: dict[str, Any]) -> dict[str, Any]:
        """The faces that all these words need."""
        chinese = self._faces.chinese_for(_texts(facts))
        return {"serif": list(SERIF), "sans": list(SANS), "chinese": chinese}

    def _fact(self, part: str, name: str) -> str:
        return documents.text(documents.part(self._subject, part), name)

    def _made_of(self) -> str:
        parts = [self._text(name) for name in ("date", "medium", "dimensions")]
        said = self._say(", ").join(part for part in parts if part)
        edition = documents.part(self._subject, "edition")
        number, size = documents.number(edition, "number"), documents.number(edition, "size")
        words = wording.edition_words(self._say, number, size)
        return self._say(". ").join(part for part in (said, words) if part)

    def _answers(self) -> dict[str, Any]:
        say, facts = self._say, self._asked_about()
        when = self._when()
        asked = wording.asked(say, facts)
        values = [[self._fact("creator", "address")], *([] for _ in asked[1:])]
        return {
            "date": {
                name: getattr(when, name)
                for name in ("year", "month", "day", "hour", "minute", "second")
            },
            "warnings": wording.warnings(say, facts),
            "answer": wording.answer(say, facts),
            "asked": [
                {"question": question, "answer": said, "values": below}
                for (question, said), below in zip(asked, values, strict=True)
            ],
            "hashes": self._hashes(),
        }

    def _asked_about(self) -> wording.Facts:
        subject = self._subject
        royalty = documents.number(documents.part(self._mint, "royalty"), "bps") or 0
        return wording.Facts(
            day=format_date(self._when(), format="long", locale=self._locale),
            key=display.short(self._fact("creator", "address")),
            artist=self._text("artist"),
            has_statement="statement" in subject,
            rights=self._text("rights", LONGEST_RIGHTS),
            royalty=display.percent(royalty, self._locale),
            is_test="notice" in subject,
            is_provisional="provisional" in subject,
            is_boxed=self._is_boxed,
            public_url=self._sheet.public_url,
        )

    @property
    def _mint(self) -> Mapping[str, Any]:
        return documents.part(self._subject, "mint")

    def _when(self) -> datetime:
        """The day on the sheet."""
        found = display.moment(self._mint["timestamp"])
        assert found is not None, "a certificate has the time of its mint"
        return found

    def _hashes(self) -> list[tuple[str, str]]:
        return [
            *self._hashes_of_work(),
            (wording.hash_names(self._say)["mint"], self._fact("mint", "transaction_hash")),
            (wording.hash_names(self._say)["block"], self._fact("mint", "block_hash")),
        ]

    def _hashes_of_work(self) -> list[tuple[str, str]]:
        names = wording.hash_names(self._say)
        files = documents.parts(self._subject, "media")[:MOST_FILES]
        chain, contract = self._fact("token", "chain"), self._fact("token", "contract")
        return [
            *(
                (names[documents.text(file, "role")], documents.text(file, "sha256"))
                for file in files
                if documents.text(file, "role") in names
            ),
            (names["description"], self._fact("metadata", "sha256")),
            (names["chain"], f"{chain} {contract}"),
            (names["token"], self._fact("token", "token_id")),
        ]

    def _room(self, told: Mapping[str, Any], title: str) -> float:
        """How high the picture may be, so that all of it stays on one sheet where it can."""
        wide = 2 if display.is_han(title) else 1
        title_lines = min(2, wide * len(title) // ROW_OF_TITLE)
        more = sum(wide * len(one["answer"]) // ROW_OF_TEXT for one in told["asked"])
        taken = LINE_MM * (2 * len(told["warnings"]) + len(told["answer"]))
        taken += ROW_OF_QUESTION_MM * max(0, len(told["asked"]) - USUAL_QUESTIONS)
        return max(self._least_mm, TALLEST_MM - taken - 11 * title_lines - 4.4 * max(0, more - 6))

    def _picture(self, title: str, room: float) -> dict[str, Any]:
        shown = self._sheet.picture
        if shown is None:
            return {"has_picture": False}
        alt = self._text("alt_text", 2_000)
        untold = self._say("Picture of “%(title)s”; the artist gave no description of it")
        return {
            "has_picture": True,
            "picture": f"/{shown.file.name}",
            "picture_format": FORMATS[shown.type],
            "picture_ratio": shown.width / shown.height,
            "picture_height": room,
            "alt": alt or untold % {"title": title},
        }

    def _carried(self) -> dict[str, Any]:
        code = code_of(self._sheet.public_url, self._sheet.code)
        url = short_url(self._sheet.public_url, self._sheet.code)
        return {
            "code": code.svg.decode(),
            "code_mm": round(code.whole_mm, 3),
            "margin_mm": round(code.margin_mm, 3),
            "short_url": url,
            "short_shown": url.partition("://")[2],
        }


class _Offered(_Told):
    """The certificate of a work that is not minted: no mint, no owner, and it says so first."""

    _least_mm = LEAST_MM - 10.0

    def _when(self) -> datetime:
        """When the offer was taken in."""
        found = display.moment(self._document["validFrom"])
        assert found is not None, "an offer has the time at which it was taken in"
        return found

    def _asked_about(self) -> wording.Facts:
        voucher = documents.part(self._subject, "voucher")
        bps = documents.text(documents.part(voucher, "message"), "royaltyBps")
        since = self._sheet.anchored_on
        told = super()._asked_about()
        stated = {one.name: getattr(told, one.name) for one in fields(told)}
        return wording.OfferedFacts(
            **stated
            | {
                "key": display.short(documents.text(voucher, "signer")),
                "royalty": ""
                if bps == str(DEFAULT_ROYALTY)
                else display.percent(int(bps), self._locale),
            },
            anchored=format_date(since, format="long", locale=self._locale) if since else "",
            by_contract=documents.text(voucher, "wallet") == "contract",
        )

    def _hashes(self) -> list[tuple[str, str]]:
        return self._hashes_of_work()


def _texts(value: Any) -> list[str]:
    """Every text in it, however deep."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for one in value.values() for text in _texts(one)]
    if isinstance(value, list | tuple):
        return [text for one in value for text in _texts(one)]
    return []

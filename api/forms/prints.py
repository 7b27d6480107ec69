"""
PDFs that were printed, in this process's memory: the most recently asked for.

A PDF is a pure function of its sheet, and a sheet's tag names all of it. So what is found here
under a tag is what printing would give, byte for byte, and nothing ever has to be put out of use:
another version, language or picture has another tag.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import OrderedDict
from dataclasses import asdict
from datetime import date
from functools import lru_cache, partial
from pathlib import Path

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI

from api.etags import etag_of
from api.forms.sheets import Sheet, printed
from media.typesetting import Press

FACES = Path(__file__).resolve().parents[1] / "faces"
LAYOUT = 1
"""Raised with every change of the sheet, so that readers who keep a copy fetch it anew."""
_LIMITER = CapacityLimiter(2)


@lru_cache
def press() -> Press:
    """The one typesetter of this process; its faces are read when the first sheet is set."""
    return Press(FACES)


def tag_of(sheet: Sheet) -> str:
    """A strong tag without printing: of every field, since the PDF is a pure function of them."""
    told = asdict(sheet)
    body = told.pop("body")
    if sheet.picture is not None:
        # Files are named by their content; where the store lies is nobody's business.
        told["picture"]["file"] = sheet.picture.file.name
    facts = json.dumps([LAYOUT, told], default=date.isoformat)
    return etag_of(hashlib.sha256(body).digest() + facts.encode())


async def drawn(sheet: Sheet) -> bytes:
    """The PDF, made off the event loop."""
    return await to_thread.run_sync(partial(printed, press(), sheet), limiter=_LIMITER)


class Prints:
    """PDFs by their tags, up to so many bytes; those asked for longest ago leave."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self.size = 0
        """Bytes that are kept."""
        self._printing: dict[str, asyncio.Task[bytes]] = {}

    def __len__(self) -> int:
        return len(self._bodies)

    async def of(self, sheet: Sheet, tag: str) -> bytes:
        """The PDF of a sheet, printed where it is not at hand; once for all who wait for it."""
        found = self._find(tag)
        if found is not None:
            return found
        printing = self._printing.get(tag)
        if printing is None:
            printing = asyncio.create_task(self._print(sheet, tag))
            self._printing[tag] = printing
            printing.add_done_callback(lambda _: self._printing.pop(tag, None))
        return await asyncio.shield(printing)  # A reader who leaves takes nobody's sheet away.

    async def _print(self, sheet: Sheet, tag: str) -> bytes:
        body = await drawn(sheet)
        self._keep(tag, body)
        return body

    def _find(self, tag: str) -> bytes | None:
        found = self._bodies.get(tag)
        if found is not None:
            self._bodies.move_to_end(tag)
        return found

    def _keep(self, tag: str, body: bytes) -> None:
        if len(body) > self._max_bytes or tag in self._bodies:
            return
        self._bodies[tag] = body
        self.size += len(body)
        while self.size > self._max_bytes:
            _, dropped = self._bodies.popitem(last=False)
            self.size -= len(dropped)


def prints_of(app: FastAPI) -> Prints:
    """The process's prints."""
    found: Prints = app.state.prints
    return found

"""
The templates with fixture objects, served over HTTP under the real headers: what can be looked
at, measured by axe and photographed without a chain or a database.
"""

from __future__ import annotations

import io
import re
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fastapi import FastAPI, Request
from PIL import Image
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from api import errors, pages
from api.app import STATIC, SecurityHeaders
from api.home import pages as home
from api.mints import pages as mints
from tests.pages import exhibits, import_scenes
from tests.pages.payloads import ALL
from tests.pages.scenes import SCENES


def picture(name: str, folder: Path | None) -> bytes:
    """A picture of the size that its name states; a file of that name when there is a folder."""
    found = re.fullmatch(r"(\w+)-(\d+)x(\d+)\.(jpg|webp|avif)", name)
    if found is None:
        raise HTTPException(404)
    if folder and (folder / f"{found[1]}.jpg").exists():
        return (folder / f"{found[1]}.jpg").read_bytes()
    tone = sum(name.encode()) % 200
    # Of variants every pixel, so that a browser knows their width; of originals fewer will do.
    part = 1 if found[4] != "jpg" else 4
    size = (int(found[2]) // part, int(found[3]) // part)
    held = io.BytesIO()
    Image.linear_gradient("L").resize(size).point(lambda v: min(255, v // 2 + tone)).save(
        held,
        {"jpg": "JPEG"}.get(found[4], found[4]),
        **({"speed": 10} if found[4] == "avif" else {}),
    )
    return held.getvalue()


def create_showroom(folder: Path | None = None, now: datetime = exhibits.NOON) -> FastAPI:
    """An application with one route per scene: `/scene/<name>`, and `?as=<address>` as viewer."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.parts = SimpleNamespace(
        clock=lambda: now,
        chains={31337: None},
        public_url="http://localhost:8000",
        media_url="",
    )
    errors.install(app)

    @app.get("/scene/{name}")
    def scene(request: Request, name: str) -> Response:
        template, context = SCENES[name]()
        more: dict[str, Any] = {"viewer": request.query_params.get("as"), "alike": None}
        if template == "error":
            return pages.error_page(request, context)
        return pages.render(request, template, more | context)

    @app.get("/payloads/{field}")
    def payload(request: Request, field: str) -> Response:
        template, context = SCENES["work"]()
        hostile = context["token"].model_copy(update={field: ALL})
        return pages.render(request, template, {"viewer": None} | context | {"token": hostile})

    app.get("/api/imports/{import_id}")(lambda import_id: import_scenes.detail())
    app.get("/api/imports/{import_id}/rows")(lambda import_id: import_scenes.rows())
    app.get("/api/imports/{import_id}/cost")(lambda import_id: import_scenes.cost())

    @app.get("/pictures/{name}")
    def pictures(name: str) -> Response:
        kind = name.rpartition(".")[2].replace("jpg", "jpeg")
        return Response(picture(name, folder), media_type=f"image/{kind}")

    @app.get("/files/{name}")
    def files(name: str) -> Response:
        return Response(b"", media_type=name.replace("-", "/", 1))

    app.get("/hang.css")(home.hang_css)
    app.get("/words/{language}.js")(home.words)
    app.post("/mint/preview")(mints.preview)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(SecurityHeaders, media_url="'self'", is_secure=False)
    return app

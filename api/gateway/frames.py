"""
The one page of ours on the media origin: an empty stage on which a model is turned.

The viewer puts it into a sandboxed frame, and it says so itself besides, so that opened by hand it
has no more rights. What it loads is our two scripts and a model of this origin, nothing else.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, HTMLResponse, Response

from api.deps import PartsDep
from nft.errors import Missing

router = APIRouter()

_STATIC = Path(__file__).resolve().parents[1] / "static"
_FILES = {
    "model.js": _STATIC / "js" / "frame-model.js",
    "model-viewer.js": _STATIC / "vendor" / "model-viewer.min.js",
}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Model</title>
<style>
html, body {{ margin: 0; height: 100%; overflow: hidden; background: transparent; }}
model-viewer {{ width: 100%; height: 100%; background: transparent; --progress-bar-height: 2px; }}
p {{ font: 1rem/1.5 sans-serif; margin: 1rem; color: #777; }}
</style>
<script src="{media_url}/_view/model-viewer.js" type="module" crossorigin></script>
<script src="{media_url}/_view/model.js" type="module" crossorigin></script>
</head>
<body></body>
</html>
"""


def _model_policy(media_url: str) -> str:
    """Our two scripts, the models of this origin, and what the viewer makes of them itself."""
    return "; ".join(
        (
            "sandbox allow-scripts",
            "default-src 'none'",
            # Its script makes a part of itself at run time, in WebAssembly.
            f"script-src {media_url}/_view/ 'wasm-unsafe-eval'",
            "style-src 'unsafe-inline'",
            "img-src data: blob:",
            f"connect-src {media_url}/ipfs/ {media_url}/_private/ data: blob:",
            "worker-src blob:",
            "form-action 'none'",
            "base-uri 'none'",
        )
    )


class NoSuchFrame(Missing):
    """Not one of our frames or their scripts."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no frame {name[:40]!r}")


@router.api_route("/_view/model", methods=["GET", "HEAD"])
async def model_frame(parts: PartsDep) -> Response:
    """An empty stage: its script asks the address behind `#` for a model."""
    headers = {
        "Content-Security-Policy": _model_policy(parts.media_url),
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
    return HTMLResponse(_PAGE.format(media_url=parts.media_url), headers=headers)


@router.api_route("/_view/{name}", methods=["GET", "HEAD"])
async def frame_script(name: str) -> Response:
    """A script of the frames; a sandboxed page is of another origin even here, hence the star."""
    if name not in _FILES:
        raise NoSuchFrame(name)
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": "no-cache",
    }
    return FileResponse(_FILES[name], media_type="text/javascript", headers=headers)

"""
Third-party files of the pages, copied from the locked npm packages to where they are served.

Run by `make setup` as a program. The list is short on purpose: every file that a visitor's
browser is given is named here. The verifier is ours but rests on a library for its curves: both
are put into one classic script, which a page without any network can carry.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

API = Path(__file__).resolve().parents[1]
MODULES = API / "node_modules"
VENDOR = API / "static" / "vendor"

NEWSREADER = "@fontsource-variable/newsreader"
INSTRUMENT = "@fontsource-variable/instrument-sans"
NOTO = "@fontsource-variable/noto-serif-sc"
SWAGGER = "swagger-ui-dist"
MODELS = "@google/model-viewer"

FILES: tuple[tuple[str, str, str], ...] = (
    *(
        (NEWSREADER, f"files/newsreader-{script}-opsz-{style}.woff2", "fonts/")
        for script in ("latin", "latin-ext")
        for style in ("normal", "italic")
    ),
    *(
        (INSTRUMENT, f"files/instrument-sans-{script}-wght-normal.woff2", "fonts/")
        for script in ("latin", "latin-ext")
    ),
    (NOTO, "wght.css", "noto-serif-sc/"),
    (NOTO, "files/*-wght-normal.woff2", "noto-serif-sc/files/"),
    ("htmx.org", "dist/htmx.min.js", ""),
    ("tus-js-client", "dist/tus.min.js", ""),
    (MODELS, "dist/model-viewer.min.js", ""),
    (SWAGGER, "swagger-ui-bundle.js", "swagger-ui/"),
    (SWAGGER, "swagger-ui.css", "swagger-ui/"),
)
"""Package, file or pattern in it, folder below `static/vendor`."""


VERIFIER = API / "static" / "js" / "verifier" / "entry.js"
VERIFIER_NAME = "verifier.js"
NOBLE = ("@noble/curves", "@noble/hashes")


def bundle_verifier(target: Path) -> None:
    """
    Our verifier and its curves in one script. The same sources give the same bytes.

    The library's licence goes with it, since the script is handed on by whoever has a bundle.
    """
    licences = dict.fromkeys((MODULES / name / "LICENSE").read_text("utf-8") for name in NOBLE)
    notice = "\n".join(f"{', '.join(NOBLE)}:\n{text.strip()}" for text in licences)
    program = MODULES / ".bin" / "esbuild"
    options = ["--bundle", "--format=iife", "--minify", "--target=es2022", "--charset=utf8"]
    options += ["--legal-comments=none", f"--banner:js=/*! {notice} */", "--log-level=warning"]
    path = f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        [program, VERIFIER, f"--outfile={target}", *options],
        check=True,
        cwd=API,
        env={**os.environ, "PATH": path},
    )


def copy_all() -> dict[str, str]:
    """Copy every file anew; returns the SHA-256 of each, by its place below `vendor`."""
    made = VENDOR.with_name("vendor.new")
    shutil.rmtree(made, ignore_errors=True)
    manifest = {}
    for package, pattern, folder in FILES:
        found = sorted((MODULES / package).glob(pattern))
        if not found:
            raise FileNotFoundError(f"{package} has no {pattern}: run `make clean setup`")
        for source in found:
            target = made / folder / source.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            place = str(target.relative_to(made))
            manifest[place] = hashlib.sha256(source.read_bytes()).hexdigest()
    bundle_verifier(made / VERIFIER_NAME)
    manifest[VERIFIER_NAME] = hashlib.sha256((made / VERIFIER_NAME).read_bytes()).hexdigest()
    for package in sorted({package for package, _, _ in FILES} | set(NOBLE)):
        licence = next((MODULES / package).glob("LICEN[SC]E*"), None)
        if licence is not None:
            target = made / "licences" / f"{package.replace('/', '-').lstrip('@')}.txt"
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(licence, target)
    (made / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    shutil.rmtree(VENDOR, ignore_errors=True)
    made.rename(VENDOR)
    return manifest


if __name__ == "__main__":
    sys.stdout.write(f"{len(copy_all())} files of the pages are in place\n")

"""Nested input is an error to be answered, not the end of the process."""

import json
import subprocess
import sys

import pytest

from nft.recursion import LIMIT

EVERY_ROUTE = "from importlib import import_module; from api.app import ROUTERS"
EVERY_ROUTE += "; [import_module(name) for name in ROUTERS]"


@pytest.mark.parametrize(
    "imports", ["import nft.signing", "import nft.chain.client", "import api.asgi", EVERY_ROUTE]
)
def test_no_import_leaves_the_limit_raised(imports):
    program = f"{imports}; import sys; print(sys.getrecursionlimit())"

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert int(done.stdout) == LIMIT


def test_nested_json_is_refused():
    program = "import api.asgi, json; json.loads('[' * 100_000)"

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "RecursionError" in done.stderr
    assert json.loads("[" * 100 + "]" * 100)

"""
The verifier in JavaScript as one process, asked from Python.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NODE = Path(sys.prefix) / "bin" / "node"
SCRIPT = Path(__file__).with_name("verifier.mjs")


class Refused(Exception):
    """The verifier's own sentence for what it does not take."""


class JavaScript:
    """One process that answers questions in order."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, what: str, **question: Any) -> Any:
        """The answer. Raises `Refused`; a crash of the verifier is an `AssertionError`."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin
        assert stdout
        stdin.write(json.dumps({"ask": what, **question}) + "\n")
        stdin.flush()
        line = stdout.readline()
        assert line, "the process ended"
        answer = json.loads(line)
        assert "crashed" not in answer, answer["crashed"]
        if "refused" in answer:
            raise Refused(answer["refused"])
        return answer.get("answer")

    def verify(self, body: bytes, brought: dict[str, Any] | None = None) -> Any:
        """The report on a file, with what the reader brings as JSON."""
        return self.ask("verify", body=text_of(body), brought=brought or {})

    def verify_bundle(self, files: dict[str, bytes], brought: dict[str, Any] | None = None) -> Any:
        """The report on the parts of a bundle."""
        parts = {name: text_of(body) for name, body in files.items()}
        return self.ask("bundle", files=parts, brought=brought or {})


def text_of(data: bytes) -> str:
    """Bytes as a question carries them."""
    return base64.b64encode(data).decode()


@contextmanager
def running_verifier() -> Iterator[JavaScript]:
    """The process, ended at last."""
    with subprocess.Popen(
        [NODE, SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        yield JavaScript(process)
        assert process.stdin
        process.stdin.close()

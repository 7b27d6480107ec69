"""
Which form of a certificate a reader asks for.
"""

import pytest
from starlette.requests import Request

from api.forms.links import public_language, wanted


def asking(**headers: str) -> Request:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": named, "query_string": b""})


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("*/*", "text/html"),
        ("application/vc", "application/vc"),
        ("application/json", "application/json"),
        ("application/pdf, text/html;q=0.2", "application/pdf"),
        ("text/html;q=0.2, application/pdf;q=0.1", "text/html"),
        ("application/*", "application/vc"),
        ("text/html;q=0, */*;q=0.1", "application/vc"),
        ("image/png", "text/html"),
        (";;,,q=1", "text/html"),
    ],
)
def test_the_form_that_is_liked_best_is_given(accept, form):
    assert wanted(asking(accept=accept)) == form


def test_a_reader_who_says_nothing_gets_the_page():
    assert wanted(asking()) == "text/html"


def test_a_public_file_follows_no_cookie():
    assert public_language(asking(cookie="lang=zh")) == "en"
    assert public_language(asking(accept_language="zh-CN")) == "zh"

"""
How values are shown to people: money in full, shortened addresses, times, sizes, names.

Every filter of the templates stands here as a plain function of its value and a locale.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal
from markupsafe import Markup

from nft.types import WHOLE_BPS, ZERO_ADDRESS, Address

Currencies = Mapping[bytes, tuple[str, int]]
"""Symbol and decimals by currency address."""

COIN: tuple[str, int] = ("ETH", 18)
"""How the chain's own coin is written, whose address is zero."""

LAST_SECOND: int = 253_402_300_799
"""Of the calendar's last year; what lies beyond is shown as this."""

NARROW_SPACE = "\N{NO-BREAK SPACE}"
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC")


def amount(
    value: int | str,
    locale: str,
    currency: str | bytes = ZERO_ADDRESS,
    known: Currencies | None = None,
) -> str:
    """An amount in its unit, every digit of it: `0.0465`, `1,200`."""
    _, decimals = currency_of(currency, known)
    with localcontext(prec=200):
        whole = Decimal(int(value)).scaleb(-decimals)
        said: str = format_decimal(
            whole, format="#,##0." + "#" * 78, locale=locale, decimal_quantization=False
        )
    return said


def money(
    value: int | str,
    locale: str,
    currency: str | bytes = ZERO_ADDRESS,
    known: Currencies | None = None,
) -> str:
    """An amount with its symbol, never parted by a line break: `0.95 ETH`."""
    symbol, _ = currency_of(currency, known)
    return f"{amount(value, locale, currency, known)}{NARROW_SPACE}{symbol}"


def currency_of(currency: str | bytes, known: Currencies | None = None) -> tuple[str, int]:
    """Symbol and decimals; a currency that we do not know is named by its address, in units."""
    raw = currency if isinstance(currency, bytes) else Address.parse(currency)
    if raw == ZERO_ADDRESS:
        return COIN
    return (known or {}).get(raw, (Address(raw).short, 0))


def percent(bps: int, locale: str) -> str:
    """Basis points as a percentage: 750 is `7.5%`."""
    said: str = format_decimal(Decimal(bps) / 100, format="#,##0.##", locale=locale)
    return said + "%"


def share(value: int | str, price: int | str) -> int:
    """What part of a price an amount is, in basis points, to the nearest."""
    return round(int(value) * WHOLE_BPS / int(price)) if int(price) else 0


def short(address: str | bytes) -> str:
    """First and last four digits of an address."""
    raw = address if isinstance(address, bytes) else Address.parse(str(address))
    return Address(raw).short


def short_number(value: int | str) -> str:
    """A token id as a label shows it: whole while it is short, else both its ends."""
    text = str(value)
    return text if len(text) <= 14 else f"{text[:5]}…{text[-5:]}"


def moment(value: Any) -> datetime | None:
    """RFC 3339 text, seconds since 1970 or a datetime as a datetime in UTC."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, int):
        return datetime.fromtimestamp(value, UTC)
    return datetime.fromisoformat(str(value).replace("Z", "+00:00")).astimezone(UTC)


def day(value: Any, locale: str) -> Markup:
    """A date as `<time>`: `4 May 2026`, `2026年5月4日`."""
    when = moment(value)
    if when is None:
        return Markup("")
    said = format_date(when, format="long", locale=locale)
    return Markup('<time datetime="{}">{}</time>').format(when.isoformat(), said)


def instant(value: Any, locale: str) -> Markup:
    """A date with its time in UTC as `<time>`."""
    when = moment(value)
    if when is None:
        return Markup("")
    said = format_datetime(when, format="d MMM y, HH:mm", locale=locale)
    if locale.startswith("zh"):
        said = format_datetime(when, format="y年M月d日 HH:mm", locale=locale)
    return Markup('<time datetime="{}">{} UTC</time>').format(when.isoformat(), said)


def second(value: Any, locale: str) -> Markup:
    """A time of day in UTC, to the second, as `<time>`: where a price moves with it."""
    when = moment(value)
    if when is None:
        return Markup("")
    exact = when.replace(microsecond=0)
    return Markup('<time datetime="{}">{} UTC</time>').format(
        exact.isoformat(), f"{exact:%H:%M:%S}"
    )


def ago(value: Any, now: datetime, locale: str) -> str:
    """How long ago, in words."""
    when = moment(value)
    if when is None:
        return ""
    said: str = format_timedelta(when - now, add_direction=True, locale=locale)
    return said


def span(seconds: float, locale: str) -> str:
    """A length of time in words: `24 seconds`, `3 hours`."""
    said: str = format_timedelta(timedelta(seconds=max(1, round(seconds))), locale=locale)
    return said


def clock(seconds: float) -> str:
    """A length as players show it: `3:07`, `1:02:45`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size(value: int | str, locale: str) -> str:
    """Bytes in the unit that suits them, decimal as on a camera's label: `1.8 MB`."""
    number, unit = float(int(value)), "B"
    for larger in ("kB", "MB", "GB"):
        if number < 1000:
            break
        number, unit = number / 1000, larger
    said = format_decimal(number, format="#,##0.#" if unit != "B" else "#,##0", locale=locale)
    return f"{said}{NARROW_SPACE}{unit}"


def number(value: int | str, locale: str) -> str:
    """A whole number with its groups of digits."""
    said: str = format_decimal(int(value), format="#,##0", locale=locale)
    return said


def path_of(url: str) -> str:
    """A link of ours without its host, so that a page works under whatever name it was reached."""
    found = urlsplit(url)
    return found.path + (f"?{found.query}" if found.query else "")


def is_han(text: str) -> bool:
    """Whether a text is written, at least partly, in Chinese characters."""
    return bool(_HAN.search(text or ""))


def titled(text: str, language: str) -> Markup:
    """
    A work's title: italic in Latin script; upright between 《 》 in Chinese, which has no italic.

    The markup carries the title's own language where it differs from the page's.
    """
    has_han = is_han(text)
    inner = f"《{text}》" if has_han or language == "zh" else text
    tag = ""
    if has_han and language != "zh":
        tag = "zh-Hans"
    elif not has_han and language == "zh":
        tag = "en"
    lang = Markup(' lang="{}"').format(tag) if tag else Markup("")
    upright = " upright" if has_han or language == "zh" else ""
    return Markup('<cite class="title{}"{}>{}</cite>').format(upright, lang, inner)


def is_deceptive(text: str) -> bool:
    """
    Whether a name may look like another one: invisible characters, or letters of several scripts.

    Shown with a word of warning; the address beside it is what counts.
    """
    if _INVISIBLE.search(text):
        return True
    letters = (unicodedata.name(c, "") for c in text if c.isalpha())
    scripts = {word for name in letters for word in _SCRIPTS if name.startswith(word)}
    return len(scripts) > 1

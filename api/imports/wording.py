"""
The columns of a sheet in the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable

Say = Callable[[str], str]


def column_words(say: Say) -> dict[str, str]:
    """What each column holds."""
    return {
        "file": say("Name of the work’s file in the folder"),
        "cover": say("Name of a picture that stands for a film, a sound or a model"),
        "title": say("At most 200 characters"),
        "artist": say("The name as shown"),
        "description": say("At most 10,000 characters; lines may be broken"),
        "alt_text": say("What is to be seen, for those who cannot see it"),
        "date": say("As a label says it"),
        "medium": say("As a label says it"),
        "dimensions": say("As a label says it"),
        "edition_number": say("Which of the edition; 1 when empty"),
        "edition_size": say("Of how many; 1 when empty, `open` when nobody knows"),
        "copies": say("Mints so many numbered works under this one description"),
        "royalty": say("Per cent of every later sale, at most 25"),
        "royalty_receivers": say("`0x… 5; 0x… 2.5`: who gets which per cent; you when empty"),
        "price": say("For sale at once at this price; not for sale when empty"),
        "currency": say("Symbol or address of what the price counts"),
        "rights": say("What whoever owns it may do with it, in your words."),
        "external_id": say("Your inventory number; tells works apart when you import again"),
        "collection": say("Name or address of a collection of yours; the house’s when empty"),
    }


def trait_words(say: Say) -> str:
    """What a column of the form `trait:Name` holds."""
    return say("Any number of columns `trait:Name` become attributes")

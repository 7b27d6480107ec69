"""
By which way of deriving a content's variants were made.

Variants of an older recipe keep their rows and files: what was linked to stays where it is. Shown
are those of the recipe that the content's own row names.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, select
from sqlmodel import col

from media.tables import ContentRow, VariantRow

RECIPE = 2
"""
Raised by whoever changes a byte that `media.variants` makes; `media.deriving` then makes the
variants of older contents again. 1 had no AVIF and nothing wider than 1600.
"""


def is_current() -> ColumnElement[bool]:
    """Of variants, those to be shown."""
    named = select(col(ContentRow.recipe)).where(col(ContentRow.sha256) == col(VariantRow.sha256))
    return col(VariantRow.recipe) == named.scalar_subquery()

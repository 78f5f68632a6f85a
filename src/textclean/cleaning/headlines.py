"""The headline, for those who want the text without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textclean.document import Kind, kind_number

if TYPE_CHECKING:
    from textclean.cleaning.plan import Plan, Run

_HEADLINE = kind_number(Kind.HEADLINE)


def label(run: Run, plan: Plan) -> None:
    """Labels the few lines above the first paragraph that are no sentences, if they are to go (`rust/src/page/title.rs`)."""
    if plan.drop >> _HEADLINE & 1:
        run.batch.headlines(_HEADLINE)

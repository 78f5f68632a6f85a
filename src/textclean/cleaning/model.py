"""Lines that are not the article, by the line model: judged by their looks and by the lines around them.

How the model sees a page, and what it was taught from, `textclean.model.reader` says. When not to use it: for texts that are no articles
(song lyrics, product pages, source code), where what it takes for furniture may be what matters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textclean.document import Kind, kind_mask, kind_number
from textclean.rules.ruleset import FURNITURE

if TYPE_CHECKING:
    from textclean.cleaning.plan import Plan, Run

#: What a line is taken for that stands under no heading and beside nothing that a rule knows.
_MENU = kind_number(Kind.NAVIGATION)
#: What it can be below a line that a rule knows.
_FURNITURE = kind_mask(FURNITURE)


def label(run: Run, plan: Plan) -> None:
    """Labels what the model takes for furniture, and takes back what rules said of a line only for where it stands."""
    if plan.model is not None:
        read = plan.config.page, plan.model.bar(plan.config.effort)
        run.batch.judge(plan.model.native, read, (_MENU, _FURNITURE, plan.drop), run.reasons)

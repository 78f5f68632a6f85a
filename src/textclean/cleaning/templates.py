"""Lines that a site repeats on its pages, found again on a page of that site.

What was learned of a site stands in `textclean.sites.templates`; the native half finds it (`rust/src/sites/find.rs`). It does nothing for a
page whose site is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textclean.document import Kind, kind_number

if TYPE_CHECKING:
    from textclean.cleaning.plan import Plan, Run

_KIND = kind_number(Kind.TEMPLATE)


def label(run: Run, plan: Plan) -> None:
    """Labels the lines that the site of each page repeats."""
    if run.known:
        run.batch.templates([known.native if known else None for known in run.known], _KIND)

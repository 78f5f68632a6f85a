"""What a document says twice: verbatim, nearly, or in a stretch that others cover.

The work is native (`rust/src/repeats/find.rs`, which also says how a teaser is told from the paragraphs it was stitched from). Shingles are
those of the whole project: runs of 3 tokens (A. Z. Broder, *On the resemblance and containment of documents*, 1997, for both measures).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textclean.document import Kind, kind_number

if TYPE_CHECKING:
    from textclean.cleaning.plan import Plan, Run

_NUMBERS = (kind_number(Kind.REPEAT_EXACT), kind_number(Kind.REPEAT_NEAR), kind_number(Kind.REPEAT_CONTAINED))


def label(run: Run, plan: Plan) -> None:
    """Labels the units that earlier or longer ones repeat."""
    if plan.config.repeats:
        config = plan.config
        run.batch.repeats(_NUMBERS, config.min_words, config.near_threshold, config.repeat_matching == "strict")

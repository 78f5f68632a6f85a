"""Lines that are not the article, by rules.

In two stages. A native scan finds the few lines that begin, or end, as some rule's lines do (`rust/src/rules/candidates.rs`); the rule's
pattern decides on those alone: natively (`rust/src/rules/pattern.rs`), or by `regex`, where it has what only that knows (a look-around,
say). Then the native half looks at where the lines stand (`rust/src/rules/context.rs`): a section label is one only near the top, a
comment form takes all that is below it, a short line between two that go goes too.

Rules are whole-line and judge what a line says by itself. When not to use them: for the text of a whole page, menus and all, rules take the
lines that give themselves away and no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textclean.cleaning.plan import Plan, Run


def label(run: Run, plan: Plan) -> None:
    """Labels the lines that rules recognise.

    Raises:
        RuleTimeoutError: a pattern ran too long on a line.
    """
    batch, rules = run.batch, plan.rules
    timeout = plan.config.regex_timeout
    questions = batch.questions(rules.native)
    batch.answer([i for i, question in enumerate(questions) if rules.matches(question, timeout)])
    batch.label(rules.native)

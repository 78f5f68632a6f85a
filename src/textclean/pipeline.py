"""The order of the steps: the one place where it stands.

    text -> split -> repair -> rules -> repeats -> cut, and again until nothing is cut -> text

Each round sees what the rounds before have left, as if that were the text passed in. When a round finds nothing, cleaning the result would
find nothing either: that is what makes cleaning idempotent.
"""

from __future__ import annotations

from collections.abc import Sequence

from textclean import boilerplate, repeats
from textclean.document import FIELD_KINDS, KINDS, Cleaned, Kind, Removal
from textclean.normalize import repair
from textclean.plan import Plan, Run, Step
from textclean.ruleset import names
from textclean.split import split

STEPS: tuple[Step, ...] = (repair, boilerplate.label, repeats.label)

#: Bits of the native half's fixes.
_FIXES = ((1, "white-space"), (2, "invisible"), (4, "unwrap"))


def run(texts: Sequence[str], plan: Plan) -> Run:
    """Takes the texts through all steps."""
    state = Run(split(texts, plan))
    while True:
        for step in STEPS:
            step(state, plan)
        if not state.batch.cut(plan.drop):
            return state


def normalized(text: str, plan: Plan) -> str:
    """The text through the steps before labelling."""
    state = Run(split([text], plan))
    repair(state, plan)
    return state.batch.texts()[0]


def cleaned(texts: Sequence[str], plan: Plan) -> list[Cleaned]:
    """The texts through all steps, with what was done to each."""
    state = run(texts, plan)
    return [_cleaned(state, plan, page, source, text) for page, (source, text) in enumerate(zip(texts, state.batch.texts(), strict=True))]


def _cleaned(state: Run, plan: Plan, page: int, source: str, text: str) -> Cleaned:
    batch = state.batch
    rows, noted, title, bits = batch.removals(page), batch.noted(page), batch.title(page), batch.fixes(page)
    fixes = [name for bit, name in _FIXES if bits & bit]
    return Cleaned(
        source=source,
        text=text,
        removals=lambda: _removals(source, rows, plan),
        fields=lambda: _fields(source, title, [row[:3] for row in rows] + noted, plan),
        fixes=(*sorted(state.repairs.get(page, ())), *fixes),
    )


_Row = tuple[int, int, int, int, float, list[tuple[int, int]]]


def _removals(source: str, rows: list[_Row], plan: Plan) -> list[Removal]:
    name = names(plan.rules.rules)
    return [
        Removal(start, end, KINDS[kind], name[rule], round(score, 4), source[start:end], tuple(witness))
        for start, end, kind, rule, score, witness in rows
    ]


def _fields(source: str, title: str | None, spans: list[tuple[int, int, int]], plan: Plan) -> dict[str, str]:
    fields = {} if title is None else {"title": title}
    for start, end, kind in sorted(spans):
        if KINDS[kind] in FIELD_KINDS:
            name = "section" if KINDS[kind] is Kind.SECTION_LABEL else str(KINDS[kind])
            fields.setdefault(name, normalized(source[start:end], plan))
    return fields

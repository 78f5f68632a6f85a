"""The order of the steps: the one place where it stands.

    text -> split -> repair -> rules -> templates -> line model -> headlines -> repeats -> cut, and again until nothing is cut -> text

Each round sees what the rounds before have left, as if that were the text passed in. When a round finds nothing, cleaning the result would
find nothing either: that is what makes cleaning idempotent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from textclean import _native
from textclean.cleaning import fields, headlines, model, repeats, rules, templates
from textclean.cleaning.plan import Plan, Run, Step
from textclean.cleaning.repair import repair
from textclean.cleaning.split import split
from textclean.document import FIELD_KINDS, KINDS, Account, Cleaned, Kind, Removal
from textclean.model.reader import feature_names
from textclean.sites.templates import SiteTemplates

#: What is known of the site of each page.
KnownSites = Sequence[SiteTemplates | None]

STEPS: tuple[Step, ...] = (repair, rules.label, templates.label, model.label, headlines.label, repeats.label)

#: Bits of the native half's fixes.
_FIXES = ((1, "white-space"), (2, "invisible"), (4, "unwrap"), (8, "markup"))


def run(texts: Sequence[str], plan: Plan, known: KnownSites | None = None, *, reasons: bool = False) -> Run:
    """Takes the texts through all steps; `known` says what is known of the site of each. With `reasons`, the line model says why."""
    state = Run(split(texts, plan), known, reasons)
    while True:
        for step in STEPS:
            step(state, plan)
        if not state.batch.cut(plan.drop):
            return state


def normalized(text: str, plan: Plan) -> str:
    """Takes a text through the steps before labelling, and returns the repaired text."""
    state = Run(split([text], plan))
    repair(state, plan)
    return state.batch.texts()[0]


def cleaned(texts: Sequence[str], plan: Plan, known: KnownSites | None = None) -> list[Cleaned]:
    """Takes the texts through all steps, and returns each with what was done to it; `known` is as for `run`."""
    state = run(texts, plan, known, reasons=True)
    readers = [Words(plan, source.rules if source else ()) for source in known] if known else [Words(plan)] * len(texts)
    return [
        Cleaned(source, text, account, readers[page], _fixes(bits, state.repairs.get(page)))
        for page, (source, (text, bits, account)) in enumerate(zip(texts, state.batch.results(), strict=True))
    ]


@lru_cache(maxsize=1024)
def _named(bits: int) -> tuple[str, ...]:
    return tuple(name for bit, name in _FIXES if bits & bit)


def _fixes(bits: int, repairs: set[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*sorted(repairs), *_named(bits)])) if repairs else _named(bits)


def _spoken(reasons: list[tuple[int, float]]) -> tuple[str, ...]:
    return tuple(f"{feature_names()[feature]} = {value:.3g}" for feature, value in reasons)


@dataclass(frozen=True, slots=True)
class Words:
    """Puts the native half's account into words.

    Attributes:
        templates: names of the templates of the page's site.
    """

    plan: Plan
    templates: tuple[str, ...] = ()

    def removals(self, source: str, account: Account) -> list[Removal]:
        """Returns the removals of a text in its order, each with its text as it stands in `source`."""
        return [
            Removal(start, end, KINDS[kind], self._name(rule), round(score, 4), source[start:end], tuple(witness), _spoken(reasons))
            for start, end, kind, rule, score, witness, reasons in account[0]
        ]

    def _name(self, rule: int) -> str:
        template = rule - _native.FIRST_TEMPLATE
        return self.templates[template] if 0 <= template < len(self.templates) else self.plan.rules.names[rule]

    def fields(self, source: str, account: Account) -> dict[str, str]:
        """Returns what was recognised in a text by name (`Cleaned.fields` lists them), as it reads once normalized."""
        rows, noted, _ = account
        removed = [(row[0], row[1], KINDS[row[2]]) for row in rows]
        # A headline is one, whether it stays or not; said again, it goes either way.
        headlines = {source[start:end]: (start, end, kind) for start, end, kind in reversed(removed) if kind is Kind.HEADLINE}
        removed = [span for span in removed if headlines.get(source[span[0] : span[1]]) != span]
        recognised = [(start, end, KINDS[kind]) for start, end, kind in noted]
        found = fields.recognised(fields.lines_of(source, removed, recognised))
        for start, end, kind in sorted(removed + recognised):
            if name := FIELD_KINDS.get(kind):
                found.setdefault(name, source[start:end])
        return {name: normalized(value, self.plan) for name, value in found.items()}

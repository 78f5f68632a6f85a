"""A configuration made ready, and the state of one run: what every step is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from textclean import _native
from textclean.cleaning.fixer import Fixer, fixer
from textclean.config import Config
from textclean.document import kind_mask
from textclean.model import reader
from textclean.rules.ruleset import Ruleset, load

if TYPE_CHECKING:
    from textclean.sites.templates import SiteTemplates


@dataclass(frozen=True)
class Plan:
    """Holds a configuration made ready: ftfy set up, rules loaded. It is data that steps are handed, and knows no step.

    Attributes:
        drop: bit ``n`` is set if kind number ``n`` is removed.
        model: what judges the lines that no rule knows, if anything does.
    """

    config: Config
    fixer: Fixer
    rules: Ruleset
    drop: int
    model: reader.LineModel | None


@dataclass(slots=True)
class Run:
    """Holds some documents on their way through the steps.

    Attributes:
        batch: the native pages.
        known: what is known of the site of each page; None for nothing.
        reasons: whether to remember why the line model judged as it did.
        repairs: names of the steps that changed a line which only ftfy could settle, by page.
    """

    batch: _native.Batch
    known: Sequence[SiteTemplates | None] | None = None
    reasons: bool = False
    repairs: dict[int, set[str]] = field(default_factory=dict)


#: A step looks at the pages of a run, and repairs or labels; it returns nothing and keeps no state of its own.
Step = Callable[[Run, Plan], None]


@lru_cache(maxsize=32)
def plan(config: Config) -> Plan:
    """Makes a configuration ready, once in a process for equal configurations.

    Raises:
        RuleError: a rule file is not as it has to be.
    """
    return Plan(
        config=config,
        fixer=fixer(config.straighten_quotes, config.narrow_width),
        rules=load(config.languages, config.rules, config.without_rules),
        drop=kind_mask(config.dropped),
        model=reader.builtin() if config.line_model else None,
    )

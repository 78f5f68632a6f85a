"""Templates in a run: tells from which site each document comes, and learns templates from the inputs themselves."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from textclean.errors import ConfigError, CorpusError
from textclean.files.sources import Format, Source
from textclean.formats import Begin, Document, Reading, read

if TYPE_CHECKING:
    from textclean.corpus.counts import Counts
    from textclean.learning import TemplateLearner
    from textclean.sites.templates import Templates


@dataclass(frozen=True)
class Sites:
    """What sites repeat, and the rule that tells from which site a document comes.

    Attributes:
        templates: what the sites repeat.
        site: the site from which all documents come; None if each document tells its own.
    """

    templates: Templates
    site: str | None = None

    def of(self, document: Document) -> str | None:
        """Returns the site from which a document comes, see `site_of`."""
        return site_of(document, self.site)

    def following(self, events: Iterable[Any]) -> SitesInStep:
        """Returns the events as they are, with a way to ask for the sites of their documents."""
        return SitesInStep(events, self.site)


class SitesInStep:
    """A stream of events that remembers the sites of its documents, for a reader that takes their texts one by one."""

    def __init__(self, events: Iterable[Any], site: str | None) -> None:
        self._events = events
        self._site = site
        self._waiting: deque[str | None] = deque()

    def __iter__(self) -> Iterator[Any]:
        for event in self._events:
            if isinstance(event, Document):
                self._waiting.append(site_of(event, self._site))
            yield event

    def next(self, text: str) -> str | None:
        """Returns the site of the next text; called once for each text, in order."""
        return self._waiting.popleft()


def site_of(document: Document, site: str | None) -> str | None:
    """Returns the site of a document: `site` if given, else the record's source, or the folder of a text file; None if it is not known."""
    if site is not None:
        return site
    if document.line is not None:
        return _string(document.origin)
    path = document.source.path
    return path.resolve().parent.name if path else None


def _string(value: str | None) -> str | None:
    """Returns a record's member, given as JSON, if it is a string; else None."""
    found = json.loads(value) if value and value.startswith('"') else None
    return found if isinstance(found, str) else None


def check_sites(sources: Iterable[Source], field: str | None, site: str | None) -> None:
    """Makes sure that all inputs say where their texts come from.

    Raises:
        ConfigError: an input does not.
    """
    for source in sources:
        if site is None and source.format is not Format.TXT and not field:
            raise ConfigError(f"{source.name}: from which site does each record come? Say source=FIELD, or site=NAME if it is one site")
        if site is None and source.format is Format.TXT and source.path is None:
            raise ConfigError("-: from which site does the text come? Say site=NAME")


def check_readable_twice(sources: Iterable[Source]) -> None:
    """Makes sure that templates can be learned from the inputs before they are cleaned.

    Raises:
        ConfigError: an input can be read only once.
    """
    for source in sources:
        if source.path is None or not source.path.is_file():
            raise ConfigError(
                f"learn_templates=True: reads its inputs twice, and {source.name} can be read only once: save it to a file first"
            )


def learn_from(
    sources: Iterable[Source], reading: Reading, site: str | None, counts: Counts | None = None, learner: TemplateLearner | None = None
) -> Templates:
    """Learns templates from the documents of some inputs.

    Args:
        sources: the inputs.
        reading: field names and limits; its `id_field` names the field of dates, and its `source_field` the field of sites.
        site: the site from which all documents come; None if each document tells its own.
        counts: counts what can't be read; None to pass over it.
        learner: what learns, and may know something already; None for a new one.
    """
    from textclean.learning import TemplateLearner

    learner = learner or TemplateLearner()
    on_error: Callable[[CorpusError], None] = counts.skip if counts else lambda error: None

    def documents() -> Iterator[dict[str, str | None]]:
        for event in chain.from_iterable(read(source, reading) for source in sources):
            if isinstance(event, Document):
                yield {"text": event.text, "site": site_of(event, site), "date": _string(event.id)}
            elif isinstance(event, CorpusError):
                on_error(event)
            elif counts and isinstance(event, Begin):
                counts.opened += 1

    learner.learn(documents(), source="site", date="date" if reading.id_field else None)
    return learner.templates()


def digest_of(templates: Templates | None) -> str | None:
    """Returns a hash of templates, by which a resumed run knows that they are those it was begun with; None for no templates."""
    if templates is None:
        return None
    from textclean.sites.template_file import rendered

    return hashlib.sha256("".join(rendered(templates.contents)).encode()).hexdigest()

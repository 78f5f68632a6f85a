"""The functions that clean texts: `normalize`, `clean`, `explain`, `clean_many`; `warm_up`; and `shingle_hash`."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, partial
from typing import Any, Literal, get_args

from textclean import _native
from textclean.checks import check_choice, check_workers, exact_str
from textclean.cleaning import pipeline
from textclean.cleaning.plan import Plan, plan
from textclean.config import Config, resolve
from textclean.document import Cleaned
from textclean.errors import ConfigError, InputError, ItemError, NotTextError, TextcleanError
from textclean.sites.templates import Templates, known_of

OnError = Literal["raise", "skip", "keep"]
#: Gives the site that a text comes from; called once for each text, in their order.
_SiteOf = Callable[[str], str | None]
#: The position of the first of some texts, the texts, and their sites.
_Chunk = tuple[int, list[str], list[str | None]]

#: Texts that go through the native half together, at most: enough that a call costs little beside its work, few enough that results come
#: soon.
_CHUNK_TEXTS = 64
_CHUNK_CODE_POINTS = 1 << 20


def normalize(text: str, config: Config | None = None, **overrides: Any) -> str:
    r"""Repairs a text: mojibake, entities, invisible characters, white space, hard-wrapped lines. Idempotent.

    Paragraphs keep their order and number; blank lines are folded to one. Quotes, dashes and full-width forms stay as written, unless
    `straighten_quotes` or `narrow_width` asks otherwise.

    Args:
        text: the output of a scraper or an extractor.
        config: what to repair; only its fields `unwrap`, `straighten_quotes` and `narrow_width` matter here. None, the defaults.
        **overrides: single fields of `config`, by name.

    Raises:
        NotTextError: `text` is not a str.
        TextTooLongError: `text` is over 4 GiB of UTF-8.
        ConfigError: an option has a value that it can't have.

    >>> normalize("The Mona\u200b Lisa doesnÃ¢â‚¬â„¢t\xa0have eyebrows.")
    'The Mona Lisa doesn’t have eyebrows.'
    """
    return pipeline.normalized(exact_str(text), _plan(config, overrides))


def clean(text: str, config: Config | None = None, *, site: str | None = None, templates: Templates | None = None, **overrides: Any) -> str:
    r"""Returns the article in a scraped text: normalized, without boilerplate lines, without repeats of its own. Idempotent.

    Args:
        text: the output of a scraper or an extractor.
        config: what to remove and how; None, the defaults.
        site: the site from which the text comes, needed with `templates`: its name, or a URL, of which the host counts.
        templates: what sites repeat on their pages (see `learn_templates`); None to leave such lines in.
        **overrides: single fields of `config`, by name.

    Raises:
        NotTextError: `text` is not a str.
        TextTooLongError: `text` is over 4 GiB of UTF-8.
        ConfigError: an option has a value that it can't have, or there are templates and no site.
        RuleTimeoutError: a rule of `Config.rules` ran too long on a line.

    >>> clean("Storm closes harbour\n\nBy Ann Smith\n\nThe harbour was closed on Monday, officials said.\n\nLeave a Reply")
    'Storm closes harbour\n\nThe harbour was closed on Monday, officials said.'
    """
    return pipeline.run([exact_str(text)], _plan(config, overrides), _known(templates, site)).batch.texts()[0]


def explain(
    text: str, config: Config | None = None, *, site: str | None = None, templates: Templates | None = None, **overrides: Any
) -> Cleaned:
    r"""Cleans a text and returns it with an account of every removal. Arguments and errors are those of `clean`.

    >>> result = explain("Storm closes harbour\n\nThe harbour was closed on Monday, officials said.\n\nLeave a Reply")
    >>> [(removal.start, removal.end, removal.kind.value) for removal in result.removals]
    [(73, 86, 'comment-form')]
    >>> result.fields
    {'title': 'Storm closes harbour'}
    """
    return pipeline.cleaned([exact_str(text)], _plan(config, overrides), _known(templates, site))[0]


def clean_many(
    texts: Iterable[str],
    config: Config | None = None,
    *,
    workers: int | None = None,
    on_error: OnError = "raise",
    site: str | Iterable[str | None] | Callable[[str], str | None] | None = None,
    templates: Templates | None = None,
    **overrides: Any,
) -> Iterator[Cleaned]:
    """Cleans many texts, lazily and in order.

    Args:
        texts: any iterable, a generator too; it is read a little ahead (at most 128 texts a worker).
        config: what to remove and how; None, the defaults.
        workers: number of threads; the native work runs without the GIL. None: one for each core that this process may use.
        on_error: what happens to an item that can't be cleaned. ``"raise"``: an `ItemError` with its position is raised; ``"skip"``: it is
            left out; ``"keep"``: it comes as a `Cleaned` with its text as it was (empty if it is no str) and `error` set.
        site: the sites from which the texts come, needed with `templates`: one name or URL for all, an iterable with one for each (read in
            step with the texts), or a callable that takes a text and returns one. None for a text of no known site.
        templates: what sites repeat on their pages (see `learn_templates`); None to leave such lines in.
        **overrides: single fields of `config`, by name.

    Returns:
        An iterator of results. They do not depend on `workers`.

    Raises:
        ItemError: an item failed, with ``on_error="raise"``.
        InputError: `texts` is a single str or no iterable, or `site` has fewer items than there are texts.
        ConfigError: an option has a value that it can't have, or there are templates and no site. It is raised by the call itself, not by
            the first item.

    >>> [str(c) for c in clean_many(["One paragraph.", None], workers=1, on_error="skip")]
    ['One paragraph.']
    """
    check_workers(workers)
    if workers is None:
        workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if isinstance(texts, (str, bytes)) or not isinstance(texts, Iterable):
        raise InputError(f"expected an iterable of texts, got one {type(texts).__name__}: pass [text], or call clean(text)")
    check_choice("on_error", on_error, get_args(OnError))
    ready = _plan(config, overrides)
    _check_templates(templates, site)
    chunks = _chunks(texts, _namer(site) if templates else None)
    work = partial(_clean_chunk, ready=ready, templates=templates, on_error=on_error)
    return _one_by_one(map(work, chunks) if workers == 1 else _in_threads(chunks, work, workers))


#: A line that only ftfy can settle, and one that a rule takes, so that both ways are gone once.
_ODD = "The Mona Lisa doesnÃ¢â‚¬â„¢t have eyebrows.\nShare this"


def warm_up(config: Config | None = None, **overrides: Any) -> None:
    """Loads what the first call would load: rules, the line model, ftfy. Later calls with the same options take microseconds.

    For a service that should answer its first request at once, and for a process that forks workers: what is loaded before the fork, they
    share. Calling it again does nothing.

    Args:
        config: the options of the calls to come; None, the defaults.
        **overrides: single fields of `config`, by name.

    Raises:
        ConfigError: an option has a value that it can't have.
        RuleError: a rule file is not as it has to be.

    >>> warm_up()
    """
    pipeline.run([_ODD], _plan(config, overrides))


@cache
def _default_plan() -> Plan:
    return plan(resolve(None, {}))


def _plan(config: Config | None, overrides: dict[str, Any]) -> Plan:
    # Most calls choose nothing, and a configuration takes a microsecond to hash.
    return _default_plan() if config is None and not overrides else plan(resolve(config, overrides))


def _known(templates: Templates | None, site: str | None) -> pipeline.KnownSites | None:
    if templates is None:
        return None
    _check_templates(templates, site)
    if not isinstance(site, str):
        raise ConfigError(f"site={site!r}: the name of a site is needed, a str")
    return known_of(templates, [site])


def _check_templates(templates: object, site: object) -> None:
    if templates is None:
        return
    if not isinstance(templates, Templates):
        raise ConfigError(f"templates={templates!r}: a textclean.Templates is needed, e.g. textclean.Templates.load(path)")
    if site is None:
        raise ConfigError("templates=... without site=...: each site has templates of its own, so say where the text comes from")


def _namer(site: str | Iterable[str | None] | _SiteOf | None) -> _SiteOf:
    """Makes a function that returns the site of each text; it is called once for each text, in order."""
    if callable(site):
        return site
    if site is None or isinstance(site, str):
        return lambda text: site
    names = iter(site)

    def name(text: str) -> str | None:
        for found in names:
            return found
        raise InputError("site has fewer items than there are texts: one for each is needed, None for a text of no known site")

    return name


def _one_by_one(chunks: Iterator[list[Cleaned | ItemError]]) -> Iterator[Cleaned]:
    try:
        for chunk in chunks:
            for result in chunk:
                if isinstance(result, ItemError):
                    raise result
                yield result
    finally:
        # Now, not when the error's traceback lets go of it: its threads end here.
        if isinstance(chunks, Generator):
            chunks.close()


def _chunks(texts: Iterable[str], name: _SiteOf | None) -> Iterator[_Chunk]:
    """Yields texts in small lots, each with the position of its first text.

    The first lots are the smallest, so that the first results come soon.
    """
    chunk: list[str] = []
    sites: list[str | None] = []
    size, limit, start = 0, 1, 0
    try:
        for given in texts:
            site = name(given) if name else None
            text = _plain_str(given)
            chunk.append(text)
            sites.append(site)
            size += len(text) if type(text) is str else 0
            if len(chunk) >= limit or size >= _CHUNK_CODE_POINTS:
                yield start, chunk, sites
                start, chunk, sites, size = start + len(chunk), [], [], 0
                limit = min(limit * 2, _CHUNK_TEXTS)
    except Exception:
        # The input failed, not what came before.
        if chunk:
            yield start, chunk, sites
        raise
    if chunk:
        yield start, chunk, sites


def _plain_str(value: Any) -> Any:
    """Returns a str as a plain one; what is none stays as it is, and fails when its turn has come."""
    try:
        return exact_str(value)
    except NotTextError:
        return value


def _in_threads(
    chunks: Iterator[_Chunk], work: Callable[[_Chunk], list[Cleaned | ItemError]], workers: int
) -> Iterator[list[Cleaned | ItemError]]:
    # Threads live as long as the generator, so a process that forks later takes none along.
    with ThreadPoolExecutor(workers, thread_name_prefix="textclean") as pool:
        waiting: deque[Future[list[Cleaned | ItemError]]] = deque()
        failure: Exception | None = None
        try:
            while failure is None or waiting:
                try:
                    # Each worker has one lot in work and one waiting, since the caller may be busy with the results. A lot that is done is
                    # given at once, and does not wait for a slow input.
                    while failure is None and len(waiting) < 2 * workers and not (waiting and waiting[0].done()):
                        waiting.append(pool.submit(work, next(chunks)))
                except Exception as error:  # of the input; also its end
                    failure = error
                if waiting:
                    yield waiting.popleft().result()
            if not isinstance(failure, StopIteration):
                raise failure
        finally:
            for future in waiting:
                future.cancel()


def _clean_chunk(chunk: _Chunk, ready: Plan, templates: Templates | None, on_error: OnError) -> list[Cleaned | ItemError]:
    start, texts, sites = chunk
    known = known_of(templates, sites)
    try:
        return list(pipeline.cleaned(texts, ready, known))
    except TextcleanError:
        # One of them is bad: each by itself, so that it fails alone.
        single = (_clean_item(start + i, text, ready, known and [known[i]], on_error) for i, text in enumerate(texts))
        return [cleaned for cleaned in single if cleaned is not None]


def _clean_item(position: int, text: str, ready: Plan, known: pipeline.KnownSites | None, on_error: OnError) -> Cleaned | ItemError | None:
    try:
        return pipeline.cleaned([text], ready, known)[0]
    except TextcleanError as error:
        if on_error == "raise":
            failure = ItemError(position, error)
            failure.__cause__ = error
            return failure
        if on_error == "skip":
            return None
        kept = text if type(text) is str else ""
        return Cleaned(source=kept, text=kept, error=error)


def shingle_hash(shingle: bytes) -> int:
    """Returns the 32-bit hash of one shingle, the low half of XXH3-64. As ``hashfunc`` it makes datasketch compute textclean's signatures.

    Args:
        shingle: casefolded tokens joined by single spaces, UTF-8.

    >>> shingle_hash(b"a b c") == shingle_hash(b"a b c") < 2**32
    True
    """
    return _native.shingle_hash(shingle)

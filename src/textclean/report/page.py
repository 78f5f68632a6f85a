"""Renders the report of a run as one page of HTML.

It shows what was removed by kind and source, what sites repeat, samples in context, groups of repeats, and pairs of texts at the border.
The page needs no other file: style and script stand in it and are named by their hashes in its content security policy, which allows
nothing else, no network either. All that comes from files is text: it is escaped, characters that act instead of standing for something
are made visible, and no part of it becomes an address, an attribute that acts or a style.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from difflib import SequenceMatcher
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from textclean.errors import SourceError
from textclean.files.escapes import visible

#: Sources that are listed, and that are drawn; letters of a name beside a bar.
_SOURCES, _DRAWN, _LABEL = 200, 12, 26
#: Sites whose templates are unfolded when the page is opened.
_UNFOLDED = 2
#: Places of a template, as people say them, and the marks for them: top and height of what is dark on a sheet of 14 by 18.
_PLACES = {
    "top": ("top", [(2, 4)]),
    "inside": ("inside", [(7, 4)]),
    "bottom": ("bottom", [(12, 4)]),
    "edges": ("top or bottom", [(2, 4), (12, 4)]),
}


def render(folder: Path) -> str:
    """Renders the report of a run as an HTML page.

    Args:
        folder: the folder of a finished run that was kept, with ``summary.json`` and ``report.json``.

    Raises:
        SourceError: a file is missing or can't be read, or is not of a finished run.
    """
    summary, found = (_read(folder, name) for name in ("summary.json", "report.json"))
    here = files("textclean.report")
    style, script = (here.joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    try:
        body = "\n".join(_body(folder, summary, found))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SourceError(f"{folder}: not the summary of a run ({type(error).__name__}: {error})", "damaged") from None
    head = (
        f'<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>textclean: {text(folder.name)}</title>\n<style>{style}</style>"
    )
    return f'<!doctype html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{body}\n<script>{script}</script>\n</body>\n</html>\n'


def _body(folder: Path, summary: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    """Yields the sections in their order."""
    yield _head(folder, summary)
    yield _kinds(summary)
    yield _skipped(summary)
    yield _sources(summary)
    yield _search(found)
    yield _templates(found.get("templates"))
    yield _samples(found["samples"])
    yield _groups(found["groups"])
    yield _repeats(found)
    yield _settings(summary)


def text(value: object, lines: bool = False) -> str:
    r"""Returns any value as text for an HTML page: escaped, with acting characters made visible.

    >>> text("<script>alert('x')</script>\u202e")
    '&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;\\u202e'
    """
    return escape(visible(str(value), lines=lines))


def _read(folder: Path, name: str) -> dict[str, Any]:
    try:
        found = json.loads((folder / name).read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(
            f"{folder / name}: {error.strerror}: a run that ended well and was given run=FOLDER has it", "unreadable"
        ) from None
    except ValueError as error:
        raise SourceError(f"{folder / name}: not JSON: {error}", "damaged") from None
    if not isinstance(found, dict):
        raise SourceError(f"{folder / name}: not the summary of a run", "damaged")
    return found


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _head(folder: Path, summary: dict[str, Any]) -> str:
    across, seconds = summary["across"], summary["seconds"].get("all", 0)
    gone = 1 - summary["characters_out"] / max(summary["characters_in"], 1)
    cards = [
        (f"{summary['documents']:,}", "texts cleaned"),
        (f"{sum(summary['kinds'].values()):,}", "stretches removed"),
        (f"{across['dropped']:,}", f"of {across['units']:,} {text(across['unit'])}s repeat others")
        if across["unit"] != "none"
        else ("–", "not compared"),
        (f"{gone:.1%}", f"of {summary['characters_in'] / 1e6:,.1f} million characters went"),
        (f"{sum(summary['skipped'].values()):,}", "problems"),
        (f"{seconds:,.1f} s", f"{summary['characters_in'] / 1e6 / max(seconds, 1e-9):,.1f} million characters a second"),
    ]
    shown = "".join(f"<div class='card'><b>{number}</b><span>{what}</span></div>" for number, what in cards)
    return f"<header><h1>What textclean did</h1><p class='run'>{text(folder.name)}</p></header>\n<div class='cards'>{shown}</div>"


def _kinds(summary: dict[str, Any]) -> str:
    counts = dict(summary["kinds"])
    if summary["across"]["dropped"]:
        counts["repeats across documents"] = summary["across"]["dropped"]
    return _section("kinds", "What went, by kind", _bars(counts, "Removals by kind") or "<p>Nothing.</p>")


def _bars(counts: dict[str, int], label: str) -> str:
    """Draws bars with attributes alone: the content security policy allows no inline style."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rows = []
    for row, (name, count) in enumerate(ordered):
        y, width = 26 * row, max(2, 420 * count / max(ordered[0][1], 1))
        shown = name if len(name) <= _LABEL else f"…{name[1 - _LABEL :]}"
        rows.append(
            f"<text x='190' y='{y + 17}' text-anchor='end'>{text(shown)}</text>"
            f"<rect x='200' y='{y + 4}' width='{width:.1f}' height='18' rx='3'/>"
            f"<text class='count' x='{208 + width:.1f}' y='{y + 17}'>{count:,}</text>"
        )
    return f"<svg viewBox='0 0 740 {26 * len(ordered)}' role='img' aria-label='{label}'>{''.join(rows)}</svg>" if rows else ""


def _skipped(summary: dict[str, Any]) -> str:
    if not summary["skipped"]:
        return ""
    reasons = "".join(f"<tr><td>{text(reason)}<td class='n'>{count:,}" for reason, count in sorted(summary["skipped"].items()))
    problems = "".join(f"<li>{text(problem)}" for problem in summary["problems"])
    content = (
        f"<table><tr><th>reason<th class='n'>times{reasons}</table><details><summary>Each of them</summary><ul>{problems}</ul></details>"
    )
    return _section("skipped", "What could not be read", content)


def _sources(summary: dict[str, Any]) -> str:
    ordered = sorted(summary["sources"].items(), key=lambda item: (-sum(item[1][1:]), item[0]))
    rows = "".join(
        f"<tr data-find><td>{text(name)}<td class='n'>{documents:,}<td class='n'>{removed:,}<td class='n'>{repeated:,}"
        f"<td class='n'>{(removed + repeated) / max(documents, 1):.2f}"
        for name, (documents, removed, repeated) in ordered[:_SOURCES]
    )
    more = f"<p>and {len(ordered) - _SOURCES:,} more</p>" if len(ordered) > _SOURCES else ""
    table = f"<table><tr><th>source<th class='n'>texts<th class='n'>removed<th class='n'>repeats<th class='n'>a text{rows}</table>{more}"
    count = f"{len(ordered):,} {'source' if len(ordered) == 1 else 'sources'}"
    bars = _bars({name: removed + repeated for name, (_, removed, repeated) in ordered[:_DRAWN]}, "Removals by source")
    content = f"{bars if len(ordered) > 1 else ''}<details{' open' * (len(ordered) <= 30)}><summary>{count}</summary>{table}</details>"
    return _section("sources", "What went, by source", content)


def _search(found: dict[str, Any]) -> str:
    """Returns the form that the script listens to; without the script the page shows everything."""
    kinds = dict.fromkeys([*found["samples"], *["template"] * ("templates" in found), *["across"] * bool(found["repeats"])])
    options = "".join(f"<option value='{text(kind)}'>{text(kind)}</option>" for kind in kinds)
    return (
        "<form id='filter'><label>Kind <select id='kind'><option value=''>all</option>" + options + "</select></label>"
        "<label>Search <input id='search' type='search' placeholder='words, rules, places' autocomplete='off'></label>"
        "<output id='shown'></output></form>"
    )


def _samples(samples: dict[str, list[dict[str, Any]]]) -> str:
    shown = [_sample(kind, sample) for kind, drawn in samples.items() for sample in drawn]
    return _section("samples", "Removals in context", "".join(shown) or "<p>None.</p>", "A fair draw of each kind.")


def _sample(kind: str, sample: dict[str, Any]) -> str:
    witness = f"<p class='witness'>repeats <q>{text(sample['witness'], True)}</q></p>" if sample["witness"] else ""
    score = "" if sample["score"] == 1 else f" {sample['score']:.2f}"
    return (
        f"<article data-find data-kind='{text(kind)}'><h3><span class='kind'>{text(kind)}</span> <code>{text(sample['rule'])}{score}</code>"
        f" <span class='place'>{text(sample['place'])}</span></h3>"
        f"<pre>{text(sample['before'], True)}<del>{text(sample['text'], True)}</del>{text(sample['after'], True)}</pre>{witness}</article>"
    )


def _templates(found: dict[str, Any] | None) -> str:
    """Renders what sites repeat; empty for a run without templates."""
    if found is None:
        return ""
    sites, shown = found["sites"], found["shown"]
    note = (
        f"Lines that pages of one site share, though they tell different stories: {_many(found['templates_removed'], 'template')} of"
        f" {_many(found['sites_removed_from'], 'site')} removed {_many(found['removed'], 'stretch', 'stretches')}."
    )
    if len(shown) < sites or any(len(site["lines"]) < site["templates"] for site in shown):
        note += f" Shown: {len(shown):,} of the {_many(sites, 'site')} with pages in this run, and of each the templates that removed most."
    if any(not line["removed"] for site in shown for line in site["lines"]):
        note += " A line that removed nothing was not met in its place, went as something else before, or was to be kept."
    content = "".join(_site(site, number < _UNFOLDED) for number, site in enumerate(shown))
    return _section("templates", "Templates learned, by site", content or "<p>None.</p>", note)


def _site(site: dict[str, Any], unfolded: bool) -> str:
    """Renders the templates of a site. A search for the site's name finds its rows too, by ``data-of``."""
    lines, count = site["lines"], site["templates"]
    some = f"{len(lines):,} of {count:,} templates" if len(lines) < count else _many(count, "template")
    heads = "<tr><th>line<th>id<th>where<th class='n'>stories<th class='n'>share of pages<th class='n'>removed here"
    return (
        f"<details class='site' data-of{' open' * unfolded}><summary><b>{text(site['site'])}</b> <span>{some}, removed"
        f" {_many(site['removed'], 'time')} from {_many(site['pages'], 'page')}, learned from {site['learned_from']:,}</span>"
        f"</summary><table>{heads}{''.join(map(_line, lines))}</table></details>"
    )


def _line(line: dict[str, Any]) -> str:
    where, marks = _PLACES[line["place"]]
    dark = "".join(f"<rect x='2' y='{y}' width='10' height='{height}'/>" for y, height in marks)
    share = f"<svg viewBox='0 0 100 6' aria-hidden='true'><rect width='{100 * line['share']:.1f}' height='6'/></svg>"
    return (
        f"<tr data-find data-kind='template'{'' if line['removed'] else ' class=unused'}>"
        f"<td>{text(line['text'])}<td><code>{text(line['id'])}</code>"
        f"<td class='where'><svg viewBox='0 0 14 18' aria-hidden='true'>{dark}</svg>{where}"
        f"<td class='n'>{line['stories']:,}<td class='n share'>{line['share']:.1%}{share}<td class='n'>{line['removed']:,}"
    )


def _many(count: int, one: str, several: str = "") -> str:
    """Returns a count with its noun.

    >>> _many(1, "site"), _many(1200, "site"), _many(2, "stretch", "stretches")
    ('1 site', '1,200 sites', '2 stretches')
    """
    return f"{count:,} {one if count == 1 else several or f'{one}s'}"


def _groups(groups: list[dict[str, Any]]) -> str:
    if not groups:
        return ""
    shown = "".join(
        f"<article data-find data-kind='across'><h3><span class='kind'>{group['count']:,} went for</span>"
        f" <span class='place'>{text(group['place'])}</span></h3><pre>{text(group['text'], True)}</pre>"
        f"<p class='members'>{', '.join(map(text, group['members']))}{', …' * (group['count'] > len(group['members']))}</p></article>"
        for group in groups
    )
    return _section("groups", "The largest repeated groups", shown, "Each of these stays once.")


def _repeats(found: dict[str, Any]) -> str:
    if not found["repeats"]:
        return ""
    border = "".join(map(_pair, found["border"]))
    some = "".join(map(_pair, found["repeats"]))
    return _section("border", "Pairs at the border", border, "The least alike of what went. What differs is marked.") + _section(
        "repeats", "Some of what repeats across documents", some
    )


def _pair(pair: dict[str, Any]) -> str:
    one, other = _marked(pair["text"], pair["witness"]["text"])
    return (
        f"<article data-find data-kind='across'><h3><span class='kind'>{pair['similarity']:.3f}</span></h3><div class='pair'>"
        f"<div><p class='place'>{text(pair['place'])} <b>went</b></p><pre>{one}</pre></div>"
        f"<div><p class='place'>{text(pair['witness']['place'])} <b>stays</b></p><pre>{other}</pre></div></div></article>"
    )


def _marked(one: str, other: str) -> tuple[str, str]:
    """Returns two texts as HTML, the words marked in each that the other does not have in that place."""
    a, b = one.split(), other.split()
    parts: tuple[list[str], list[str]] = ([], [])
    for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        for out, words, mark in ((parts[0], a[i:j], "del"), (parts[1], b[k:m], "ins")):
            said = text(" ".join(words))
            if said:
                out.append(said if tag == "equal" else f"<{mark}>{said}</{mark}>")
    return " ".join(parts[0]), " ".join(parts[1])


def _settings(summary: dict[str, Any]) -> str:
    shown = json.dumps({name: summary[name] for name in ("settings", "versions", "seconds")}, indent=1, ensure_ascii=False)
    return _section(
        "settings",
        "Settings, versions, times",
        f"<details><summary>as summary.json has them</summary><pre>{text(shown, True)}</pre></details>",
    )


def _section(name: str, title: str, content: str, note: str = "") -> str:
    said = f"<p class='note'>{note}</p>" if note else ""
    return f"<section id='{name}'><h2>{title}</h2>{said}{content}</section>"

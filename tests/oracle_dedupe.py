"""The definitions of de-duplication written down as they are said, without regard to speed."""

from __future__ import annotations

import unicodedata

import regex

SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"
TOKEN = regex.compile(rf"(?V1)[[{SPACELESS}]&&\p{{L}}]\p{{M}}*|[[\p{{L}}\p{{M}}\p{{N}}]--[[{SPACELESS}]&&\p{{L}}]]+")


def tokens(text: str) -> list[str]:
    """NFKC of the whole text, full casefolding, then runs of letters, marks and numbers; letters of spaceless scripts alone."""
    return TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())


def shingles(text: str, n: int) -> frozenset[str]:
    """The set of runs of n consecutive tokens; a text of fewer tokens is one shingle."""
    words = tokens(text)
    return frozenset(" ".join(words[i : i + n]) for i in range(max(len(words) - n + 1, 1))) if words else frozenset()


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    """Members in common, divided by members in all."""
    return len(a & b) / len(a | b)


def numbers(text: str) -> list[str]:
    """The runs of digits of a text, in order; three digits that stand alone behind one to three are thousands of the same number."""
    found: list[str] = []
    thousands = False
    for token in tokens(text):
        if thousands and regex.fullmatch(r"\p{N}{3}", token):
            found[-1] += token
        else:
            found += regex.findall(r"\p{N}+", token)
            thousands = regex.fullmatch(r"\p{N}{1,3}", token) is not None
    return found


def deduplicate(texts: list[str], threshold: float, n: int, order: list[int] | None = None, *, same_numbers: bool = False) -> list[int]:
    """In order, a text goes if a kept one has Jaccard similarity >= threshold; the earliest is its witness, -1 if there is none.

    With `same_numbers`, the kept one has the same numbers besides.
    """
    said = [numbers(text) if same_numbers else [] for text in texts]
    sets = [shingles(text, n) for text in texts]
    witness, kept = [-1] * len(texts), []
    for i in range(len(texts)) if order is None else order:
        if not sets[i]:
            continue
        witness[i] = next((k for k in kept if said[i] == said[k] and jaccard(sets[i], sets[k]) >= threshold), -1)
        if witness[i] < 0:
            kept.append(i)
    return witness

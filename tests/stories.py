"""Pages of a site: stories that have nothing in common, and lines that stand on many pages."""

from __future__ import annotations

import random

HOST = "www.gazette.example"
TIP = "Do write to the night desk of the Gazette if you saw it."
WORDS = [
    a + b for a in ("ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe") for b in ("rd", "lt", "nst", "rm", "sk", "v")
]


def sentence(seed: object, words: int = 14) -> str:
    """A sentence that no other seed gives."""
    rng = random.Random(str(seed))
    return " ".join(rng.choice(WORDS) for _ in range(words)).capitalize() + "."


def story(seed: object, paragraphs: int = 4) -> list[str]:
    """Paragraphs of a story that no other seed gives."""
    return [" ".join(sentence((seed, i, j)) for j in range(2)) for i in range(paragraphs)]


def page(*lines: str) -> str:
    """Lines with a blank one between two."""
    return "\n\n".join(lines)

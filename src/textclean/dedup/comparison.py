"""Shows two texts side by side, with their differences."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple


class Difference(NamedTuple):
    """Words that differ at one place of two texts.

    Attributes:
        text: the words that the unit has there, joined by single spaces; empty for none.
        witness: the words that its witness has there.
    """

    text: str
    witness: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A unit beside its witness. ``str(comparison)`` shows them.

    Attributes:
        text: the text of the unit.
        witness: the text of the unit that it repeats.
        similarity: exact Jaccard similarity of their shingle sets.
        differences: where they differ, in order. Equal tokens may still differ as words: ``Don't`` and ``don’t``.
    """

    text: str
    witness: str
    similarity: float
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        lines = [f"Jaccard similarity {self.similarity:.3f}", f"  this     {self.text}", f"  witness  {self.witness}"]
        return "\n".join(lines + [f"  {d.text or '(nothing)'}  <>  {d.witness or '(nothing)'}" for d in self.differences])


def compare(text: str, witness: str, similarity: float) -> Comparison:
    """Compares two texts word by word.

    It takes quadratic time in the worst case, so it is made for showing a pair, not for comparing many.

    Args:
        text: the text of a unit.
        witness: the text of its witness.
        similarity: their exact Jaccard similarity, which is carried along.

    >>> compare("Rain fell in Paris today.", "Rain fell in Lyon today.", 0.2).differences
    (Difference(text='Paris', witness='Lyon'),)
    """
    one, other = text.split(), witness.split()
    matcher = SequenceMatcher(None, one, other, autojunk=len(one) + len(other) > 2000)
    differences = tuple(Difference(" ".join(one[i:j]), " ".join(other[k:m])) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal")
    return Comparison(text, witness, similarity, differences)

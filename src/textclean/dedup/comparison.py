"""Two texts side by side, with what differs."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple


class Difference(NamedTuple):
    """Words of one text that stand where the other has others, or none.

    Attributes:
        text: what the unit has, words joined by one space.
        witness: what its witness has there.
    """

    text: str
    witness: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A unit and its witness.

    Attributes:
        text: the unit.
        witness: the unit it repeats.
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
    """Put two texts side by side, word by word.

    Quadratic in the worst case, as longest common subsequences are: for showing a pair, not for a million.

    >>> compare("Rain fell in Paris today.", "Rain fell in Lyon today.", 0.2).differences
    (Difference(text='Paris', witness='Lyon'),)
    """
    one, other = text.split(), witness.split()
    matcher = SequenceMatcher(None, one, other, autojunk=len(one) + len(other) > 2000)
    differences = tuple(Difference(" ".join(one[i:j]), " ".join(other[k:m])) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal")
    return Comparison(text, witness, similarity, differences)

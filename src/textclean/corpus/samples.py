"""Samples removals of a run for its report, chosen by a hash of their place, so that a resumed run chooses the same.

Of each kind the samples with the smallest hashes stay. That is a fair draw whatever the order and however the work was cut into shards.
"""

from __future__ import annotations

import zlib
from heapq import nsmallest
from typing import TYPE_CHECKING, Any

from textclean.document import Cleaned, Removal
from textclean.formats import Document

if TYPE_CHECKING:
    from textclean.corpus.decide import Decision

#: Of each kind; groups; pairs; repeats across documents.
PER_KIND, GROUPS, BORDER, REPEATS = 12, 30, 30, 60
#: Code points that are kept of a text, and of what stands around it.
TEXT, AROUND = 1_500, 240
#: Members of a group that are named.
_MEMBERS = 5

Sample = dict[str, Any]


class Sampler:
    """Collects samples of removals, shard by shard."""

    def __init__(self) -> None:
        self._all: dict[str, list[Sample]] = {}
        self._shard: dict[str, list[Sample]] = {}
        self._found: dict[str, Any] = {"groups": [], "border": [], "repeats": []}

    def look(self, document: Document, cleaned: Cleaned) -> None:
        """Takes samples of a document, if its hash is among the smallest."""
        if not cleaned.removed:
            return
        drawn = zlib.crc32(document.place.encode("utf-8", "surrogatepass"))
        # Most documents are not, and what was removed from them is not put into words.
        wanted = [kind for kind in cleaned.removed if self._wants(str(kind), drawn)]
        for kind in wanted:
            removal = next(removal for removal in cleaned.removals if removal.kind is kind)
            held = self._shard.setdefault(str(kind), [])
            held.append(_sample(document, cleaned.source, removal) | {"drawn": drawn})
            held[:] = nsmallest(PER_KIND, held, key=_order)

    def take(self) -> dict[str, list[Sample]]:
        """Ends a shard, and returns its samples by kind, without those that others have displaced."""
        taken, self._shard = self._shard, {}
        self.restore(taken)
        # The others will never be shown, and each shard would have some for the journal.
        return {kind: kept for kind, samples in taken.items() if (kept := [each for each in samples if each in self._all[kind]])}

    def restore(self, taken: dict[str, list[Sample]]) -> None:
        """Adds the samples of a shard that `take` returned, in this process or before."""
        for kind, samples in taken.items():
            self._all[kind] = nsmallest(PER_KIND, self._all.get(kind, []) + samples, key=_order)

    def across(self, decision: Decision) -> None:
        """Takes samples of repeats across documents: large groups, pairs at the border, and some of all."""
        import numpy as np

        answer = decision.answer
        kept, counts = np.unique(answer.witness, return_counts=True)
        largest = np.argsort(-counts, kind="stable")[:GROUPS]
        self._found["groups"] = [_group(decision, int(kept[at]), int(counts[at])) for at in largest]
        ordered = np.argsort(answer.similarity, kind="stable")
        # One of each group: the others would say the same again.
        lowest = ordered[np.sort(np.unique(answer.witness[ordered], return_index=True)[1])[:BORDER]]
        chosen = np.arange(0, len(answer.gone), max(1, -(-len(answer.gone) // REPEATS)))
        for name, places in (("border", lowest), ("repeats", chosen)):
            self._found[name] = [_pair(decision, at) for at in places.tolist()]

    def to_dict(self) -> dict[str, Any]:
        """Returns the samples as ``report.json`` holds them."""
        return {"samples": dict(sorted(self._all.items()))} | self._found

    def _wants(self, kind: str, drawn: int) -> bool:
        return all(len(held) < PER_KIND or drawn <= held[-1]["drawn"] for held in (self._shard.get(kind, []), self._all.get(kind, [])))


def _order(sample: Sample) -> tuple[int, str]:
    return sample["drawn"], sample["place"]


def _sample(document: Document, source: str, removal: Removal) -> Sample:
    start, end = removal.start, removal.end
    witness = source[slice(*removal.witness[0])][:TEXT] if removal.witness else None
    return {
        "place": document.place,
        "source": document.origin,
        "rule": removal.rule,
        "score": removal.score,
        "before": source[max(0, start - AROUND) : start],
        "text": removal.text[:TEXT],
        "after": source[end : end + AROUND],
        "witness": witness,
    }


def _unit(decision: Decision, unit: int) -> Sample:
    place, _, text = decision.unit_at(unit)
    return {"place": place.name, "text": text[:TEXT]}


def _group(decision: Decision, unit: int, count: int) -> Sample:
    """Returns a unit that stays, with some of the units that repeat it."""
    answer = decision.answer
    members = answer.gone[answer.witness == unit][:_MEMBERS].tolist()
    return _unit(decision, unit) | {"count": count, "members": [decision.unit_at(member)[0].name for member in members]}


def _pair(decision: Decision, at: int) -> Sample:
    """Returns a unit that is taken out, by its place in `Answer.gone`, and its witness."""
    answer = decision.answer
    witness = _unit(decision, int(answer.witness[at]))
    return _unit(decision, int(answer.gone[at])) | {"similarity": float(answer.similarity[at]), "witness": witness}

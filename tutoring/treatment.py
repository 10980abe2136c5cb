"""Which points of the syllabus a text of a course document treats, rather than mentions: by its likeness to the notes on each point.

A text's score on a point is its cosine with the nearest section of the point's notes and, with less weight, the share of the words of
the point's name that stand in it, the rarer the heavier. A text that is plainly about one thing only mentions what comes far behind.
On the sections of the bundled handouts against a list made by hand (tests/integration/test_coverage.py) 97 % of what is named is
treated there, and 91 % of what is treated is named: in-sample, for the constants were chosen on the same sections; on 232 documents
of other people about 9 of 10 of those looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from math import log

import numpy as np

from knowledge.note_sections import note_sections
from knowledge.subjects import occurrences
from knowledge.syllabus import points
from rag.expansion import shipped_expansion
from vector_db.segmentation import joined, other_names, segment

__all__ = ["LEAST", "treated"]

_NAME_WEIGHT = 0.3
LEAST = 0.75
"""Score that counts as treated; the greatest possible one is 1.3."""
_BEHIND = 0.2
"""What is further behind the best point of the same text is only mentioned."""


def treated(texts: Sequence[str]) -> list[dict[str, float]]:
    """For each text the points that it treats, by id, with their scores in [0.75, 1.3], best first.

    Raises:
        ModelLoadError: the shipped embedding can't be loaded.
    """
    if not texts or not note_sections():
        return [{} for _ in texts]
    likeness = _by_point(shipped_expansion().closeness(texts))
    return [_scores(joined(text), row) for text, row in zip(texts, likeness, strict=True)]


def _by_point(closeness: np.ndarray) -> np.ndarray:
    """The greatest cosine with a section of each point's notes: shape (texts, points); −1 of a point without notes."""
    rows = {identifier: row for row, identifier in enumerate(points())}
    best = np.full((len(closeness), len(rows)), -1.0)
    for number, section in enumerate(note_sections()):
        if (row := rows.get(section.point)) is not None:
            np.maximum(best[:, row], closeness[:, number], out=best[:, row])
    return best


def _scores(text: str, likeness: np.ndarray) -> dict[str, float]:
    identifiers = list(points())
    near = [identifiers[row] for row in np.flatnonzero(likeness >= LEAST - _NAME_WEIGHT)]
    at = {identifier: float(likeness[row]) for row, identifier in enumerate(identifiers)}
    scores = {identifier: at[identifier] + _NAME_WEIGHT * _named(identifier, text) for identifier in near}
    least = max(LEAST, max(scores.values(), default=0.0) - _BEHIND)
    kept = sorted(((score, identifier) for identifier, score in scores.items() if score >= least), reverse=True)
    return {identifier: round(score, 3) for score, identifier in kept}


def _named(identifier: str, text: str) -> float:
    """The share of the words of a point's name, by their rarity, that stand in a text, under this name or another one."""
    words = _words()[identifier]
    held = sum(rarity for word, rarity in words.items() if any(occurrences(name, text) for name in (word, *other_names(word))))
    return held / (sum(words.values()) or 1.0)


@cache
def _words() -> Mapping[str, Mapping[str, float]]:
    """The words of each point's name, with their rarity among the names."""
    words = {identifier: {word for word in segment(point.name)} for identifier, point in points().items()}
    frequencies = Counter(word for own in words.values() for word in own)
    return {identifier: {word: log(len(words) / frequencies[word]) for word in own} for identifier, own in words.items()}

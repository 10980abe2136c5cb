"""The 408 syllabus as knowledge points, read from `knowledge/syllabus/*.yaml`, which a teacher may edit.

A file has a `subject` and `chapters`; a chapter has `id`, `name` and `points`; a point has `id`, `name`, `weight`, `level`
and `requires`. What is wrong in a file is told with its line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from errors import ContentError
from knowledge.subjects import SUBJECTS
from settings import ROOT

__all__ = ["LEVELS", "SYLLABUS", "WEIGHTS", "KnowledgePoint", "load_syllabus", "points", "read_points"]

SYLLABUS = ROOT / "knowledge" / "syllabus"
WEIGHTS = ("高", "中", "低")
"""How often a point has been examined."""
LEVELS = ("了解", "理解", "掌握")
_LINE = "__line__"


@dataclass(frozen=True)
class KnowledgePoint:
    """One point of the syllabus. `requires` are ids of the points to be understood before it; together they have no cycle."""

    id: str
    name: str
    subject: str
    chapter: str
    chapter_name: str
    weight: str
    level: str
    requires: tuple[str, ...] = ()


@cache
def points() -> dict[str, KnowledgePoint]:
    """The shipped syllabus by id, in its order."""
    return load_syllabus(SYLLABUS)


def load_syllabus(folder: Path) -> dict[str, KnowledgePoint]:
    """All points of a folder's YAML files, by id.

    Raises:
        ContentError: a file is wrong; the message has the file, the line, and what to correct.
    """
    found: dict[str, KnowledgePoint] = {}
    places: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        for line, point in read_points(path):
            place = f"{path.name} 第 {line} 行"
            if point.id in found:
                raise ContentError(f"{place}：编号 {point.id} 与 {places[point.id]} 重复。请换一个编号。")
            found[point.id], places[point.id] = point, place
    for point in found.values():
        for required in point.requires:
            if required not in found:
                raise ContentError(f"{places[point.id]}：先修考点 {required} 不存在。请改正 requires。")
    if cycle := _cycle(found):
        raise ContentError(f"{places[cycle[0]]}：先修关系成了环：{' → '.join(cycle)}。请去掉其中一个。")
    return found


def read_points(path: Path) -> Iterator[tuple[int, KnowledgePoint]]:
    """Points of one file with their lines.

    Raises:
        ContentError: as `load_syllabus`.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContentError(f"{path.name} 第 {line} 行：YAML 格式有误（{error.problem}）。请检查缩进与冒号。") from error
    subject = _field(path, data, "subject", tuple(SUBJECTS))
    for chapter in _list(path, data, "chapters"):
        chapter_id, chapter_name = _field(path, chapter, "id"), _field(path, chapter, "name")
        for entry in _list(path, chapter, "points"):
            identifier = _field(path, entry, "id")
            if not identifier.startswith(f"{chapter_id}.") or not chapter_id.startswith(f"{subject}."):
                raise _error(path, entry, f"编号 {identifier} 应以所在章的编号开头（{chapter_id}.…）")
            requires = tuple(str(r) for r in entry.get("requires") or ())
            yield entry[_LINE], KnowledgePoint(
                identifier, _field(path, entry, "name"), subject, chapter_id, chapter_name,
                _field(path, entry, "weight", WEIGHTS), _field(path, entry, "level", LEVELS), requires,
            )  # fmt: skip


class _Loader(yaml.SafeLoader):
    """A SafeLoader that notes the line of every mapping."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping | {_LINE: node.start_mark.line + 1}


def _field(path: Path, mapping: Any, key: str, allowed: Sequence[str] = ()) -> str:
    value = mapping.get(key) if isinstance(mapping, dict) else None
    if not isinstance(value, str) or not value.strip():
        raise _error(path, mapping, f"缺少 {key}，或它不是文字")
    if allowed and value not in allowed:
        raise _error(path, mapping, f"{key} 是“{value}”，应为 {'、'.join(allowed)} 之一")
    return value.strip()


def _list(path: Path, mapping: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = mapping.get(key)
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise _error(path, mapping, f"{key} 应是一个列表，每项以“- ”开头并含有编号与名称")
    return value


def _error(path: Path, mapping: Any, what: str) -> ContentError:
    line = mapping.get(_LINE, 1) if isinstance(mapping, dict) else 1
    return ContentError(f"{path.name} 第 {line} 行：{what}。请改正后重试。")


def _cycle(found: dict[str, KnowledgePoint]) -> list[str]:
    """Ids along one cycle of prerequisites, its first again at the end; [] without one (depth-first search)."""
    done: set[str] = set()

    def visit(identifier: str, trail: list[str]) -> list[str]:
        if identifier in trail:
            return [*trail[trail.index(identifier) :], identifier]
        if identifier in done:
            return []
        for required in found[identifier].requires:
            if cycle := visit(required, [*trail, identifier]):
                return cycle
        done.add(identifier)
        return []

    return next((cycle for identifier in found if (cycle := visit(identifier, []))), [])

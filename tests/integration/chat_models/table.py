"""The table back end × ability, each cell filled by the tests that ran."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["Table"]

BACK_ENDS = (
    "extractive",
    "local",
    "lmdeploy（替身引擎）",
    "lmdeploy（它自己的类）",
    "lmdeploy（显卡）",
    "openai",
    "openai（transformers serve）",
)
ABILITIES = {
    "streams": "流式",
    "stops": "1 秒内停止",
    "adapter": "适配器",
    "quantized": "量化",
    "tokens": "token 计数",
    "errors": "错误有说明",
}
_NO_WEIGHTS = ("extractive", "lmdeploy（替身引擎）", "openai", "openai（transformers serve）")
NOT_APPLICABLE = {(name, ability) for name in _NO_WEIGHTS for ability in ("adapter", "quantized")}
"""Weights are the server's matter, or there are none."""


class Table:
    """Outcomes of tests by back end and ability; a cell is ticked if all of its tests passed."""

    def __init__(self) -> None:
        self._cells: dict[tuple[str, str], set[str]] = {}
        self._reasons: dict[str, None] = {}

    def check(self, back_end: str, abilities: tuple[str, ...]) -> None:
        """Refuse names that the table has no place for."""
        assert back_end in BACK_ENDS, back_end
        assert set(abilities) <= set(ABILITIES), abilities

    def note(self, back_end: str, abilities: tuple[str, ...], outcome: str, reason: str = "") -> None:
        """Record a test's outcome: passed, failed or skipped."""
        for ability in abilities:
            self._cells.setdefault((back_end, ability), set()).add(outcome)
        if outcome == "skipped":
            self._reasons[f"{back_end}：{reason}"] = None

    @property
    def filled(self) -> bool:
        """Whether a test of any back end ran."""
        return bool(self._cells)

    def lines(self) -> Iterator[str]:
        """The table in Markdown, then why tests were skipped."""
        yield "| 对话模型 | " + " | ".join(ABILITIES.values()) + " |"
        yield "|---" * (len(ABILITIES) + 1) + "|"
        for name in BACK_ENDS:
            yield f"| {name} | " + " | ".join(self._cell(name, ability) for ability in ABILITIES) + " |"
        yield from (f"跳过：{reason}" for reason in self._reasons)

    def _cell(self, back_end: str, ability: str) -> str:
        if (back_end, ability) in NOT_APPLICABLE:
            return "—"
        outcomes = self._cells.get((back_end, ability), set())
        if not outcomes:
            return "未运行"
        if "failed" in outcomes:
            return "✗"
        return "跳过" if outcomes == {"skipped"} else "✓（部分跳过）" if "skipped" in outcomes else "✓"

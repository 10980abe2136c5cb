"""The modes' names, apart from their code: a command lists them before anything is loaded."""

from __future__ import annotations

__all__ = ["MODE_NAMES"]

MODE_NAMES = {
    "qa": "答疑",
    "socratic": "苏格拉底式引导",
    "explain": "讲题",
    "quiz": "出题",
    "homework": "批改作业",
    "summary": "总结",
    "essay": "作文批改",
    "admissions": "升学咨询",
    "support": "情感支持",
    "chat": "自由对话",
}
"""Id → what the page calls it, in the page's order."""

"""Records of questions to the tutor, written by hand."""

from eval.answer_quality.claims import Checked
from eval.answer_quality.questions import POINT, REFUSING
from eval.answer_quality.records import Mark, Quoted, TutorRecord

__all__ = ["FULL", "refusing"]

FULL = TutorRecord(
    "os-1", POINT, "os", "问", True, False, "答[1]", "模型", 0.1, (Mark(1, 0, "答", "supported", "quote"),),
    (Quoted(1, "a.pdf", "00ff", 2, "节", "引文", False, "page", 2, True),), 1, 1, (Checked("答", "supported", ""),), "quoted", ("c1",),
)  # fmt: skip


def refusing(n: int, answerable: bool, refused: bool) -> TutorRecord:
    return TutorRecord(f"ds-r{n}", REFUSING, "ds", "问", answerable, refused, "答", "模型", 0.1)

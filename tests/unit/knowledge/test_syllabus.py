from pathlib import Path

import pytest

from errors import ContentError
from knowledge.syllabus import load_syllabus, points

HEAD = "subject: os\nchapters:\n  - id: os.1\n    name: 概述\n    points:\n"
POINT = "      - {{id: os.1.{n}, name: 考点{n}, weight: 高, level: 掌握, requires: [{requires}]}}\n"


def test_the_shipped_syllabus_is_whole() -> None:
    by_subject = {s: [p for p in points().values() if p.subject == s] for s in ("ds", "co", "os", "cn")}
    assert sum(map(len, by_subject.values())) >= 180 and all(len(ps) >= 45 for ps in by_subject.values())
    assert len({p.name for p in points().values()}) == len(points())
    for subject, ps in by_subject.items():
        assert all(p.id.startswith(f"{subject}.") for p in ps)
        assert 0.2 <= sum(p.weight == "高" for p in ps) / len(ps) <= 0.4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + POINT.format(n=1, requires="") + POINT.format(n=1, requires=""), "第 7 行：编号 os.1.1 与 .* 第 6 行 重复"),
        (HEAD + POINT.format(n=1, requires="os.9.9"), "第 6 行：先修考点 os.9.9 不存在"),
        (HEAD + POINT.format(n=1, requires="os.1.2") + POINT.format(n=2, requires="os.1.1"), "成了环：os.1.1 → os.1.2 → os.1.1"),
        (HEAD + "      - {id: os.1.1, name: 甲, weight: 很高, level: 掌握}\n", "第 6 行：weight 是“很高”，应为 高、中、低"),
        (HEAD + "      - {id: cn.1.1, name: 甲, weight: 高, level: 掌握}\n", "第 6 行：编号 cn.1.1 应以所在章"),
        (HEAD + "      - {id: os.1.1, weight: 高, level: 掌握}\n", "第 6 行：缺少 name"),
        ("subject: math\nchapters: []\n", "第 1 行：subject 是“math”"),
        ("subject: os\nchapters: 3\n", "第 1 行：chapters 应是一个列表"),
        ("subject: os\n  bad: [\n", "第 2 行：YAML 格式有误"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(write, tmp_path: Path, text: str, message: str) -> None:
    write("os.yaml", text)
    with pytest.raises(ContentError, match=message):
        load_syllabus(tmp_path / "files")

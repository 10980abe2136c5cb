import random

from rag.retrieval import Passage
from tutoring.cloze import BLANK, clozes

TEXT = (
    "死锁是指多个进程因竞争资源而造成的一种互相等待的僵局。\n"
    "• 死锁解除：死锁解除的方法有剥夺资源、撤销进程和进程回退。\n"
    "银行家算法（Banker's Algorithm）是指分配前先试探分配、再检查系统是否安全的死锁避免算法。\n"
    "这是因为资源不够分配给所有的进程使用。\n"
    "什么是安全状态？\n"
    "| 进程 | 资源 |\n"
    "高阶性：课程把知识、能力和素质融合在一起，培养学生解决问题的能力。\n"
    "通道是负责输入输出的处理机，通道执行通道指令，通道程序放在内存中。\n"
)
PASSAGE = Passage("c1", "docs/os.pdf", "00ff", 9, "死锁", "os", TEXT, 0.5)


def made(topic: str = "资源", count: int = 10, used: frozenset[str] = frozenset(), seed: int = 1):
    return clozes([PASSAGE], topic, count, used, random.Random(seed))


def test_the_blanked_words_and_the_sentence_stand_on_the_page() -> None:
    items = made()
    assert len(items) >= 4
    for item in items:
        assert item.quote in TEXT and item.key in item.quote and (item.source, item.page) == ("docs/os.pdf", 9)
        assert BLANK in item.stem and item.key not in item.stem and "未经独立验证" in item.verification
        assert item.explanation.endswith(item.quote)


def test_bold_words_are_no_bullet() -> None:
    bold = Passage(
        "c2",
        "notes/os.md",
        "00ff",
        1,
        "死锁",
        "os",
        "* 列出一项。\n**死锁**是指多个进程因竞争资源而造成的一种互相等待的僵局。",
        0.5,
    )
    (item,) = clozes([bold], "资源", 1, frozenset(), random.Random(1))
    assert item.stem == f"填空：**{BLANK}**是指多个进程因竞争资源而造成的一种互相等待的僵局。"


def test_definitions_come_first_and_the_english_name_goes_with_the_term() -> None:
    stems = {item.key: item.stem for item in made()}
    assert "僵局" in stems["死锁"] and list(stems)[0] in ("死锁", "银行家算法", "通道")
    assert "Banker" not in stems["银行家算法"]


def test_what_makes_no_question_is_left_alone() -> None:
    for seed in range(20):
        keys = {item.key for item in made(seed=seed)}
        assert not {"课程把知识", "通道"} & keys
        assert not any("这是因为" in item.stem or "什么是" in item.stem or "|" in item.stem for item in made(seed=seed))


def test_the_topic_is_never_the_key_and_nothing_is_asked_twice() -> None:
    assert "死锁" not in {item.key for item in made("死锁")} and "死锁" not in {item.key for item in made("deadlock")}
    first = made(count=2)
    again = made(count=10, used=frozenset(item.id for item in first))
    assert len(first) == 2 and again and not {i.quote for i in first} & {i.quote for i in again}
    assert made() == made() and clozes([], "死锁", 3, frozenset(), random.Random(1)) == []

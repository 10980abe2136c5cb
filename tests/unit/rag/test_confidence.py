from collections.abc import Iterable

from langchain_core.documents import Document

from rag.confidence import ANSWERABLE, confidence_of, evidence_of
from rag.rerank import PARTS, WEIGHTS, Ranked

QUESTION = "哈夫曼树怎么旋转"


def idf(tokens: Iterable[str]) -> dict[str, float]:
    return dict.fromkeys(tokens, 4.0)


def ranked(text: str = "哈夫曼树的旋转", section: str = "", asked: str = "", **parts: float) -> Ranked:
    held = dict.fromkeys(PARTS, 0.0) | parts
    chunk = Document(id="a", page_content=text, metadata={"section": section, "asked": asked})
    return Ranked(chunk, sum(WEIGHTS[name] * value for name, value in held.items()), held)


def test_nothing_found_is_no_answer() -> None:
    assert confidence_of(QUESTION, [], idf, True) == 0.0


def test_more_in_common_is_more_certain() -> None:
    rows = [ranked(body=x, cover=x, pairs=x, dense=x, alike=x) for x in (0.1, 0.4, 0.8)]
    poor, fair, rich = (confidence_of(QUESTION, [row], idf, True) for row in rows)
    assert 0 <= poor < ANSWERABLE and poor < fair < rich <= 1 and rich > 0.9


def test_what_is_named_must_be_spoken_of() -> None:
    parts = {"body": 0.3, "cover": 0.4, "pairs": 0.3, "dense": 0.4, "alike": 0.45}
    spoken = confidence_of(QUESTION, [ranked("哈夫曼树", "查找 > 哈夫曼树", **parts)], idf, True)
    other = confidence_of(QUESTION, [ranked("平衡二叉树的旋转", **parts)], idf, True)
    assert other < spoken


def test_a_latin_word_that_the_best_text_lacks_counts_against_it() -> None:
    one = ranked("PPP 的鉴别协议")
    assert evidence_of("PPP 的 CHAP 鉴别", [one], idf).unknown == 0.5 and evidence_of("PPP 的鉴别", [one], idf).unknown == 0.0
    assert evidence_of("端口 1F90 与 a1 的含义", [one], idf).unknown == 0.0, "names of nothing"


def test_a_long_question_need_not_be_covered_whole() -> None:
    stem = "某系统有甲乙两个进程，磁盘、打印机、键盘、显示器各一台，采用银行家算法，快表、页表与外存的关系是"
    assert evidence_of(stem, [ranked("磁盘、打印机、键盘与银行家算法")], idf).named == 1.0


def test_a_word_counts_partly_by_the_words_inside_it() -> None:
    whole, half, none = (evidence_of("拥塞窗口", [ranked(text)], idf).named for text in ("拥塞窗口", "窗口", "路由"))
    assert whole == 1.0 > half > none == 0.0


def test_a_question_that_was_asked_about_it_counts_as_its_words() -> None:
    assert evidence_of("什么是虚拟内存", [ranked("地址空间比主存大", asked="虚拟内存是啥")], idf).named == 1.0


def test_a_question_that_names_nothing_is_judged_by_the_rest() -> None:
    assert evidence_of("为什么要这样", [ranked()], idf).named == 0.5


def test_a_text_that_nobody_asked_about_can_answer_too() -> None:
    said = {"body": 0.5, "heading": 0.3, "cover": 0.7, "pairs": 0.5, "dense": 0.5}
    assert confidence_of(QUESTION, [ranked(**said)], idf, True) >= ANSWERABLE
    assert confidence_of(QUESTION, [ranked(**said, alike=0.9)], idf, True) > ANSWERABLE


def test_with_another_embedding_cosines_do_not_count() -> None:
    far, near = (ranked(body=0.3, cover=0.4, pairs=0.3, dense=x, alike=x) for x in (0.0, 0.99))
    assert confidence_of(QUESTION, [far], idf, False) == confidence_of(QUESTION, [near], idf, False)

import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest

from knowledge.subjects import SUBJECTS, terms_of
from vector_db.segmentation import dictionary, named_in, normalize, other_names, segment, segment_query, synonyms_in, words


def test_normalize_turns_radicals_and_full_width_into_what_people_type() -> None:
    assert normalize("⽤户ＴＣＰ") == "用户tcp"


def test_normalize_is_nfkc_and_lower_case_of_every_character() -> None:
    every = [chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000]
    assert [char for char in every if normalize(char) != unicodedata.normalize("NFKC", char).lower()] == []
    beside = "（a\u0301），Å\u0323；e\u0301"  # marks that join the letter before them
    assert normalize(beside) == unicodedata.normalize("NFKC", beside).lower()


def test_terms_of_the_subjects_are_words() -> None:
    assert "银行家算法" in segment("银行家算法")
    assert {"b+树", "tcp"} <= set(segment("B+树 与 TCP"))


def test_query_without_stop_words_but_never_empty() -> None:
    assert segment_query("什么是死锁？") == ["死锁"]
    assert segment_query("是什么") != []
    assert segment_query("，。") == []


def test_punctuation_and_blanks_of_exam_papers_are_no_tokens() -> None:
    assert segment("____ 。（ ）") == []


def test_a_blank_inside_a_term_does_not_part_it() -> None:
    assert segment("B 树与 B+ 树") == segment("B树与B+树")
    assert segment("读者 写者") == segment("读者，写者"), "a blank between Chinese words does"


def test_every_chinese_term_is_one_word() -> None:
    terms = {term for subject in SUBJECTS for group in terms_of(subject) for term in group if term.isalnum()}
    assert [term for term in terms if words(term) != [normalize(term)]] == []


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("TIME_WAIT 状态", ["time", "wait", "状态"]),
        ("a[i-1]", ["a", "i", "1"]),
        ("n1.left", ["n1", "left"]),
        (".NET、C++ 与 C#", ["net", "c++", "与", "c#"]),
        ("0.5 与 192.168.1.1", ["0.5", "与", "192.168.1.1"]),
        ("1.5MB/s", ["1.5", "mb", "s"]),
    ],
)
def test_latin_words_are_parted_and_numbers_are_not(text: str, tokens: list[str]) -> None:
    assert segment(text) == words(text) == tokens


def test_a_short_latin_term_does_not_cut_a_longer_word() -> None:
    assert any("EA" in group for group in terms_of("co")), "it stands in means too"
    assert segment("k-means") == ["k", "means"]


def test_a_long_word_comes_with_the_words_inside_but_not_among_the_words() -> None:
    assert segment("量子计算机") == ["量子", "计算", "算机", "计算机"]
    assert words("量子计算机") == ["量子", "计算机"]


def test_threads_may_cut_at_once() -> None:
    text = "银行家算法检查系统是否处于安全状态。TIME_WAIT 与 B+ 树。" * 200
    with ThreadPoolExecutor(8) as threads:
        assert all(tokens == segment(text) for tokens in threads.map(segment, [text] * 40))


def test_other_names_go_both_ways_and_leave_out_what_was_said() -> None:
    assert "fcfs" in synonyms_in("先来先服务是什么") and any("先来先服务" in name for name in synonyms_in("FCFS 是什么"))
    assert "fcfs" not in synonyms_in("先来先服务（FCFS）是什么")
    assert synonyms_in("今天天气") == [] and other_names("天气") == ()


def test_what_a_question_names() -> None:
    assert named_in("PPP 用 CHAP 鉴别时，挑战值拿什么算法散列？")[:2] == ["ppp", "chap"]
    assert "哈夫曼树" in named_in("哈夫曼树删掉一个叶子后怎么旋转") and named_in("为什么要这样") == []


def test_the_dictionary_holds_terms_that_can_be_tokens() -> None:
    assert {"死锁", "tcp"} <= dictionary() and not any(" " in term or len(term) < 2 for term in dictionary())

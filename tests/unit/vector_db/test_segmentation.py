from vector_db.segmentation import normalize, segment, segment_query


def test_normalize_turns_radicals_and_full_width_into_what_people_type() -> None:
    assert normalize("⽤户ＴＣＰ") == "用户tcp"


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

"""Two sets of records become rows, gains and losses."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from eval.comparing.comparison import BETTER, SAME, UNDECIDED, WORSE, compare, rows_of
from eval.exams.records import Record
from eval.metrics import cluster_bootstrap, paired_bootstrap


def record(number: int, correct: bool, subject: str = "ds", rotation: int = 0) -> Record:
    gold = "ABCD"[(2 + rotation) % 4]
    wrong = "ABCD"[rotation]
    return Record(
        f"{subject}-{number:04}", f"h{subject}{number:04}", "c", subject, rotation, "gen", False, "p", "",
        gold if correct else wrong, "C" if correct else "A", gold, correct,
    )  # fmt: skip


def run(rights: Sequence[bool], subject: str = "ds", rotation: int = 0) -> list[Record]:
    return [record(i, right, subject, rotation) for i, right in enumerate(rights)]


def flips(gains: int, losses: int, same: int = 10) -> tuple[list[bool], list[bool]]:
    return [False] * gains + [True] * losses + [True] * same, [True] * gains + [False] * losses + [True] * same


def verdict(gains: int, losses: int) -> str:
    before, after = flips(gains, losses)
    return compare(run(before), run(after)).rows[0].verdict


def test_a_row_counts_pairs_gains_and_losses() -> None:
    before, after = flips(gains=7, losses=2, same=11)
    found = compare(run(before), run(after))
    row = found.rows[0]
    assert (row.subject, row.n, row.askings, row.gains, row.losses) == ("all", 20, 20, 7, 2)
    assert (row.before, row.after, row.difference) == (13 / 20, 18 / 20, 5 / 20)
    assert row.p == pytest.approx(mcnemar([[11, 2], [7, 0]], exact=True).pvalue, abs=1e-9)
    interval = paired_bootstrap([float(x) for x in before], [float(x) for x in after])
    assert (row.low, row.high) == (interval.low, interval.high) and row.low < row.difference < row.high
    assert [p.before.qid for p in found.gains] == [f"ds-{i:04}" for i in range(7)]
    assert [p.before.qid for p in found.losses] == ["ds-0007", "ds-0008"]


@pytest.mark.parametrize(
    ("gains", "losses", "expected"),
    [
        (6, 0, BETTER), (0, 6, WORSE), (20, 6, BETTER), (6, 20, WORSE), (5, 1, SAME), (8, 8, SAME),
        (5, 0, UNDECIDED), (0, 5, UNDECIDED), (0, 0, UNDECIDED), (3, 2, UNDECIDED),
    ],
)  # fmt: skip
def test_the_verdict(gains: int, losses: int, expected: str) -> None:
    assert verdict(gains, losses) == expected


def test_subjects_stand_in_the_order_of_the_exam_and_are_adjusted_among_themselves() -> None:
    draw = random.Random(408)
    before = [r for s in ("cn", "logic", "ds", "os", "co") for r in run([draw.random() < 0.5 for _ in range(60)], s)]
    after = [r for s in ("cn", "logic", "ds", "os", "co") for r in run([draw.random() < 0.7 for _ in range(60)], s)]
    rows = compare(before, after).rows
    assert [row.subject for row in rows] == ["all", "ds", "co", "os", "cn", "logic"]
    assert rows[0].p_holm is None and rows[0].n == 300
    adjusted = multipletests([row.p for row in rows[1:]], method="holm")[1]
    assert [row.p_holm for row in rows[1:]] == pytest.approx(adjusted.tolist(), abs=1e-9)
    for row in rows[1:]:
        assert row.p == pytest.approx(mcnemar([[0, row.losses], [row.gains, 0]], exact=True).pvalue, abs=1e-9)


def test_a_subject_is_judged_by_the_adjusted_p_and_all_by_its_own() -> None:
    groups = [flips(6, 0), flips(1, 1), flips(1, 1), flips(1, 1)]
    before = [r for s, (b, _) in zip(("ds", "co", "os", "cn"), groups, strict=True) for r in run(b, s)]
    after = [r for s, (_, a) in zip(("ds", "co", "os", "cn"), groups, strict=True) for r in run(a, s)]
    overall, ds, co, *_ = compare(before, after).rows
    assert ds.p == 0.03125 and ds.p_holm == 0.125 and ds.verdict == SAME, "alone it would have been significant"
    assert co.verdict == UNDECIDED and overall.p == pytest.approx(0.1460, abs=1e-4) and overall.verdict == SAME


def test_what_is_in_one_run_only_is_left_out_and_told() -> None:
    before, after = run([True, False, True]), run([True, True, True, False])[1:]
    found = compare(before, after)
    assert found.rows[0].n == 2 and found.rows[0].gains == 1
    assert [r.qid for r in found.only_before] == ["ds-0000"] and [r.qid for r in found.only_after] == ["ds-0003"]


def test_questions_are_paired_by_their_hash_and_not_by_their_id() -> None:
    before = run([True, False])
    renamed = [replace(r, qid=f"other-{r.qid}") for r in run([True, True])]
    assert compare(before, renamed).rows[0].n == 2
    changed = [replace(r, qhash=f"x{r.qhash}") for r in run([True, True])]
    assert compare(before, changed).rows == ()


def test_nothing_in_common_gives_no_rows() -> None:
    found = compare([], run([True]))
    assert (found.rows, found.gains, found.losses, found.only_before) == ((), (), (), ()) and len(found.only_after) == 1


def test_the_order_of_the_records_changes_nothing() -> None:
    draw = random.Random(1)
    before, after = run([draw.random() < 0.6 for _ in range(50)]), run([draw.random() < 0.7 for _ in range(50)])
    shuffled = draw.sample(before, 50), draw.sample(after, 50)
    assert compare(*shuffled) == compare(before, after)


def rotated(rights: Sequence[Sequence[bool]]) -> list[Record]:
    return [record(i, right, rotation=r) for i, row in enumerate(rights) for r, right in enumerate(row)]


def test_a_question_gives_the_test_one_pair_however_often_it_was_asked() -> None:
    before, after = [[False] * 4] * 6 + [[True] * 4] * 4, [[True] * 4] * 6 + [[True] * 4] * 4
    row = compare(rotated(before), rotated(after)).rows[0]
    assert (row.n, row.askings, row.gains, row.losses) == (10, 40, 6, 0)
    assert row.p == 0.03125, "24 pairs that hang together would have given 0.0000001"
    once = compare(run([False] * 6 + [True] * 4), run([True] * 10)).rows[0]
    assert (row.low, row.high) == (once.low, once.high)


def test_accuracies_are_over_all_rotations_and_gains_of_the_first() -> None:
    before, after = [[True, False, False, False]] * 3, [[True, True, True, False]] * 3
    found = compare(rotated(before), rotated(after))
    row = found.rows[0]
    assert (row.before, row.after, row.difference, row.gains) == (0.25, 0.75, 0.5, 0)
    differences = [float(y) - float(x) for b, a in zip(before, after, strict=True) for x, y in zip(b, a, strict=True)]
    interval = cluster_bootstrap(differences, [f"q{i}" for i in range(3) for _ in range(4)])
    assert (row.low, row.high) == (interval.low, interval.high)


def test_a_pending_rotation_gives_way_to_the_next() -> None:
    before, after = rotated([[True, False]]), rotated([[True, True]])
    found = compare(before, after[1:])
    assert found.rows[0].askings == 1 and found.rows[0].gains == 1
    assert found.gains[0].before.rotation == 1 and [r.rotation for r in found.only_before] == [0]


def test_the_key_of_a_pair_is_that_of_the_question_itself() -> None:
    for rotation in range(4):
        pair = compare([record(1, False, rotation=rotation)], [record(1, True, rotation=rotation)]).gains[0]
        assert pair.key == "C" == pair.after.chosen


def test_a_question_under_two_ids_counts_once() -> None:
    twice = [replace(record(1, True), qid="b"), replace(record(1, False), qid="a")]
    found = compare(twice, [record(1, True)])
    assert found.rows[0].n == 1 and found.gains[0].before.qid == "a"


def test_rows_as_json_are_rounded() -> None:
    before, after = flips(gains=100, losses=1, same=200)
    first, second = rows_of(compare(run(before), run(after)))
    assert first["before"] == 0.6678 and first["difference"] == 0.3289 and first["p_holm"] is None
    assert 0 < first["p"] < 1e-25, "a small p is not rounded away"
    assert second["p_holm"] == second["p"] == first["p"] and second["subject"] == "ds"
    assert set(first) == {
        "subject", "n", "askings", "before", "after", "difference", "low", "high", "gains", "losses", "p", "p_holm", "verdict",
    }  # fmt: skip

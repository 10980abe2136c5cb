"""The figures against scipy and statsmodels."""

import gc
import random
import warnings
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from eval import metrics
from eval.metrics import (
    Interval,
    Proportion,
    cluster_bootstrap,
    holm,
    mcnemar,
    paired_bootstrap,
    paper_points,
    share_interval,
    wilson,
)

EXACT = 1e-9
CERTAIN = Proportion(10**15, 10**15)


def near(found: Interval, low: float, high: float) -> bool:
    return found.low == pytest.approx(low, abs=EXACT) and found.high == pytest.approx(high, abs=EXACT)


def test_wilson_is_that_of_statsmodels() -> None:
    draw = random.Random(408)
    cases = [(k, n) for n in range(1, 41) for k in range(n + 1)]
    cases += [(draw.randint(0, n), n) for n in (draw.randint(41, 10**6) for _ in range(300))]
    for k, n in cases:
        for confidence in (0.9, 0.95, 0.99):
            assert near(wilson(k, n, confidence), *proportion_confint(k, n, 1 - confidence, method="wilson")), (k, n)


def test_wilson_is_that_of_scipy() -> None:
    for k, n in [(0, 7), (7, 7), (3, 7), (430, 530)]:
        told = stats.binomtest(k, n).proportion_ci(method="wilson")
        assert near(wilson(k, n), told.low, told.high)


def test_wilson_stays_between_0_and_1_and_holds_the_value() -> None:
    for n in (1, 2, 9, 530, 10**6):
        assert wilson(0, n).low == 0.0 and wilson(n, n).high == 1.0
        for k in {0, 1, n // 2, n - 1, n}:
            assert 0 <= wilson(k, n).low <= k / n <= wilson(k, n).high <= 1


def test_a_proportion_of_none_is_unknown() -> None:
    none = Proportion(0, 0)
    assert (none.value, none.interval, str(none)) == (0.0, Interval(0.0, 1.0), "—")
    assert str(Proportion(3, 4)) == "75.0% [30.1%, 95.4%]"


@pytest.mark.parametrize(("successes", "n"), [(-1, 3), (4, 3), (0, -1)])
def test_impossible_counts_are_refused(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"{successes} successes of {n}"):
        Proportion(successes, n)
    with pytest.raises(ValueError, match=f"{successes} successes of {n}"):
        wilson(successes, n)


def test_mcnemar_is_that_of_statsmodels_and_scipy() -> None:
    draw = random.Random(408)
    cases = [(b, c) for b in range(26) for c in range(26)] + [(draw.randint(0, 900), draw.randint(0, 900)) for _ in range(300)]
    for gains, losses in cases:
        p = mcnemar(gains, losses)
        assert p == pytest.approx(statsmodels_mcnemar([[5, losses], [gains, 5]], exact=True).pvalue, abs=EXACT)
        if gains + losses:
            assert p == pytest.approx(stats.binomtest(gains, gains + losses).pvalue, abs=EXACT)


def test_mcnemar_of_as_many_gains_as_losses_is_1() -> None:
    assert [mcnemar(n, n) for n in (0, 1, 2, 50, 4000)] == [1.0] * 5


def test_five_of_five_do_not_reach_the_level_and_six_of_six_do() -> None:
    assert mcnemar(5, 0) == 0.0625 and mcnemar(0, 6) == 0.03125


def test_mcnemar_of_very_many_pairs() -> None:
    assert mcnemar(9000, 9200) == pytest.approx(stats.binomtest(9000, 18200).pvalue, rel=EXACT)
    assert mcnemar(0, 3000) == 0.0, "smaller than a float can be"


@pytest.fixture
def frozen() -> Iterator[None]:
    """statsmodels collects garbage at every call, which takes 0.1 s each among all that a test run holds."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("frozen")
def test_holm_is_that_of_statsmodels() -> None:
    draw = random.Random(408)
    cases = [[draw.random() ** draw.choice([1, 4]) for _ in range(n)] for n in range(1, 12) for _ in range(30)]
    cases += [[0.02, 0.02, 0.02], [1.0, 1.0], [0.0, 0.5], [0.04, 0.01, 0.04, 0.2]]
    for pvalues in cases:
        assert holm(pvalues) == pytest.approx(multipletests(pvalues, method="holm")[1].tolist(), abs=EXACT)
    assert holm([]) == []


def mean_difference(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
    return np.mean(y, axis=axis) - np.mean(x, axis=axis)


@pytest.mark.parametrize(("n", "seed"), [(2, 1), (7, 2), (100, 3), (530, 4)])
def test_the_paired_bootstrap_is_that_of_scipy(n: int, seed: int) -> None:
    """With the same seed both draw the same questions, so the limits are equal, not only near."""
    draw = np.random.default_rng(seed)
    before, after = draw.integers(0, 2, n).astype(float), draw.integers(0, 2, n).astype(float)
    told = stats.bootstrap(
        (before, after), mean_difference, paired=True, method="percentile", n_resamples=10_000, rng=np.random.default_rng(408)
    ).confidence_interval
    assert near(paired_bootstrap(before.tolist(), after.tolist()), told.low, told.high)


def test_drawing_in_batches_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    values, clusters = [float(i % 3 == 0) for i in range(101)], [f"q{i}" for i in range(101)]
    whole = cluster_bootstrap(values, clusters)
    monkeypatch.setattr(metrics, "_CELLS", 7 * 101 + 5)
    assert cluster_bootstrap(values, clusters) == whole
    monkeypatch.setattr(metrics, "_CELLS", 1)
    assert cluster_bootstrap(values, clusters) == whole


def test_rotations_of_a_question_stay_together() -> None:
    """Four like answers to a question tell no more than one; drawn apart they would seem to tell twice as much."""
    once = [float(i % 4 > 0) for i in range(60)]
    questions = [f"q{i}" for i in range(60)]
    four, clusters = [v for v in once for _ in range(4)], [q for q in questions for _ in range(4)]
    assert cluster_bootstrap(four, clusters) == cluster_bootstrap(once, questions)
    apart = cluster_bootstrap(four, list(map(str, range(240))))
    together = cluster_bootstrap(four, clusters)
    assert (together.high - together.low) / (apart.high - apart.low) == pytest.approx(2, rel=0.1)
    zeros = [0.0] * 240
    assert paired_bootstrap(zeros, four, clusters) == together
    assert paired_bootstrap(zeros, four) == apart


def test_clusters_need_not_lie_together_nor_be_of_one_size() -> None:
    """Against the mean of each resample worked out one question at a time."""
    draw = random.Random(408)
    names = [f"q{i}" for i in range(20)]
    clusters = [*names, *(draw.choice(names) for _ in range(60))]
    values = [float(draw.random() < 0.6) for _ in clusters]
    members = [[v for v, c in zip(values, clusters, strict=True) if c == name] for name in names]
    picks = np.random.default_rng(408).integers(0, 20, (10_000, 20))
    means = [np.mean([v for i in row for v in members[i]]) for row in picks]
    assert near(cluster_bootstrap(values, clusters), *np.percentile(means, [2.5, 97.5]))


def test_the_bootstrap_and_the_normal_interval_agree_for_many() -> None:
    values = [float(i % 5 > 0) for i in range(3000)]
    found, half = cluster_bootstrap(values, list(map(str, range(3000)))), 1.959964 * (0.8 * 0.2 / 3000) ** 0.5
    assert found.low == pytest.approx(0.8 - half, abs=1e-3) and found.high == pytest.approx(0.8 + half, abs=1e-3)


def test_what_never_changes_has_no_width() -> None:
    assert paired_bootstrap([1.0] * 9, [1.0] * 9) == Interval(0.0, 0.0)
    assert cluster_bootstrap([1.0], ["q"]) == Interval(1.0, 1.0)


def rotated(shares: Sequence[Sequence[int]]) -> tuple[list[float], list[str]]:
    """Answers to a question each in several rotations, and the question of each."""
    values = [float(right) for answers in shares for right in answers]
    return values, [f"q{i}" for i, answers in enumerate(shares) for _ in answers]


@pytest.mark.parametrize(
    ("answers", "right"), [((1, 1, 1, 1), 12), ((0, 0, 0, 0), 0), ((1, 1, 0, 1), 9), ((0, 1, 0), 4), ((1, 0, 0, 0), 3)]
)
def test_questions_that_are_all_alike_have_wilsons_interval_over_the_questions(answers: tuple[int, ...], right: int) -> None:
    found = share_interval(*rotated([answers] * 12))
    assert found == wilson(right, 12), "and not one of no width, nor one of 48 askings"


def test_equal_rotations_tell_no_more_than_one_and_independent_ones_more() -> None:
    draw = np.random.default_rng(408)
    equal = share_interval(*rotated([(int(i % 10 < 7),) * 4 for i in range(200)]))
    apart = share_interval(*rotated((draw.permuted(np.arange(800) % 10 < 7).astype(int)).reshape(200, 4).tolist()))
    one, four = wilson(140, 200), wilson(560, 800)
    assert equal is not None and equal.high - equal.low == pytest.approx(one.high - one.low, rel=0.02)
    assert apart is not None and apart.high - apart.low == pytest.approx(four.high - four.low, rel=0.1)


def test_the_effective_number_is_that_of_the_design_effect() -> None:
    """Worked out for itself, with scipy's t: 20 questions of 1 to 4 answers, as where rotations are pending."""
    draw = random.Random(408)
    answers = [[int(draw.random() < 0.7) for _ in range(draw.randint(1, 4))] for _ in range(20)]
    values, clusters = rotated(answers)
    p, n = sum(values) / len(values), 20
    residuals = [(sum(a) - p * len(a)) / (len(values) / n) for a in answers]
    effective = min(p * (1 - p) / (np.var(residuals) / n), len(values)) * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, n - 1)) ** 2
    low, high = proportion_confint(p * effective, effective, method="wilson")
    found = share_interval(values, clusters)
    assert found is not None and (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_a_mistake_more_does_not_make_an_interval_much_narrower() -> None:
    whole, but_one = (share_interval(*rotated([(1, 1, 1, 1)] * 11 + [last])) for last in ((1, 1, 1, 1), (1, 0, 1, 1)))
    assert whole == wilson(12, 12) and but_one is not None and but_one.low < 0.9 and but_one.high < 1


def test_questions_answered_once_have_wilsons_interval() -> None:
    assert share_interval(*rotated([(1,)] * 30 + [(0,)] * 10)) == wilson(30, 40)


def test_fewer_than_ten_questions_have_no_interval() -> None:
    assert share_interval([], []) is None
    assert share_interval(*rotated([(1, 0, 1, 1)] * 9)) is None and share_interval(*rotated([(1, 0, 1, 1)] * 10)) is not None
    with pytest.raises(ValueError, match="2 values and 1 clusters"):
        share_interval([0.0, 1.0], ["q"])


@pytest.mark.parametrize("truth", [0.6, 0.85, 0.95])
@pytest.mark.parametrize("alike", [0.0, 0.3, 0.7, 1.0])
def test_the_interval_of_rotated_questions_covers(truth: float, alike: float) -> None:
    """30 questions in four rotations; `alike` is the correlation of the answers to one question (beta-binomial)."""
    draw, runs = np.random.default_rng(408), 2000
    wide = (1 - alike) / max(alike, 1e-9) or 1.0  # of equal answers nothing is drawn from it
    chance = np.full((runs, 30, 1), truth) if alike == 0 else draw.beta(truth * wide, (1 - truth) * wide, (runs, 30, 1))
    answers = draw.random((runs, 30, 4)) < chance if alike < 1 else np.repeat(draw.random((runs, 30, 1)) < truth, 4, axis=2)
    inside = 0
    for one in answers.astype(int).tolist():
        found = share_interval(*rotated(one))
        inside += found is not None and found.low <= truth <= found.high
    assert inside / runs >= 0.9


def test_the_bootstrap_wants_values_and_their_clusters() -> None:
    with pytest.raises(ValueError, match="0 values and 0 clusters"):
        paired_bootstrap([], [])
    with pytest.raises(ValueError, match="2 values and 1 clusters"):
        cluster_bootstrap([0.0, 1.0], ["q"])
    with pytest.raises(ValueError, match="shorter"):
        paired_bootstrap([0.0, 1.0], [1.0])


def test_points_add_up_to_those_of_the_paper() -> None:
    points = paper_points({"ds": Proportion(9, 10), "co": Proportion(8, 10), "os": Proportion(6, 10), "cn": Proportion(4, 10)})
    assert points is not None and points.full == 150
    assert points.value == pytest.approx(45 * 0.9 + 45 * 0.8 + 35 * 0.6 + 25 * 0.4)
    assert 0 < points.low < points.value < points.high < 150


def test_the_interval_of_points_is_newcombes_for_two_proportions() -> None:
    """p₁ + p₂ = p₁ − (1 − p₂) + 1, and the interval of a difference by square and add is method 10 of Newcombe 1998."""
    draw = random.Random(408)
    for _ in range(200):
        n, m = draw.randint(1, 300), draw.randint(1, 300)
        k, j = draw.randint(0, n), draw.randint(0, m)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            low, high = confint_proportions_2indep(k, n, m - j, m, method="newcomb", compare="diff")
        points = paper_points({"ds": Proportion(k, n), "co": Proportion(j, m), "os": CERTAIN, "cn": CERTAIN})
        assert points is not None
        assert points.low == pytest.approx(45 * (low + 1) + 60, abs=1e-8)
        assert points.high == pytest.approx(45 * (high + 1) + 60, abs=1e-8)


@pytest.mark.parametrize(("each", "least", "most"), [(130, 0.94, 0.96), (40, 0.94, 0.96), (10, 0.92, 0.96)])
def test_the_interval_of_points_covers(each: int, least: float, most: float) -> None:
    """Of 4,000 runs, how many have the true points in their interval: fewer than 95 % where a subject has ten questions."""
    truth, inside = {"ds": 0.85, "co": 0.7, "os": 0.6, "cn": 0.9}, 0
    points = sum(weight * p for weight, p in zip((45, 45, 35, 25), truth.values(), strict=True))
    for counts in np.random.default_rng(408).binomial(each, list(truth.values()), (4000, 4)):
        found = paper_points({s: Proportion(int(k), each) for s, k in zip(truth, counts, strict=True)})
        assert found is not None
        inside += found.low <= points <= found.high
    assert least < inside / 4000 < most


def test_points_stay_within_the_paper() -> None:
    all_right = paper_points(dict.fromkeys(("ds", "co", "os", "cn"), Proportion(3, 3)))
    all_wrong = paper_points(dict.fromkeys(("ds", "co", "os", "cn"), Proportion(0, 3)))
    assert all_right is not None and all_right.value == all_right.high == 150.0 and all_right.low > 0
    assert all_wrong is not None and all_wrong.value == all_wrong.low == 0.0 and all_wrong.high < 150


def test_a_subject_without_questions_leaves_no_estimate() -> None:
    three = dict.fromkeys(("ds", "co", "os"), Proportion(3, 4))
    assert paper_points(three) is None and paper_points(three | {"cn": Proportion(0, 0)}) is None
    assert paper_points(three | {"cn": Proportion(1, 1), "logic": Proportion(0, 9), "policy": Proportion(0, 9)}) is not None

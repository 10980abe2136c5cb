import pytest

from rag.chat_models.stops import StopStrings


def run(pieces: list[str], stops: list[str] | None) -> tuple[list[str], bool]:
    stopping = StopStrings(stops)
    shown = [stopping.push(piece) for piece in pieces]
    return [*shown, stopping.finish()], stopping.met


@pytest.mark.parametrize("stops", [None, [], [""]])
def test_without_stop_strings_everything_passes_at_once(stops: list[str] | None) -> None:
    assert run(["死", "锁"], stops) == (["死", "锁", ""], False)


def test_a_stop_string_over_several_pieces_never_shows() -> None:
    assert run(["答案是", "A<", "/s", ">B", "C"], ["</s>"]) == (["答案是", "A", "", "", "", ""], True)


def test_what_turns_out_to_be_none_is_shown_later() -> None:
    assert run(["a<", "/", "b"], ["</s>"]) == (["a", "", "</b", ""], False)
    assert run(["a</s"], ["</s>"]) == (["a", "</s"], False)


def test_the_first_of_several_counts() -> None:
    assert run(["一二三四"], ["四", "二", "二三四"]) == (["一", ""], True)


def test_one_that_overlaps_itself() -> None:
    assert run(["aa", "ab"], ["aab"]) == (["", "a", ""], True)

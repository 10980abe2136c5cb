import pytest

from server.faults import ApiError
from server.functions import functions, mode_of_function
from tutoring.modes import MODES


@pytest.mark.parametrize("name", ["General", "general", "开放问答", "Retrieval-QA", "retrieval_qa", "QA", "答疑", " default "])
def test_educhats_general_skill_is_answering(name: str) -> None:
    assert mode_of_function(name) == "qa"


@pytest.mark.parametrize(
    ("name", "mode"), [("Socrates", "socratic"), ("启发式教学", "socratic"), ("Psychology", "support"), ("emotion", "support"), ("Essay_correction", "essay"), ("Free", "chat")]
)  # fmt: skip
def test_its_other_skills_are_our_modes(name: str, mode: str) -> None:
    if mode not in MODES:
        with pytest.raises(ApiError):
            mode_of_function(name)
    else:
        assert mode_of_function(name) == mode


def test_our_own_names_work_too() -> None:
    for mode in MODES.values():
        assert mode_of_function(mode.id.upper()) == mode_of_function(mode.name) == mode.id


@pytest.mark.parametrize("name", [None, "", "  "])
def test_no_function_leaves_the_choice_open(name: str | None) -> None:
    assert mode_of_function(name) is None


def test_an_unknown_one_is_refused_with_the_list() -> None:
    with pytest.raises(ApiError) as caught:
        mode_of_function("Wizard")
    assert caught.value.status == 400 and all(name in str(caught.value) for name in functions())

import pytest

from ui.look import COLOURS, contrast, look

READ_ON = [
    ("text", "page"), ("text", "card"), ("text", "soft"), ("quiet", "page"), ("quiet", "card"), ("accent", "card"),
    ("accent", "accent_soft"), ("accent", "page"), ("on_accent", "accent"), ("on_accent", "accent_strong"), ("good", "card"),
    ("good", "soft"), ("warn", "card"), ("warn", "page"), ("bad", "card"), ("bad", "soft"), ("text", "accent_soft"),
]  # fmt: skip


def test_the_formula_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21) and contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("words", "ground"), READ_ON)
def test_words_can_be_read_on_their_ground(words: str, ground: str, scheme: int) -> None:
    assert contrast(COLOURS[words][scheme], COLOURS[ground][scheme]) >= 4.5


def test_the_page_names_no_other_host_and_no_font_to_fetch() -> None:
    made = look(["#mine { color: red }"])
    assert "#mine { color: red }" in made["head"] and "http" not in made["head"] and "@import" not in made["head"]
    assert made["theme"]._stylesheets == []

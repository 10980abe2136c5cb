"""Files that are broken or hostile, built by code, each with what must become of it."""

from tests.integration.hostile import images, markup, office, paths, pdfs, texts
from tests.integration.hostile.case import WORDS, Case

__all__ = ["CASES", "WORDS", "Case"]

CASES = (*pdfs.CASES, *texts.CASES, *markup.CASES, *office.CASES, *images.CASES, *paths.CASES)

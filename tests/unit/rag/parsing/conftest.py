import pytest
from PIL import ImageFile


@pytest.fixture(autouse=True)
def strict_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow as the app has it: weasyprint, which builds the documents of some tests, makes it read broken images."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", False)

import pytest

from rag.chat_models.address import is_address, shown_address


@pytest.mark.parametrize("url", ["", "localhost:8000", "file:///etc/passwd", "http://", "http://h:abc/v1", "http://h:0/v1"])
def test_these_are_none(url: str) -> None:
    assert not is_address(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        ("https://me:pass@w0rd@api.example.com/v1?api-key=sk-1#x", "https://api.example.com/v1"),
        ("http://me@[::1]:80/v1/", "http://[::1]:80/v1/"),
    ],
)
def test_an_address_is_shown_without_secrets(url: str, shown: str) -> None:
    assert is_address(url) and shown_address(url) == shown

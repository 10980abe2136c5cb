"""联网: results of a search endpoint that the user has configured, as passages. Off by default; no page is fetched, only the results.

The endpoint speaks SearXNG's JSON API: GET URL?q=…&format=json → {"results": [{"title", "url", "content"}, …]}
(https://docs.searxng.org/dev/search_api.html).
"""

from __future__ import annotations

import re
from html import unescape
from time import monotonic
from typing import Any
from urllib.parse import urlparse

import httpx

from errors import SettingsError, WebSearchError
from rag.retrieval import Passage
from settings import Settings

__all__ = ["WebSearch", "open_web_search"]

_SECONDS = 8.0
_LONGEST_REPLY = 2 << 20
_LONGEST_TEXT = 600
_RESULTS = 4
_TAG = re.compile(r"<[^>]{0,500}>")


class WebSearch:
    """Asks a search endpoint."""

    def __init__(self, url: str, client: httpx.Client) -> None:
        self._url = url
        self._client = client

    def passages(self, query: str, k: int = _RESULTS) -> list[Passage]:
        """At most `k` results, best first; the `source` of each is its address.

        Raises:
            WebSearchError: the endpoint does not answer, or not in SearXNG's form.
        """
        where = f"联网检索接口 {self._url}"
        try:
            results = self._results(query)
        except httpx.HTTPStatusError as error:
            raise WebSearchError(
                f"{where} 返回错误 {error.response.status_code}。请检查 TUTOR_SEARCH_URL，或关掉“联网”再问。"
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise WebSearchError(f"连不上{where}。请检查 TUTOR_SEARCH_URL 与网络，或关掉“联网”再问。") from error
        except (ValueError, KeyError, TypeError) as error:
            raise WebSearchError(f"{where} 的回答无法识别。它应兼容 SearXNG 并开启 JSON 格式；也可以关掉“联网”再问。") from error
        return [passage for passage in map(_passage, results) if passage][:k]

    def _results(self, query: str) -> list[dict[str, Any]]:
        deadline = monotonic() + 2 * _SECONDS
        with self._client.stream("GET", self._url, params={"q": query, "format": "json"}) as response:
            response.raise_for_status()
            body = b""
            for part in response.iter_bytes():
                body += part
                if len(body) > _LONGEST_REPLY:
                    raise ValueError("too long")
                if monotonic() > deadline:
                    raise httpx.ReadTimeout("it drips")
        results = httpx.Response(200, content=body).json()["results"]
        if not isinstance(results, list):
            raise TypeError("no list of results")
        return results


def _passage(result: Any) -> Passage | None:
    """A result as a passage; None for one without an address of the web or without text."""
    if not isinstance(result, dict):
        return None
    url, title, text = (_plain(result.get(name)) for name in ("url", "title", "content"))
    if not _is_address(url) or not text:
        return None
    return Passage(url, url, "", 1, title[:100], "", text[:_LONGEST_TEXT], 0.0)


def _is_address(url: str) -> bool:
    try:
        parts = urlparse(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _plain(value: object) -> str:
    """A field as one line without HTML."""
    return " ".join(unescape(_TAG.sub("", value)).split()) if isinstance(value, str) else ""


def open_web_search(settings: Settings) -> WebSearch | None:
    """The endpoint that `settings` name; None without one.

    Raises:
        SettingsError: its address is no http(s) address.
    """
    if not settings.search_url:
        return None
    if not _is_address(settings.search_url):
        raise SettingsError(f"TUTOR_SEARCH_URL={settings.search_url} 不是可用的地址。应形如 http://127.0.0.1:8888/search。")
    return WebSearch(settings.search_url, httpx.Client(timeout=_SECONDS, follow_redirects=False))

"""How tests are shared out among processes: whole files, and all files with a browser to one process.

Two browsers, two apps and their tests on two cores keep each other waiting for longer than a page is given.
"""

from __future__ import annotations

from typing import Any

import pytest

E2E = "tests/e2e"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The scheduler of `pytest -n`."""
    from xdist.scheduler import LoadFileScheduling

    class Sharing(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return E2E if nodeid.startswith(f"{E2E}/") else super()._split_scope(nodeid)

    return Sharing(config, log) if config.getvalue("dist") == "loadfile" else None

"""A web server for the tests of downloads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tasks.webserver import Server, serving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as known:
        yield known

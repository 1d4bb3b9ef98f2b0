"""Folders of a person's own."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from rnnlab.paths import configuration_folder


@pytest.mark.parametrize("named", [None, "", " ", "/somewhere/else"])
def test_the_folder_of_settings_is_the_system_s(named: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if named is None:
        monkeypatch.delenv("XDG_CONFIG_HOME")
    else:
        monkeypatch.setenv("XDG_CONFIG_HOME", named)
    assert configuration_folder() == Path(platformdirs.user_config_dir("rnnlab", appauthor=False))

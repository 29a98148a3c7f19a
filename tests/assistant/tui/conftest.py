from __future__ import annotations

from pathlib import Path

import pytest

from tests.assistant.tui.sessions import FakeSession


@pytest.fixture
def session(documents: Path) -> FakeSession:
    return FakeSession(documents)

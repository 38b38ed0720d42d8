"""docs/breaks.md is what the table of codes says."""

from pathlib import Path

import pytest

from graphlet.capture.breaks import CODES
from graphlet.report.breaks_page import page

PAGE = Path(__file__).parent.parent.parent / "docs" / "breaks.md"


def test_the_page_is_current(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-goldens"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m graphlet help --markdown > docs/breaks.md"


def test_every_code_is_on_it() -> None:
    assert all(f"**{code}** {entry.title}  \n" in page() for code, entry in CODES.items())

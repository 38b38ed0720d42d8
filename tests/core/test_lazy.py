"""Lazy modules load on first use, once."""

import subprocess
import sys

CODE = """
import sys
from graphlet.core.lazy import lazy
colors = lazy("colorsys")
assert "colorsys" not in sys.modules
assert colors.rgb_to_hsv(1, 0, 0) == (0.0, 1.0, 1)
assert "colorsys" in sys.modules
assert colors.rgb_to_hsv is sys.modules["colorsys"].rgb_to_hsv
"""


def test_a_lazy_module_is_loaded_on_first_use() -> None:
    subprocess.run([sys.executable, "-c", CODE], check=True)

"""NumPy's namespace as it was when graphlet was imported.

A program, or a test with ``mock.patch``, may put something else in the place of ``np.sqrt``. That is for those who read
the name: NumPy's own functions do not, and neither does graphlet.
"""

from types import ModuleType
from typing import TYPE_CHECKING

import numpy

__all__ = ["np"]

if TYPE_CHECKING:
    import numpy as np
else:
    np = ModuleType("numpy")
    vars(np).update(vars(numpy))

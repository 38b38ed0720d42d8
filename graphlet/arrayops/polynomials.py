"""Functions of ``numpy.polynomial``, which is not imported for their sake: who calls one has done so."""

import functools
import sys

from graphlet.arrayops.general import general
from graphlet.ir.op import FRESH, Op

LAST = "set_default_printstyle"  # what the package defines behind its imports
_NAMES: dict[str, tuple[str, ...]] = {
    "polynomial": (
        *("polyval", "polyval2d", "polyval3d", "polygrid2d", "polyfit", "polyvander", "polyder", "polyint", "polyadd"),
        *("polysub", "polymul", "polypow", "polyroots", "polyfromroots"),
    ),
    "chebyshev": ("chebval", "chebval2d", "chebfit", "chebder", "chebint", "chebvander", "chebpts1", "chebroots"),
    "legendre": ("legval", "legval2d", "legfit", "legder", "legint", "legvander", "leggauss", "legroots"),
    "hermite": ("hermval", "hermfit", "hermder", "hermint", "hermvander", "hermgauss"),
    "hermite_e": ("hermeval", "hermefit", "hermeder", "hermeint", "hermevander", "hermegauss"),
    "laguerre": ("lagval", "lagfit", "lagder", "lagint", "lagvander", "laggauss"),
}


def functions() -> dict[int, Op]:
    """Rows by identity of their functions; none before the package has been imported to its end."""
    package = sys.modules.get("numpy.polynomial")
    return _rows() if package is not None and LAST in vars(package) else {}


@functools.cache
def _rows() -> dict[int, Op]:
    found: dict[int, Op] = {}
    for module, names in _NAMES.items():
        for name in names:
            fn = vars(sys.modules[f"numpy.polynomial.{module}"]).get(name)
            if fn is not None:
                found[id(fn)] = general(fn, f"{module}_{name}", FRESH)
    return found

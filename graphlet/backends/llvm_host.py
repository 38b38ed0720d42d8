"""The machine that code is generated for."""

import hashlib
import importlib.util
import platform
import sys
from functools import cache
from pathlib import Path

from graphlet.core.pristine import np
from graphlet.runtime import objectfile

ABI = 4  # counts changes of what compiled functions are called with
VECTOR_BYTES = (("AVX512_SKX", 64), ("AVX2", 32))  # names are NumPy's
DEFAULT_VECTOR_BYTES = 16


@cache
def can_compile() -> bool:
    """Whether there is an llvmlite, and a way to run what it makes here. Does not load it."""
    return objectfile.can_load() and importlib.util.find_spec("llvmlite") is not None


@cache
def vector_bytes() -> int:
    """How many bytes a vector register has."""
    features = cpu_features()
    return next((size for name, size in VECTOR_BYTES if name in features), DEFAULT_VECTOR_BYTES)


@cache
def cpu_features() -> frozenset[str]:
    """What NumPy found this processor to have."""
    from_numpy = getattr(sys.modules.get("numpy._core._multiarray_umath"), "__cpu_features__", {})
    return frozenset(name for name, has in from_numpy.items() if has)


@cache
def identity() -> str:
    """Everything about this machine and its software that generated code depends on."""
    parts = [str(ABI), platform.machine(), sys.platform, np.__version__, _llvmlite_version(), _processor()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _llvmlite_version() -> str:
    """What llvmlite says of itself, unread: to look its version up would load dozens of modules."""
    spec = importlib.util.find_spec("llvmlite")
    if spec is None or spec.origin is None:
        return "none"
    try:
        return Path(spec.origin).with_name("_version.py").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return spec.origin


def _processor() -> str:
    """The processor and all it can do; code for one may not run on another."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return " ".join(sorted(cpu_features()))
    wanted = ("model name", "cpu family", "model\t", "flags")
    return "\n".join(dict.fromkeys(line for line in lines if line.startswith(wanted)))

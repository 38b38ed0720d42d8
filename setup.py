"""Builds the extension modules; everything else about the project stands in pyproject.toml."""

import os
import sys
from pathlib import Path

import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup

EXTRA_SOURCES: dict[str, list[str]] = {
    "graphlet.runtime._block": sorted(str(path) for path in Path("graphlet/runtime").glob("native_*.c")),
}
# tools/sanitize.py asks for checks of memory and arithmetic; nothing is inlined across what a report should name.
THREADS = [] if os.name == "nt" else ["-pthread"]
SANITIZE = ["-O1", "-g", "-fno-omit-frame-pointer", "-fsanitize=address,undefined"]
IS_SANITIZED = "BUILD_SANITIZED" in os.environ
INCLUDE_DIRS = ["graphlet", "graphlet/runtime", numpy.get_include()]


def extension(pyx: Path) -> Extension:
    """The extension module of one .pyx file."""
    name = ".".join(pyx.with_suffix("").parts)
    return Extension(
        name,
        [str(pyx), *EXTRA_SOURCES.get(name, [])],
        include_dirs=INCLUDE_DIRS,
        depends=[str(header) for header in Path("graphlet").rglob("*.h")],
        define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION"), ("NPY_TARGET_VERSION", "NPY_2_0_API_VERSION")],
        extra_compile_args=SANITIZE if IS_SANITIZED else ["-O2", "-g0", *THREADS],
        extra_link_args=SANITIZE if IS_SANITIZED else THREADS,
    )


# C made for one NumPy does not compile with another.
CYTHON_OUTPUT = f"build/cython-{sys.implementation.cache_tag}-numpy-{numpy.__version__}"

setup(
    ext_modules=cythonize(
        [extension(pyx) for pyx in sorted(Path("graphlet").rglob("*.pyx"))],
        build_dir=CYTHON_OUTPUT,
        compiler_directives={"language_level": "3", "binding": False, "freethreading_compatible": False},
    )
)

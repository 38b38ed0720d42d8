"""Strangers' tests as gates: ``python -m tests.conformance [part ...] [option ...]``.

    make conformance                                every part
    make conformance ARGS="cpython"                 CPython's own tests, graphlet switched on
    make conformance ARGS="cpython --mode stubs"    the same with stubs that decline in every function
    make conformance ARGS="scipy pandas"            the packages' own tests, graphlet switched on
    make conformance ARGS="numpy --modules numpy.fft.tests.test_helper"

The options are those of the part: ``cpython --help``, ``scipy --help``. The exit code is that of the worst part.
"""

import compileall
import itertools
import sys

from tests.conformance import run, strangers
from tests.conformance.packages import PACKAGES
from tests.conformance.run import ROOT

PARTS = ("cpython", *PACKAGES)


def main(argv: list[str]) -> int:
    """Run the parts named in front of the options, or all."""
    named = list(itertools.takewhile(lambda word: not word.startswith("-"), argv))
    options = argv[len(named) :]
    unknown = [name for name in named if name not in PARTS]
    if unknown or (options[:1] in (["-h"], ["--help"]) and not named):
        print(__doc__)
        print(f"The parts are {', '.join(PARTS)}.")
        return 2 if unknown else 0
    # Each process imports graphlet: as where it is installed, not to be compiled anew in every one.
    compileall.compile_dir(ROOT / "graphlet", quiet=2)
    return max([_part(name, options) for name in named or PARTS])


def _part(name: str, options: list[str]) -> int:
    print(f"== {name}", flush=True)
    return run.main(options) if name == "cpython" else strangers.main([name, *options])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Functions of the block machine that stand for themselves."""

import os
import threading
import warnings

import numpy as np
import pytest

from graphlet.runtime._block import with_warnings_raised


def warn(category: type[Warning] = UserWarning) -> None:
    warnings.warn("said", category, stacklevel=1)


def test_warnings_are_raised_whatever_the_filters_say() -> None:
    before = warnings.filters
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(UserWarning, match="said"):
            with_warnings_raised(warn)
        with pytest.raises(UserWarning, match="said"):
            with_warnings_raised(with_warnings_raised, warn)
        with pytest.raises(RuntimeWarning, match="Degrees of freedom"):
            with_warnings_raised(lambda: np.var(np.ones(1), ddof=1))
    assert warnings.filters is before


def test_of_what_the_collector_frees_nothing_is_raised() -> None:
    with pytest.warns(ResourceWarning):
        with_warnings_raised(warn, ResourceWarning)


def test_other_threads_warn_as_ever() -> None:
    def inside() -> None:
        thread = threading.Thread(target=warn)
        thread.start()
        thread.join()

    with pytest.warns(UserWarning, match="said"):
        with_warnings_raised(inside)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_forked_meanwhile_is_free() -> None:
    def fork() -> int:
        child = os.fork()
        if child == 0:
            warnings.showwarning = lambda *_args: os._exit(7)
            warnings.simplefilter("always")
            warn()
            os._exit(1)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    assert with_warnings_raised(fork) == 7

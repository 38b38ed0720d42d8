"""Options of a capture: defaults, and that one set of options cannot change under a capture."""

import dataclasses

import pytest

from graphlet.capture.options import Options


def test_defaults_follow_the_documented_limits() -> None:
    options = Options()
    assert (options.unroll_limit, options.inline_depth) == (16, 12)
    assert not options.unpinned and options.observer is None and options.original_code is None


def test_options_do_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Options().unroll_limit = 3  # type: ignore[misc]

"""Functions nobody has seen before, a frame hook that notes what it is asked about, tracers for a while."""

import contextlib
import sys

from graphlet import _evalframe


@contextlib.contextmanager
def _installed(get, install, function):
    before = get()
    install(function)
    try:
        yield
    finally:
        install(before)


def traced_by(tracer):
    """With this trace function."""
    return _installed(sys.gettrace, sys.settrace, tracer)


def profiled_by(profiler):
    """With this profile function."""
    return _installed(sys.getprofile, sys.setprofile, profiler)


class armed:
    """The hook with a recording callback; ``answer(function, code)`` is what it returns."""

    def __init__(self, answer=None):
        self.seen = []
        self.answer = answer

    def __call__(self, function, code):
        self.seen.append((function, code))
        return self.answer(function, code) if self.answer else None

    def __enter__(self):
        _evalframe.arm(self)
        return self

    def __exit__(self, *_):
        _evalframe.disarm()

    @property
    def names(self):
        """Of code made by fresh(), not of the tests' own."""
        return [code.co_name for _, code in self.seen if code.co_filename == "<string>"]


def fresh(source, name="f", **namespace):
    """A function made anew from source, so that no code object has been seen before."""
    exec(source, namespace)
    return namespace[name]


def recompiled(function, old, new, extra_stack=20):
    """The function's code with one constant replaced and a larger stack, as rewritten code has."""
    code = function.__code__
    constants = tuple(new if constant == old else constant for constant in code.co_consts)
    return code.replace(co_consts=constants, co_stacksize=code.co_stacksize + extra_stack)

"""Regions made by hand, of Python kernels."""

from graphlet._evalframe import PyKernel, Region, Specialization
from graphlet.guards.kinds import TypeIs
from graphlet.guards.lower import lower
from graphlet.guards.plan import plan
from graphlet.sources import LiveIn


def specialization(call, n_live_ins=2, n_outputs=1, types=(), liveouts=None, name="f#r1.s1", exit=0, **more):
    """A specialisation that hands all its live-ins to ``call`` and returns the outputs, guarded by exact types."""
    guards = [TypeIs(LiveIn(number, "x"), kind) for number, kind in enumerate(types)]
    program, _ = lower(plan(guards, ()), n_live_ins)
    if liveouts is None:
        liveouts = [("graph", number) for number in range(n_outputs)]
    kernel = PyKernel(call, n_live_ins, n_outputs)
    temps = more.pop("temps", ())
    return Specialization(name, program, range(n_live_ins), kernel, exit, temps, liveouts, (), **more)


def add(a, b):
    return (a + b,)


def region_of(*specs, name="f#r1"):
    region = Region(name)
    for spec in specs:
        region.add(spec)
    return region


def raising(error):
    def call(*_):
        raise error

    return call

"""Stubs that always decline, put into a whole tree of code objects: does strangers' code run the same with them?"""

from collections.abc import Callable
from random import Random
from types import CodeType
from typing import Any

from graphlet.opcodes.candidates import candidates
from graphlet.opcodes.flow import CO_OPTIMIZED, Flow, analyse
from graphlet.rewrite.legal import why_not_exit
from graphlet.rewrite.splice import splice
from graphlet.rewrite.stubs import Exit, Stub

# Makes what a stub calls from its name; it must return None whatever it is called with.
MakeRegion = Callable[[str], Any]

MAX_LOCALS = 2
EXITS_TRIED = 2
REACH = 12  # instructions behind the entry
_VALUES = ("value", "iter", "other", "exc")


def instrument(code: CodeType, make_region: MakeRegion, density: float, seed: int, exits: bool = True) -> CodeType:
    """``code`` with stubs in every function in it, but in no class or module body.

    Stubs stand at all syntactic candidates and at a share ``density`` of all other legal places, chosen by ``seed`` and
    the name of the function. With ``exits`` they have the code for a hit too, which is never run.
    """
    consts = tuple(
        instrument(const, make_region, density, seed, exits) if isinstance(const, CodeType) else const
        for const in code.co_consts
    )
    if any(new is not old for new, old in zip(consts, code.co_consts, strict=True)):
        code = code.replace(co_consts=consts)
    return with_stubs(code, make_region, density, seed, exits)


def with_stubs(code: CodeType, make_region: MakeRegion, density: float, seed: int, exits: bool = True) -> CodeType:
    """``instrument`` for this code object alone, not for those in its constants."""
    if not code.co_flags & CO_OPTIMIZED:
        return code
    random = Random(f"{seed} {code.co_qualname} {code.co_firstlineno}")
    flow = analyse(code)
    wanted = {candidate.offset for candidate in candidates(code, flow)}
    wanted.update(offset for offset in flow.decoded.at if random.random() < density)
    legal = sorted(offset for offset in wanted if flow.illegal_entry(offset) is None)
    stubs = [_stub(flow, offset, make_region(f"{code.co_qualname}@{offset}"), random, exits) for offset in legal]
    return splice(code, stubs, flow)


def _stub(flow: Flow, offset: int, region: Any, random: Random, exits: bool) -> Stub:
    cells = flow.decoded.cells
    bound = sorted(flow.bound(offset))
    plain = [name for name in bound if name not in cells]
    kinds = flow.stack(offset)
    return Stub(
        offset,
        region,
        locals_in=tuple(random.sample(plain, min(MAX_LOCALS, len(plain)))),
        cells_in=tuple(name for name in bound if name in cells)[:1],
        stack_in=(len(kinds) - 1,) if kinds and kinds[-1] in _VALUES else (),
        exits=_exits(flow, offset, random) if exits else (),
    )


def _exits(flow: Flow, entry: int, random: Random) -> tuple[Exit, ...]:
    """Up to two legal exits a little further on, to have their code there."""
    behind = [offset for offset in flow.decoded.at if offset > entry][:REACH]
    made = [_exit(flow, entry, offset) for offset in random.sample(behind, min(EXITS_TRIED, len(behind)))]
    return tuple(exit_ for exit_ in made if exit_ is not None)


def _exit(flow: Flow, entry: int, offset: int) -> Exit | None:
    if flow.illegal_exit(entry, offset) is not None:
        return None
    before, after = flow.stack(entry), flow.stack(offset)
    keep = min(len(before), len(after))
    stores = flow.bound(offset) - flow.bound(entry) - flow.decoded.cells
    made = Exit(offset, keep, tuple(kind != "null" for kind in after[keep:]), tuple(sorted(stores)))
    return made if why_not_exit(entry, made, flow) is None else None

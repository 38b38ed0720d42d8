"""Places of extremes among square roots, ``argmin(sqrt(x))``: found among the squares, with hardly a root taken.

Roots are in the order of their squares, but two squares may have the same root, and then the first one has the place.
Only if they are close: of p bits, neighbouring floats are at least 2**-p of their size apart, so their roots at least
2**-(p + 1) of theirs, which is a quarter of a unit in the last place or more. CLOSE floats apart, roots are two units
apart and not rounded to the same number. Roots are taken of vectors in which some are closer.

A negative number has no root, and a NaN no place: there is doubt.
"""

from dataclasses import replace

from graphlet.backends.llvm_formulas import formula
from graphlet.backends.llvm_spec import BOOL, Reduction, Spec, bits_of
from graphlet.backends.llvm_text import Body

CLOSE = 8
OF_ROOTS = {"arg_min": "arg_min_root", "arg_max": "arg_max_root"}


def without_roots(spec: Spec) -> Spec:
    """The spec with the places of extremes of roots found among their squares, where the roots are for nothing else."""
    for k in range(len(spec.reductions)):
        kind, value = spec.reductions[k].kind, spec.reductions[k].value
        i = value - len(spec.inputs)
        if kind in OF_ROOTS and i >= 0 and spec.ops[i].formula == "sqrt" and _uses(spec, value) == 1:
            spec = _without(spec, i, k)
    return spec


def _uses(spec: Spec, value: int) -> int:
    reduced = (reduction.value for reduction in spec.reductions)
    return [*(arg for op in spec.ops for arg in op.args), *spec.outputs, *reduced].count(value)


def _without(spec: Spec, i: int, k: int) -> Spec:
    """The spec without a root; a reduction is of its square."""
    root, (square,) = len(spec.inputs) + i, spec.ops[i].args

    def renumbered(value: int) -> int:
        return square if value == root else value - (value > root)

    kinds = [OF_ROOTS[reduction.kind] if at == k else reduction.kind for at, reduction in enumerate(spec.reductions)]
    return replace(
        spec,
        ops=tuple(op._replace(args=tuple(map(renumbered, op.args))) for op in (*spec.ops[:i], *spec.ops[i + 1 :])),
        outputs=tuple(map(renumbered, spec.outputs)),
        reductions=tuple(
            Reduction(kind, renumbered(reduction.value)) for kind, reduction in zip(kinds, spec.reductions, strict=True)
        ),
    )


def is_doubtful(body: Body, code: str, square: str) -> str:
    """Whether a number has no root. Not constrained: what a NaN raises is dropped where there is doubt."""
    return body.let(f"fcmp ult {body.type(code)} {square}, {body.constant(code, 0)}")


def beyond(body: Body, order: str, code: str, square: str, best: str) -> str:
    """Whether the root of one number is less, or greater, than that of another; goes on in another block."""
    types, whole = (code, code, BOOL), f"i{bits_of(code)}"
    of, mask = body.type(whole), body.type(BOOL)
    first = formula(order, types)(body, [square, best], types)
    bits = [body.let(f"bitcast {body.type(code)} {value} to {of}") for value in (square, best)]
    high, low = bits if order == "greater" else reversed(bits)
    near = body.let(f"icmp ult {of} {body.let(f'sub {of} {high}, {low}')}, {body.constant(whole, CLOSE)}")
    close = body.let(f"and {mask} {first}, {near}")
    some = body.call(f"llvm.vector.reduce.or.v{body.width}i1", "i1", f"{mask} {close}")
    before, name = body.block, some[1:]
    body.do(f"br i1 {some}, label %{name}.roots, label %{name}.both")
    body.begin(f"{name}.roots")
    others = body.select(code, close, best, square)  # the best so far may have no root
    roots = [formula("sqrt", (code, code))(body, [value], (code, code)) for value in (square, others)]
    apart = formula(order, types)(body, roots, types)
    exact = body.select(BOOL, close, apart, first)
    body.do(f"br label %{name}.both")
    body.begin(f"{name}.both")
    return body.let(f"phi {mask} [ {first}, %{before} ], [ {exact}, %{name}.roots ]")

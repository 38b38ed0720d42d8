"""Blocks with tools that call, go over and surround things, with numbers and with text; as in ``blocks``."""

from tests.fuzz.templates import Rows

DISPATCH: Rows = (
    (2, "{N} = measured({A}, {S}) + measured({S}) + measured('text', 2)"),
    (1, "{N} = measured([{A}, {S}], 2)[{I} % 2] + measured(None)"),
    (
        1,
        """
class FN:
    def __init__(self, k):
        self.k = k
    @functools.singledispatchmethod
    def of(self, q):
        return self.k
    @of.register
    def _(self, q: np.ndarray):
        return q * self.k
    @of.register
    def _(self, q: tuple):
        return self.of(q[0]) + len(q)
VN = FN({S})
RN = VN.of({A}) + VN.of(({A}, 1)) + VN.of('text')
""",
    ),
    (
        1,
        """
VN = operator.itemgetter(0, -1), operator.itemgetter('a'), operator.itemgetter(slice(1, None))
q, r = VN[0]([{A}, 1, {A}])
RN = q + r * len(VN[2]([1, 2, 3])) + VN[1]({{'a': {V} }})
""",
    ),
    (1, "{N} = operator.itemgetter({I})({V}) * 1"),
    (
        1,
        """
VN = [Keeper({A}), Keeper({A})]
print('made')
q, r = operator.attrgetter('q', 'table')(VN[0])
RN = q + r['a'] + operator.attrgetter('q.ndim')(VN[1])
VN.sort(key=operator.attrgetter('n'))
RN = RN + operator.methodcaller('step', {V})(VN[1]) + sum(map(operator.attrgetter('n'), VN))
""",
    ),
    (
        1,
        """
VN = operator.methodcaller('reshape', -1), operator.methodcaller('max', initial=0), operator.methodcaller('copy')
q = VN[2](VN[0]({A}))
q[:1] = 0
RN = q + VN[1](q)
""",
    ),
)

ITERATION: Rows = (
    (1, "{N} = list(itertools.accumulate([{A}, {A}, {S}], operator.mul, initial={S}))[{I}]"),
    (1, "{N} = [q for q in itertools.accumulate([{A}, {A}, {A}], lambda q, r: q * 2 - r)][-1] + 1"),
    (
        2,
        """
VN = [('a', {A}), ('a', {A}), ('b', {S}), ('a', {V})]
RN = {V}
for key, q in itertools.groupby(VN, key=operator.itemgetter(0)):
    for _, r in q:
        RN = RN + r
        if key == 'a' and {C}:
            break
    print(key)
""",
    ),
    (1, "{N} = sum(r - q for q, r in itertools.pairwise([{A}, {A}, {V}, {V}]))"),
    (1, "{N} = [*itertools.islice((q * j for j, q in enumerate([{A}, {A}, {A}, {A}])), {I} + 1, None, 2)][0]"),
    (
        1,
        """
VN = itertools.chain.from_iterable([[{A}, {A}], ({S},), (q for q in [{A}])])
RN = next(VN) * 2
for q in VN:
    RN = RN + q
""",
    ),
    (1, "{N} = [q * i + j for q, i, j in itertools.product([{A}, {A}], range(2), [1])][-1] if {C} else {A}"),
    (
        1,
        """
VN = {V}
for i, j in itertools.product(range(2), repeat=2):
    VN = VN + i * {S} - j
RN = VN + sum(i * j for i, j in itertools.combinations(range(4), 2))
""",
    ),
    (1, "{N} = [q + r for q, r in itertools.zip_longest([{A}, {A}], [{S}], fillvalue=2)][-1]"),
    (1, "{N} = [*itertools.starmap(lambda q, r: q * r, [({A}, {S}), ({A}, 2)])][{I} % 2]"),
    (1, "{N} = [*itertools.takewhile(lambda q: np.ndim(q) > 0, [{A}, {A}, 1])][0] + len([*itertools.repeat(1, 3)])"),
    (
        1,
        """
VN, q = itertools.tee(r * 2 for r in [{A}, {A}, {A}])
RN = next(VN) + next(VN) * next(q)
print(len([*VN]), len([*q]))
""",
    ),
    (1, "{N} = [*itertools.compress([{A}, {A}, {A}], [0, {C}, 1])][0] + next(itertools.count({I}, 2))"),
)

CONTEXTS: Rows = (
    (
        2,
        """
@contextlib.contextmanager
def FN(q, caught):
    try:
        yield q * 2
    except caught as error:
        print('caught', type(error).__name__)
    finally:
        print('left')
VN = {A}
with FN(VN, KeyError) as q, FN(q, ValueError) as r:
    VN = r + {V}
    if {C}:
        raise ValueError('in') if {I} > 0 else KeyError('in')
    VN = VN * {S}
RN = VN + q
""",
    ),
    (
        1,
        """
class FN(contextlib.ContextDecorator):
    def __enter__(self):
        print('in')
        return self
    def __exit__(self, *error):
        print('out', error[0])
        return error[0] is KeyError
@FN()
def VN(q):
    return q * {S}
RN = VN({A}) + 1
with FN():
    RN = RN + {{'a': 1}}['b' if {C} else 'a']
""",
    ),
    (
        2,
        """
RN = {A}
for j in range(3):
    with contextlib.suppress(IndexError, ZeroDivisionError):
        RN = RN + [{V}, {S}][j]
        RN = RN - 1 // (1 - j)
    with contextlib.nullcontext({S}) as q:
        RN = RN * q
""",
    ),
    (
        1,
        """
with contextlib.ExitStack() as stack:
    VN = [stack.enter_context(contextlib.nullcontext(q * 2)) for q in ({A}, {A})]
    stack.callback(VN.append, {S})
    later = stack.pop_all()
print(len(VN))
later.close()
RN = VN[0] + VN[-1]
""",
    ),
    (
        1,
        """
VN = io.StringIO()
with contextlib.redirect_stdout(VN):
    print('hidden', {V}.ndim)
    RN = {A} * 2
RN = RN + len(VN.getvalue())
""",
    ),
)

TEXT: Rows = (
    (
        2,
        """
VN = {A}
q = VN.reshape(-1)[:1].sum(), VN.size, VN.ndim > 1
print(f'{{q[0]:.3f}} {{q[1]:>4d}} {{q[2]!r}} {{q[0]}} {{VN.dtype}} {{VN.shape}}')
RN = VN * 2 + len(f'{{q[1]:05d}}')
""",
    ),
    (
        1,
        """
VN = {A}.sum(), np.float32({S}), {V}.max(initial=0)
print('%s %.3g %r' % (VN[0], VN[1], VN[2]), '{{:>8}} {{!r}}'.format(str(VN[0]), VN[1]), format(VN[1], '.2e'))
RN = {A} + VN[0] * len(str(VN[1]))
""",
    ),
    (1, "{N} = {A} * len(f'{{({S}).__class__.__name__}}') + len('%d' % {V}.size)"),
    (1, "{N} = {A} + {{f'{{j}}': j for j in range(3)}}[str({I} % 3)] + int('%d' % {V}.ndim)"),
)

NUMBERS: Rows = (
    (
        2,
        """
VN = {A}.sum()
RN = {A} * float(VN.real) + int(abs(VN.real) < 5) + bool(VN)
q = complex(VN), VN.item(), round(float(VN.real), 2), -VN, abs(VN)
print([type(r).__name__ for r in q], VN == q[1])
RN = RN + q[2]
""",
    ),
    (
        1,
        """
VN = {V}.reshape(-1)[0]
RN = {A} + int(VN.real) * float(VN.real) - complex(VN).imag
print(type(VN.item()).__name__, isinstance(VN, (int, float, complex)), int(VN.real) == VN)
""",
    ),
    (1, "{N} = {A} * math.floor(float({V}.mean().real)) + round({S}) + divmod(7, 2)[1]"),
    (1, "{N} = {A}[operator.index({V}.argmax() % 1):] + [1, 2, 3][np.int64({I}) % 3] + (1 << np.int8(2))"),
    (
        1,
        """
VN = np.float64(np.real({S})), np.int32(3), np.bool_({C})
q = {{VN[0]: 1, VN[1]: 2, True: 3}}
RN = {A} * q[3] + (VN[0] in q) + hash(VN[1]) + VN[0].is_integer() - VN[1] ** 2 // 2
print(VN[0].as_integer_ratio()[1] > 0, VN[1].bit_count(), type(VN[0] + 1).__name__, type(VN[1] / 2).__name__)
""",
    ),
    (1, "{N} = {A} * float(f'{{float(np.real({S})):.4f}}') + int('7') + int(True) + float('1e2')"),
)

FURTHER_TOOLS: Rows = (*DISPATCH, *ITERATION, *CONTEXTS, *TEXT, *NUMBERS)

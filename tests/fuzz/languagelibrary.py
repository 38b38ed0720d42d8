"""Blocks with Python classes of the standard library, groups of exceptions, and what is awaited; as in ``blocks``."""

from tests.fuzz.templates import Rows

LIBRARY: Rows = (
    (
        2,
        """
async def FN(q):
    for j in range({I} + 1):
        yield q * j + {V}
async def FNSum(q):
    r = q
    async for s in FN(q):
        r = r + s
        if {C} and np.ndim(r) > 3:
            break
    async with contextlib.nullcontext(r) as r:
        return [r, *[s * 2 async for s in FN(r)]]
VN = FNSum({A})
try:
    VN.send(None)
except StopIteration as end:
    {N} = end.value[0] + end.value[-1]
""",
    ),
    (
        2,
        """
VN = collections.Counter('abca')
VN.update({{'b': 2}}, d=1)
VN['e'] += 3
VN.subtract('aab')
q = VN + collections.Counter(a=2, z=1)
RN = {A} * VN['e'] + VN['none']
for key, n in q.most_common({I} + 1):
    RN = RN + n
print(VN.most_common(2), sorted(VN.elements()), VN.total(), q - VN, VN & q, VN | q)
""",
    ),
    (
        1,
        """
VN = collections.Counter(a=2)
print('made')
VN['b'] += 1
RN = {A} * VN['a'] + VN['q']
print(VN)
""",
    ),
    (
        2,
        """
class FN(dict):
    def __missing__(self, key):
        return len(self)
    def twice(self):
        self['a'] = self['a'] * 2
        return self
VN = FN(a={A}, b={S})
if {C}:
    print('made')
RN = VN.twice()['a'] + VN['none'] * VN.get('c', {S})
VN.pop('b')
print(list(VN), len(VN), 'a' in VN, type(VN).__name__)
""",
    ),
    (
        1,
        """
class FN(list):
    def push(self, q):
        self.append(q)
        return len(self)
VN = FN([{A}])
VN.push({V})
RN = VN[0] + VN[-1] * VN.push(1)
if {C}:
    print('made')
VN[0] = RN
RN = VN[0] + sum(VN[1:2])
""",
    ),
    (
        1,
        """
VN = collections.ChainMap({{'a': {A} }}, {{'a': 1, 'b': {S} }})
VN['c'] = {V}
RN = VN['a'] * VN['b'] + VN.get('none', 2)
VN = VN.new_child({{'b': {V} }})
RN = RN + VN['b'] + VN['c']
""",
    ),
    (
        2,
        """
def FN(q):
    kept = []
    with contextlib.ExitStack() as stack:
        a = stack.enter_context(contextlib.nullcontext(q * {S}))
        stack.callback(kept.append, 'called')
        stack.push(lambda *exc: kept.append(exc[0]))
        if {C}:
            stack.enter_context(contextlib.suppress(KeyError))
            raise KeyError('inside')
        kept.append('body')
    print(kept)
    return a
{N} = FN({A})
""",
    ),
    (
        1,
        """
with contextlib.suppress(KeyError, IndexError):
    VN = {A} * 2
    if {C}:
        VN = {{'a': VN}}['b']
    VN = [VN, {V}][{I}]
""",
    ),
    (
        2,
        """
VN = {A}
try:
    try:
        raise ExceptionGroup('g', [ValueError(1), KeyError('k'), ExceptionGroup('in', [TypeError('t')])])
    except* ValueError as group:
        VN = VN * len(group.exceptions) + {V}
    except* KeyError:
        if {C}:
            raise OSError('new') if {I} > 1 else LookupError('new')
        VN = VN + 1
except Exception as left:
    print(type(left).__name__, [type(e).__name__ for e in getattr(left, 'exceptions', ())])
    VN = VN - {S}
""",
    ),
    (
        1,
        """
def FN(q):
    @functools.wraps(np.add)
    def inner(r):
        inner.calls = getattr(inner, 'calls', 0) + 1
        return r + q
    return inner(q) * inner.calls + len(inner.__name__)
{N} = FN({A})
""",
    ),
    (
        1,
        """
class FN:
    def __init__(self, q):
        self.q = q
    def scaled(self, k, by=1):
        return self.q * k + by
    twice = functools.partialmethod(scaled, 2)
VN = FN({A})
if {C}:
    print('made')
{N} = VN.twice() + VN.twice(by={V})
""",
    ),
    (
        1,
        """
VN = []
for j in (3, 1, 2, {I}):
    heapq.heappush(VN, (-j, j))
RN = {A} * heapq.heappop(VN)[1] + bisect.bisect([1, 2, 5], {I} + 1)
print(VN, heapq.nlargest(2, [4, 7, 1]))
""",
    ),
)

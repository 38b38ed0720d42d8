"""Blocks that use the rest of the language, and the standard library's containers and tools: as in ``blocks``."""

from tests.fuzz.languagegoing import GOING, LOUD
from tests.fuzz.languagelibrary import LIBRARY
from tests.fuzz.languageobjects import KINDS, OBJECTS, OBJECTS_BEFORE
from tests.fuzz.languagestores import STORES
from tests.fuzz.languagetools import FURTHER_TOOLS
from tests.fuzz.templates import Rows

IMPORTS = """import bisect
import collections
import contextlib
import copy
import dataclasses
import enum
import functools
import heapq
import io
import itertools
import math
import operator
import types
import weakref

"""
CLASSES_BEFORE = f"""class Own(Exception):
    def __init__(self, q):
        super().__init__('own')
        self.q = q


total = 0


class Keeper:
    def __init__(self, q):
        self.q = q
        self.n = 0
        self.log = []
        self.table = {{'a': q}}

    def step(self, r):
        before, self.q = self.q, self.q * 2 + r
        self.n += 1
        self.log.append(self.n)
        self.table['a'] = self.q
        return before

    @property
    def twice(self):
        return self.q * 2

    @twice.setter
    def twice(self, r):
        self.q = r


{OBJECTS_BEFORE}{LOUD}"""

EXCEPTIONS: Rows = (
    (
        3,
        """
def FN(q, j):
    if j == 0:
        raise KeyError('first')
    if j == 1:
        return {{'a': q}}['b']
    if j == 2:
        return (q, q)[2]
    return q * {S}
VN = {A}
for j in range(4):
    try:
        VN = FN(VN, j)
    except KeyError as error:
        VN = VN + 1
        print('key', error)
    except LookupError as error:
        VN = VN * 2
        print(type(error).__name__, error.args)
    else:
        VN = VN - {V}
    finally:
        VN = VN + j
""",
    ),
    (
        2,
        """
def FN(q):
    try:
        q = q + {V}
        raise ValueError(q.ndim)
    except ValueError as error:
        try:
            raise TypeError('second') from error
        except TypeError as other:
            return q * 2, type(other.__cause__).__name__, other.__cause__ is error
{N} = FN({A})[0]
""",
    ),
    (
        2,
        """
def FN(q):
    for j in range(3):
        try:
            if j == {I}:
                continue
            if j == 2:
                break
            q = q * 2 + {V}
        finally:
            q = q - 1
    return q
{N} = FN({A})
""",
    ),
    (
        1,
        """
def FN(q):
    try:
        return q * 2
    finally:
        q = q + 1
        print('left', q.shape)
{N} = FN({A})
""",
    ),
    (
        1,
        """
try:
    raise ExceptionGroup('several', [ValueError(1), TypeError('x')])
except* ValueError as group:
    VN = {A} * len(group.exceptions)
except* TypeError as group:
    VN = {A} + 1
""",
    ),
    (
        2,
        """
try:
    raise Own({A})
except Own as error:
    VN = error.q * 2 + {V}
""",
    ),
    (
        2,
        """
@contextlib.contextmanager
def FN(q):
    print('in')
    try:
        yield q + {V}
    except ValueError:
        print('caught')
    finally:
        print('out')
with FN({A}) as VN:
    VN = VN * {S}
    if {C}:
        raise ValueError('inside')
    VN = VN + 1
""",
    ),
    (
        1,
        """
with contextlib.suppress(ZeroDivisionError):
    VN = {A}
    VN = VN + 1 // (VN.ndim * 0)
""",
    ),
    (
        1,
        """
with contextlib.ExitStack() as stack:
    stack.callback(print, 'last')
    VN = {A} * {S}
""",
    ),
)

GENERATORS: Rows = (
    (
        2,
        """
def FN(q):
    got = []
    try:
        while len(got) < 3:
            got.append((yield q * len(got)))
    except ValueError:
        yield q + 1
    finally:
        print('closed', len(got))
VN = FN({A})
RN = next(VN) + VN.send({V})
RN = VN.throw(ValueError('in')) * 2
VN.close()
""",
    ),
    (
        2,
        """
def FN(q):
    def inner(r):
        yield r
        yield r * 2
        return r + 1
    last = yield from inner(q)
    yield last
{N} = sum(FN({A}))
""",
    ),
    (
        1,
        """
VN = (q * {S} for q in [{A}, {A}] if q.ndim)
{N} = next(VN, {V})
""",
    ),
    (
        1,
        """
for q in (r + 1 for r in [{A}, {A}, {A}]):
    VN = q * 2
    if q.size {CMP} 4:
        break
""",
    ),
)

COLLECTIONS: Rows = (
    (
        2,
        """
VN = {{1, {A}.ndim, 'a', {S}.__class__.__name__}}
VN.add(len(VN))
VN |= {{2, 3}}
VN.discard(1)
{N} = {A} * len(VN) + (2 in VN)
""",
    ),
    (
        1,
        """
VN = [q * 2 for j in {{3, 1, 2}} for q in ({A},)]
{N} = VN[0] + len(frozenset([1, 2, 2]) & {{2, 5}})
""",
    ),
    (
        2,
        """
VN = collections.deque([{A}, {A}], maxlen=3)
VN.append({V})
VN.appendleft({A})
VN.rotate(1)
{N} = VN.popleft() + {S}
""",
    ),
    (
        2,
        """
VN = collections.defaultdict(list)
for j, q in enumerate([{A}, {A}, {A}]):
    VN[j % 2].append(q * 2)
{N} = VN[0][-1] + len(VN[7])
""",
    ),
    (
        1,
        """
VN = collections.Counter(['a', 'b', 'a'])
{N} = {A} * VN['a'] + VN['z']
""",
    ),
    (
        1,
        """
VN = collections.OrderedDict(a={A}, b={A})
VN['c'] = {V}
VN.move_to_end('a', last={C})
print(list(VN), VN.popitem(last=False)[0])
{N} = list(VN.values())[0] * len(VN)
""",
    ),
    (
        2,
        """
VN = {{'a': {A}, **{{'b': {A} }}}}
VN.update(c={V})
VN.setdefault('a', 1)
VN.setdefault('d', {S})
RN = VN.pop('a') * len(VN)
del VN['b']
""",
    ),
    (
        1,
        """
VN = [{A}, {A}, {A}]
VN[1:] = VN[:2]
VN.insert(1, {V})
VN.reverse()
VN += [{A}]
del VN[0]
{N} = VN.pop() + VN[-1] * {S}
""",
    ),
    (
        1,
        """
VN = [{A}]
VN.extend(len(VN) * {A} for j in range(2))
VN += (q + len(VN) for q in VN[:2])
{N} = VN[-1] + len(VN)
""",
    ),
    (
        1,
        """
VN, RN = set(range(3)), collections.deque([{A}], 3)
VN.update(len(VN) for j in range(2))
RN.extend(len(RN) * {A} for j in range(3))
{N} = sorted(VN), RN[0] * {S}
""",
    ),
    (
        1,
        """
first, *VN, last = [{A}, {A}, {A}, {A}]
{N} = first + last * len(VN)
""",
    ),
    (
        1,
        """
VN = {{j: q for j, q in zip('ab', ({A}, {A}))}}
{N} = sum(VN[key].sum() for key in sorted(VN))
""",
    ),
)

TOOLS: Rows = (
    (1, "{N} = functools.reduce(operator.add, [{A}, {A}, {S}])"),
    (1, "{N} = functools.partial(np.where, {B})({A}, {S})"),
    (1, "{N} = operator.itemgetter(1)([{A}, {A}]) * operator.attrgetter('ndim')({V})"),
    (1, "{N} = operator.methodcaller('sum', axis=0)({A})"),
    (1, "{N} = [q + r for q, r in itertools.product([{A}, {A}], [{S}, {S}])][-1]"),
    (1, "{N} = list(itertools.accumulate([{A}, {A}, {A}]))[-1]"),
    (1, "{N} = sum(itertools.chain([{A}], ({A}, {S})))"),
    (1, "{N} = [q * r for q, r in itertools.pairwise([{A}, {A}, {A}])][0]"),
    (1, "{N} = list(itertools.islice(itertools.cycle([{A}, {A}]), 3))[2]"),
    (2, "{N} = sum(k * r for k, q in itertools.groupby([{A}, {A}, {S}], key=np.ndim) for r in q)"),
    (1, "{N} = [list(q) for k, q in itertools.groupby([1, 1, 2, 1])][{I} % 3][0] * {A}"),
    (1, "{N} = {A} * math.sqrt(2) + math.floor(2.5)"),
    (1, "{N} = [*map(lambda q, r: q + r, [{A}, {A}], [{S}, {S}])][0]"),
    (1, "{N} = (VN := {A}) * 2 + VN"),
    (1, "{N} = max([{A}, {A}], key=np.ndim)"),
    (1, "{N} = sorted([{A}, {A}], key=lambda q: -q.ndim)[0] * 1"),
)

CLASSES: Rows = (
    (
        2,
        """
@dataclasses.dataclass
class FN:
    q: object
    k: float = 2.0
    def scaled(self):
        return self.q * self.k
VN = FN({A})
VN.k = {S}
{N} = VN.scaled() + dataclasses.replace(VN, k=3).scaled()
""",
    ),
    (
        1,
        """
FN = collections.namedtuple('FN', 'left right')
VN = FN({A}, right={A})
{N} = VN.left + VN._replace(left={V}).left
""",
    ),
    (
        1,
        """
class FN(enum.IntEnum):
    ONE = 1
    TWO = 2
print('made')
VN = FN.TWO if {C} else FN.ONE
RN = {A} * VN + (FN(1) is VN) + [1, 2, 3][VN] * (VN >= FN.ONE) - {A}.sum(axis=FN.ONE if VN > 5 else None)
VN = VN.value
""",
    ),
    (
        2,
        """
class FN:
    kept = 0
    def __init__(self, q):
        self.q = q
    def run(self, r):
        type(self).kept += 1
        return self.q * r
class FNChild(FN):
    __slots__ = ('extra',)
    def run(self, r):
        self.extra = r
        return super().run(self.extra) + self.kept
{N} = FNChild({A}).run({S})
""",
    ),
    (
        1,
        """
class FN:
    def __getattr__(self, name):
        if name == 'missing':
            raise AttributeError(name)
        return len(name)
    def __call__(self, q, *rest, **more):
        return q * len(rest) + len(more)
    def __len__(self):
        return 3
    def __contains__(self, q):
        return q == 2
VN = FN()
{N} = VN({A}, 1, 2, k=3) + VN.some + len(VN) + (2 in VN) + getattr(VN, 'missing', 0)
""",
    ),
    (
        1,
        """
class FN:
    def __init__(self, q):
        self.q = q
    def __getitem__(self, j):
        if j > 2:
            raise IndexError(j)
        return self.q * j
    def __bool__(self):
        return self.q.ndim > 1
VN = FN({A})
{N} = sum(VN) if VN else VN[1]
""",
    ),
    (
        1,
        """
match ({A}, {S}, [1, 2]):
    case (np.ndarray() as q, float() | int(), [first, *rest]) if q.ndim:
        VN = q * first + len(rest)
    case (q, _, _):
        VN = q + 1
""",
    ),
    (
        1,
        """
match {{'kind': 'scale', 'by': {S}, 'of': {A} }}:
    case {{'kind': 'shift', 'of': q}}:
        VN = q
    case {{'kind': 'scale', 'by': k, **rest}}:
        VN = rest['of'] * k
""",
    ),
    (
        1,
        """
def FN(q, /, r, *rest, key=2, **more):
    return q * r + sum(rest) + key + len(more)
{N} = FN({A}, *[{S}, 1], **{{'key': {S}, 'other': 1}})
""",
    ),
)

LANGUAGE: Rows = (
    *EXCEPTIONS, *GENERATORS, *COLLECTIONS, *TOOLS, *CLASSES, *STORES, *LIBRARY, *OBJECTS, *FURTHER_TOOLS, *KINDS,
    *GOING,
)  # fmt: skip

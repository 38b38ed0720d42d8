"""Blocks over objects that were there before the call, views of what objects hold, copies, records and patterns; as in
``blocks``."""

from tests.fuzz.templates import Rows

# Module level: what functions find when they are called, and what their calls leave there.
OBJECTS_BEFORE = """QUEUE = collections.deque([1.0, np.arange(3.0)], maxlen=4)
GROUPS = collections.defaultdict(list, a=[np.ones(3)])
SUMS = collections.defaultdict(float)
RECENT = collections.OrderedDict(a=np.arange(3.0), b=2.0)
COUNTS = collections.Counter('abca')


class Mode(enum.Enum):
    ADD = 'add'
    SCALE = 'scale'
    KEEP = 'keep'

    def apply(self, q, r):
        return q + r if self is Mode.ADD else q * r if self is Mode.SCALE else q


@dataclasses.dataclass
class Part:
    q: object
    k: float = 2.0
    log: list = dataclasses.field(default_factory=list)

    def scaled(self):
        return self.q * self.k


@dataclasses.dataclass(frozen=True, slots=True)
class Fixed:
    q: object
    n: int = 1


KEPT = Keeper(np.arange(3.0))


@functools.singledispatch
def measured(q, r=1):
    return r


@measured.register
def _(q: np.ndarray, r=1):
    return q * r


@measured.register(int)
@measured.register(float)
def _(q, r=1):
    return q + r


@measured.register
def _(q: list, r=1):
    return [measured(part, r) for part in q]


"""

EXISTING: Rows = (
    (
        2,
        """
QUEUE.append({A})
QUEUE.appendleft({S})
RN = QUEUE[-1] * len(QUEUE)
VN = QUEUE.popleft()
QUEUE.rotate({I})
QUEUE[0] = {V}
RN = RN + VN + sum(np.ndim(q) for q in QUEUE)
if {C}:
    QUEUE.extend([RN, 1])
print(len(QUEUE), QUEUE.maxlen, QUEUE[0] is {V})
""",
    ),
    (
        2,
        """
def FN(q, r, k):
    q.append(r)
    if len(q) > 2:
        q.popleft()
    return q[0] * k, q
VN = collections.deque([{A}, {S}])
print('made')
RN, q = FN(VN, {A}, {S})
RN = FN(q, {V}, 2)[0] + q.count(1) if q[0] is None else q[-1] + len(VN)
print(len(VN), VN is q, [np.shape(r) for r in VN])
""",
    ),
    (
        2,
        """
GROUPS['a'].append({A})
GROUPS['k' if {C} else 'a'].append({S})
SUMS['n'] += 1
SUMS['s'] += {V}.ndim * 0.5
RN = GROUPS['a'][-1] + SUMS['n'] * len(GROUPS)
print(sorted(GROUPS), dict(SUMS), 'none' in SUMS, SUMS.get('none'))
""",
    ),
    (
        1,
        """
VN = collections.defaultdict(lambda: {V})
print('made')
for j in range(3):
    VN[j % 2] = VN[j % 2] + {S}
RN = VN[1] - VN[5]
print(list(VN), VN.default_factory is None, VN.pop(5) is {V})
""",
    ),
    (
        2,
        """
RECENT['a'] = {A}
RECENT['c'] = RECENT.pop('a') * {S}
RECENT.move_to_end('b', last={C})
RN = RECENT['c'] + RECENT['b']
if len(RECENT) > 1 and {C}:
    print(RECENT.popitem(last=False)[0])
print(list(RECENT), next(reversed(RECENT)))
""",
    ),
    (
        2,
        """
COUNTS['a'] += 1
COUNTS[{I}] -= 1
VN = COUNTS['none'] + COUNTS['b']
COUNTS.update('ab')
RN = {A} * COUNTS['a'] + VN
del COUNTS['nothing']
print(COUNTS.most_common(2), COUNTS.total(), sorted(map(str, COUNTS)))
""",
    ),
    (
        1,
        """
def FN(groups, order, counts, q):
    groups['x'].append(q)
    order['x'] = groups['x'][0] * 2
    counts['x'] += len(groups['x'])
    return order['x'] + counts['x']
VN = collections.defaultdict(list), collections.OrderedDict(a=1), collections.Counter()
print('made')
RN = FN(*VN, {A}) + FN(*VN, {A})
print([list(q) for q in VN])
""",
    ),
)

ATTRIBUTES: Rows = (
    (
        2,
        """
VN = Keeper({A})
print('made')
q = vars(VN)
q['q'] = q['q'] * {S}
q['late'] = {V}
RN = VN.q + VN.late
VN.n = 5
VN.__dict__.update(n=VN.__dict__['n'] + 1, more=RN)
del VN.__dict__['log']
RN = RN + vars(VN)['n'] * len(q)
print(list(q), hasattr(VN, 'log'), VN.more is q['more'], q is VN.__dict__)
""",
    ),
    (
        2,
        """
KEPT.q = {A}
vars(KEPT)['n'] += 1
RN = KEPT.__dict__['q'] * KEPT.n
KEPT.__dict__['table']['a'] = {V}
if {C}:
    KEPT.__dict__['extra'] = {S}
RN = RN + KEPT.table['a'] + getattr(KEPT, 'extra', 0)
print(sorted(vars(KEPT)), 'extra' in KEPT.__dict__)
vars(KEPT).pop('extra', None)
""",
    ),
    (
        1,
        """
VN = Keeper({A})
for name, q in list(vars(VN).items()):
    setattr(VN, name + '_', q)
    if name == 'n':
        delattr(VN, name)
RN = VN.q_ * {S} + getattr(VN, 'n', 3)
print(list(VN.__dict__), {{k: type(q).__name__ for k, q in vars(VN).items()}})
""",
    ),
    (
        1,
        """
VN = types.SimpleNamespace(**{{'a': {A}, 'b': {S} }})
VN.__dict__['c'] = VN.a * 2
RN = sum(np.ndim(q) for q in vars(VN).values()) + VN.c
print('made')
VN.__dict__.update({{'d': {V} }} if {C} else {{}})
RN = RN + vars(VN).get('d', 1)
""",
    ),
)

COPIES: Rows = (
    (
        2,
        """
VN = Keeper({A})
print('made')
q = copy.copy(VN)
q.q = q.q * 2
q.table['a'] = {V}
q.log.append(1)
RN = VN.q + q.q + VN.table['a']
print(VN.log, vars(q)['log'] is VN.log, q.n)
""",
    ),
    (
        2,
        """
VN = [{A}, {{'a': {A}, 'b': [{S}]}}]
q = copy.deepcopy(VN)
q[0][...] = 1
q[1]['a'] += 1
q[1]['b'].append({V})
RN = VN[0] + q[0] * q[1]['a'] - VN[1]['a']
print(len(VN[1]['b']), q[1]['b'][0] is VN[1]['b'][0])
""",
    ),
    (
        1,
        """
VN = {V}
q = copy.copy(VN), copy.deepcopy(VN), copy.copy([VN]), copy.copy({{'a': VN}})
VN = q[0] * 2 + q[1]
print(q[0] is {V}, q[2][0] is {V}, q[3]['a'] is {V}, q[0].flags.c_contiguous, q[1].flags.f_contiguous)
q[0][...] = 0
RN = VN + q[0] + q[2][0]
""",
    ),
    (
        1,
        """
class FN:
    def __init__(self, q):
        self.q = q
    def __copy__(self):
        print('copied')
        return FN(self.q * 2)
    def __deepcopy__(self, memo):
        return FN(copy.deepcopy(self.q, memo) + 1)
VN = FN({A})
RN = copy.copy(VN).q + copy.deepcopy([VN, VN])[1].q
""",
    ),
    (
        1,
        """
VN = copy.deepcopy(Part({A}, {S})), copy.copy(Fixed({A}))
VN[0].log.append(VN[1].n)
RN = VN[0].scaled() * VN[1].q
print(VN[0].log)
""",
    ),
)

RECORDS: Rows = (
    (
        2,
        """
VN = Part({A}, k={S})
print('made')
VN = dataclasses.replace(VN, q=VN.q * 2)
VN.log.append(VN.k)
q = {{field.name: getattr(VN, field.name) for field in dataclasses.fields(VN)}}
RN = q['q'] + VN.scaled() + len(q['log'])
print([field.name for field in dataclasses.fields(Part)], dataclasses.is_dataclass(VN))
""",
    ),
    (
        1,
        """
VN = Fixed({A}, {I})
q = dataclasses.asdict(VN), dataclasses.astuple(VN)
q[0]['q'] += 1
RN = VN.q * q[1][1] + q[0]['q'] - q[1][0]
try:
    VN.n = 3
except dataclasses.FrozenInstanceError as error:
    print(error)
print(Fixed(1, 2) == Fixed(1, 2), hash(Fixed(1)) == hash(Fixed(1)), repr(Fixed(1.5)))
""",
    ),
    (
        1,
        """
@dataclasses.dataclass(order=True, kw_only=True)
class FN:
    n: int = 1
    q: object = dataclasses.field(default=None, compare=False)
    area: object = dataclasses.field(init=False, default=0)
    def __post_init__(self):
        self.area = self.q * self.n
VN = [FN(q={A}, n=2), FN(q={A})]
print('made')
RN = min(VN).area + max(VN).area if VN[0] < VN[1] or {C} else sorted(VN)[0].q
""",
    ),
    (
        2,
        """
RN = {A}
for VN in Mode:
    RN = VN.apply(RN, {S})
    if VN is Mode.SCALE and {C}:
        break
print(VN.name, Mode('add').name, Mode['KEEP'].value, len(Mode), [q.value for q in Mode], VN in Mode)
""",
    ),
    (
        1,
        """
VN = {{Mode.ADD: {A}, Mode.KEEP: {S} }}
q = Mode('scale' if {C} else 'add')
RN = VN.get(q, {V}) + VN[Mode.KEEP] * (q == Mode.ADD) + list(Mode).index(q)
print(Mode.__members__['ADD'] is Mode.ADD, repr(q))
""",
    ),
    (
        1,
        """
class FN(enum.IntFlag):
    R = enum.auto()
    W = enum.auto()
    X = enum.auto()
print('made')
VN = FN.R | FN.X
RN = {A} * VN + sum(VN & q for q in FN)
for q in FN:
    if q in VN:
        RN = RN - q.value
print([q.name for q in VN], ~VN & FN.W)
VN = q = VN.value
""",
    ),
)

PATTERNS: Rows = (
    (
        2,
        """
RN = {V}
for VN in (Part({A}, {S}), Fixed({A}, 2), Fixed({S}), {A}, {S}, Mode.ADD, [{A}, {S}]):
    match VN:
        case Part(q=np.ndarray() as q, k=k):
            RN = q * k
        case Fixed(q, n=1 | 2 as n) if np.ndim(q):
            RN = RN + q * n
        case Fixed(float(q) | int(q)):
            RN = RN - q
        case np.ndarray(ndim=1, size=n):
            print('line', n)
        case float() | int() | complex() | np.generic():
            RN = RN * 2
        case Mode.ADD | Mode.KEEP:
            print('mode')
        case [q, *rest]:
            print(len(rest), np.shape(q))
        case _:
            print('other')
""",
    ),
    (
        1,
        """
class FN:
    __match_args__ = ('q', 'k')
    def __init__(self, q, k):
        self.q, self.k = q, k
VN = FN({A}, {I})
match VN:
    case FN(q, 0 | 1):
        RN = q * 2
    case FN(np.ndarray() as q, int(k)) if k > 1 and {C}:
        RN = q + k
    case FN(k=-1) | FN(q=[]):
        RN = {V}
    case FN():
        RN = VN.q - {S}
""",
    ),
    (
        1,
        """
match ({A}.shape, {{'mode': Mode.SCALE, 'by': {S} }}):
    case ((), _):
        RN = {A}
    case ((n,), {{'mode': Mode.SCALE, 'by': k}}):
        RN = {A} * k + n
    case ((n, m, *_), {{'mode': Mode() as mode, **rest}}):
        RN = mode.apply({A}, rest['by']) + n * m
""",
    ),
)

OBJECTS: Rows = (*EXISTING, *ATTRIBUTES, *COPIES)
KINDS: Rows = (*RECORDS, *PATTERNS)

"""Blocks that use more of NumPy: random numbers, stores by index, dates, what calls back; as in ``blocks``."""

from tests.fuzz.templates import Rows

ARRAYS: Rows = (
    (
        2,
        """
VN = np.random.default_rng({I})
{N} = {V} + VN.normal(size={V}.shape)
{N} = VN.random({SH}) * {S}
""",
    ),
    (
        2,
        """
np.random.seed(3)
{N} = np.random.rand(*{V}.shape) * {A}
{N} = np.random.randint(0, 5, {V}.shape) + {V}
""",
    ),
    (
        2,
        """
VN = np.random.RandomState(5)
for j in range(3):
    {N} = {A} + VN.uniform(-1, 1, {V}.shape)
    if VN.rand() < 0.5:
        {N} = {V} * VN.standard_normal()
""",
    ),
    (
        1,
        """
VN = np.random.default_rng([1, {I}])
{N} = VN.permutation({V})
{N} = {V}[VN.integers(0, len({V}), 4)]
VN.shuffle({N})
""",
    ),
    (
        3,
        """
{V}[[0, -1]] {OP}= {S}
{V}[[0, 0]] = {S}
{N} = {A} + 1
""",
    ),
    (
        2,
        """
VN = {V}
VN[{B}] {OP}= {S}
{N} = {A} * {S}
VN[[1, 0]] = VN[[0, 1]]
""",
    ),
    (
        2,
        """
VN = np.flatnonzero({V} > {LIT})
{V}.reshape(-1)[VN] = {A}.reshape(-1)[:1]
np.add.at({V}, [0, 0, -1], {S})
{N} = {V} - {S}
""",
    ),
    (
        2,
        """
{N} = {A}
np.putmask({V}, {V} > {LIT}, {N})
np.place({V}, {V} == {V}, [{S}, {LIT}])
np.put({V}, [0, 1], {S})
np.fill_diagonal({V}, {S})
""",
    ),
    (
        2,
        """
VN = np.arange(len({V})).astype('m8[s]')
{N} = (VN + VN[1:2]) / np.timedelta64(1, 'm')
{N} = VN.sum() > VN
VN[0] = VN.max()
{N} = np.datetime64('2020-01-01') + VN
{N} = {A} + 1
""",
    ),
    (
        2,
        """
VN = {A}.astype('>f8')
{N} = VN {OP} {A}
{N} = np.{U}(VN)
VN[0] = {S}
{N} = VN.sum(axis={AX})
VN {OP}= {S}
{N} = VN[{IX}] {CMP} {A}
""",
    ),
    (
        1,
        """
VN = np.zeros(4, [('p', 'i1'), ('q', 'f8'), ('r', 'i4')])
VN['q'] = {S}
VN['r'][1:] = [1, 2, 3]
{N} = VN['q'] * VN['r'] + {S}
VN['q'] {OP}= {S}
{N} = VN['q'].sum() + {V}
""",
    ),
    (
        1,
        """
{N} = ({A} * 1.0).reshape(-1).view('f4')[:3]
{N} = np.array({V}, copy=None)
{N} = np.piecewise({V}, [{V} > {LIT}], [{S}, 0])
""",
    ),
    (
        2,
        """
{V}[{V} {CMP} {LIT}] = {S}
{N} = {A} + 1
np.copyto({V}, {N}, where={V} {CMP} {S})
np.{U}({V}, out={V}, where={V} > {LIT})
{N} = {V} {OP} {S}
""",
    ),
    (
        2,
        """
VN = np.seterr(divide='ignore', over='raise')
{N} = {A} / {S}
np.seterr(**VN)
{N} = {A} {OP} {V}
if np.geterr()['divide'] == 'warn':
    {N} = {N} + 1
""",
    ),
    (
        2,
        """
with np.errstate(all='ignore'):
    VN = np.geterr()
    {N} = np.{U}({A}) {OP} {S}
np.seterr(invalid=VN['under'])
{N} = np.{U}({V})
np.seterr(all='warn', under='ignore')
""",
    ),
    (
        2,
        """
{N} = np.piecewise({V}, [{V} < {LIT}, {V} > {S}], [lambda v: v * 2, lambda v: v {OP} {S}, 1])
VN = []
{N} = np.piecewise({V}, [{V} {CMP} {LIT}], [lambda v: VN.append(len(v)) or v + 1, np.{U}])
{N} = {V} * len(VN)
""",
    ),
    (
        2,
        """
{N} = np.apply_along_axis(lambda v: np.{U}(v)[:2] {OP} {S}, {AX}, {V})
{N} = np.apply_along_axis(np.sum, 0, {A}) + 1
{N} = np.apply_over_axes(np.max, {A}, [0])
""",
    ),
    (
        2,
        """
VN = np.argsort({V}, axis=-1)
np.put_along_axis({V}, VN, {A}, axis=-1)
np.put_along_axis({V}, np.argmax({V}, axis=0, keepdims=True), {S}, 0)
{N} = {V} {OP} {LIT}
""",
    ),
    (
        2,
        """
{N} = {A} {OP} {S}
VN = [{N}.tobytes() if {N}.dtype.itemsize < 16 else 0, {N}.tolist(), {V}.item(0), {V}.item(-1)]
{V} {OP}= {S}
{N} = {V} + len(VN)
{N} = np.frombuffer(({A} * 1.0).tobytes(), np.uint8)[:8] + 1
""",
    ),
    (
        2,
        """
VN = np.zeros(5, [('p', 'i1'), ('q', 'f8'), ('r', 'i4')])
VN['q'] = [1.5, {S}, 2, 0, {S}]
VN[1]['r'] = 4
{N} = VN[1]['q'] {OP} {A}
{N} = VN[{I}::2]['q'] * 2 + VN.copy()['r'][{I}::2]
VN = VN[VN['q'] > 1]
{N} = [row['q'] * 2 for row in VN]
VN = VN[0], VN['q'] {OP} 2
""",
    ),
    (
        2,
        """
VN = np.datetime64('2020-01-01') + np.timedelta64({I}, 'D')
{N} = (VN - np.array(['2020-01-03', '2021-01-01'], 'M8[D]')) / np.timedelta64(1, 'h')
{N} = {A} + 1
for j in np.arange(3).astype('m8[m]'):
    {N} = (np.arange(3).astype('m8[s]') + j) / np.timedelta64(1, 's') {OP} {S}
    VN = VN + j
""",
    ),
    (
        1,
        """
VN = np.vectorize(lambda a, b=1.0: a * 2 if a > b else b, otypes=[float])
{N} = VN({A}) + 1
{N} = np.vectorize(lambda v: v.sum() {OP} {S}, signature='(n)->()')({A}) * 2
""",
    ),
    (
        1,
        """
VN = 0.0
for j in np.nditer({A}):
    VN = VN + j * 2
for k, j in np.ndenumerate({V}):
    VN = VN {OP} j
{N} = {V} + VN
""",
    ),
    (
        1,
        """
{N} = {A} * 2
VN = np.ma.masked_where({N} {CMP} {LIT}, {N})
{N} = {N} + VN.filled({S}) * VN.count()
VN = np.matrix([[1.0, 2.0], [3.0, {S}]])
{N} = np.asarray(VN * VN) {OP} {A}.sum()
""",
    ),
)

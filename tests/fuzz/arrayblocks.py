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
)

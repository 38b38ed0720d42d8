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
)

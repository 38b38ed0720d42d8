"""Statements of several lines that generated programs are made of: (weight, text with holes), as in ``templates``.

FN is a function or class, VN a variable and RN another one, new each time; ``{N}`` is a name as ever.
"""

from tests.fuzz.templates import Rows

BLOCKS: Rows = (
    (
        2,
        """
def FN(q):
    for j in range(3):
        yield q * j + {V}
{N} = list(FN({A}))
""",
    ),
    (
        1,
        """
def FN(q):
    while True:
        q = q + (yield q)
VN = FN({A})
{N} = [next(VN), VN.send({A}), VN.send({S})]
""",
    ),
    (
        2,
        """
def FN(q):
    t = q
    def inc(r):
        nonlocal t
        t = t + r
        return t
    inc({V})
    return inc({S}), t
{N} = FN({A})[0]
""",
    ),
    (
        1,
        """
def FN(q):
    try:
        return q * {S}
    finally:
        print('last', {S})
{N} = FN({A})
""",
    ),
    (
        2,
        """
VN = {A}
for j in range(3):
    try:
        if j == 1:
            raise ValueError(j)
        VN = VN + {V}
    except ValueError as error:
        VN = VN * 2
        print(error)
        continue
    finally:
        VN = VN - 1
""",
    ),
    (
        2,
        """
match {s}:
    case 1 | 2:
        VN = {A}
    case float():
        VN = {A}
    case _:
        VN = {A}
""",
    ),
    (
        2,
        """
class FN:
    def __init__(self, q):
        self.q = q
    def __add__(self, other):
        return self.q + other
    def __radd__(self, other):
        return other
VN = FN({A})
{N} = VN + {A}
{N} = {S} + VN
""",
    ),
    (
        2,
        """
VN = {A}
for j in range(5):
    VN = VN * 0.5 + {V}
    if VN.sum() > {S}:
        break
else:
    VN = VN + 1
""",
    ),
    (
        1,
        """
VN = 0
while True:
    VN += 1
    if {V}.sum() * VN > {S} or VN > 3:
        break
""",
    ),
    (
        1,
        """
def FN(q, n):
    return q if n == 0 else FN(q * 2 + {V}, n - 1)
{N} = FN({A}, 3)
""",
    ),
    (
        3,
        """
VN = {V}[{IX}]
VN {OP}= {S}
{N} = {V} * 2
""",
    ),
    (
        2,
        """
VN = {V}.T
VN[...] = {A}
{N} = {V} + 1
""",
    ),
    (
        2,
        """
VN = {V}.reshape(-1)
VN[0] = {S}
{N} = {V} + 1
""",
    ),
    (
        2,
        """
VN = {V}
VN {OP}= {A}
{N} = {V} + VN
""",
    ),
    (
        2,
        """
VN = np.zeros_like({V})
np.{W}({A}, {A}, out=VN)
VN[0] = {S}
{N} = VN * 2
""",
    ),
    (
        2,
        """
VN = np.zeros({V}.shape)
for j in range(len({V})):
    VN[j] = {V}[j] * {S}
""",
    ),
    (
        2,
        """
VN = {A} * 1
for j in range(len(VN)):
    VN[j] = VN[j - 1] + {S}
""",
    ),
    (
        2,
        """
VN = {A} + 0
print('between')
VN[{IX}] {OP}= {S}
{N} = VN - {A}
""",
    ),
    (
        1,
        """
class FN:
    def __enter__(self):
        return {A}
    def __exit__(self, *told):
        return True
with FN() as VN:
    VN = VN + {V}
    VN = VN.reshape(7, 11)
""",
    ),
    (
        1,
        """
VN = [{A}, {A}]
for j, q in enumerate(VN):
    VN[j] = q * 2
    q += 1
""",
    ),
    (
        1,
        """
VN = lambda q, r={A}: q * r + {V}
{N} = VN({S})
{N} = VN({A}, {S})
""",
    ),
)

"""Blocks with objects that say when they go, as finalisers, generators and weak references do; as in ``blocks``."""

from tests.fuzz.templates import Rows

# What it uses is still there when the module goes.
LOUD = """class Loud:
    def __init__(self, q, n=1):
        self.q = q
        self.n = n

    def __del__(self, kept=KEPT, print=print):
        kept.n += self.n
        print('gone', self.n)


"""

GOING: Rows = (
    (
        2,
        """
VN = Loud({A})
print('made')
RN = VN.q * {S}
VN = None
RN = RN + {V} * KEPT.n
print('then', np.shape(RN))
""",
    ),
    (
        1,
        """
VN = Loud({A}, 2)
RN = VN.q + {V}
print(VN.n)
del VN
RN = RN - {S}
print('then', np.shape(RN), KEPT.n)
""",
    ),
    (
        2,
        """
for j in range(3):
    VN = Loud({A}, j)
    RN = VN.q + j
    if {C}:
        VN = RN * KEPT.n
    print(np.shape(RN))
""",
    ),
    (
        1,
        """
RN = Loud({A}).q * {S} + {V}
print(np.shape(RN))
RN = (Loud({V}, 3).q - RN, KEPT.n)[0]
""",
    ),
    (
        1,
        """
VN = [Loud({A}), ({V}, Loud({S}, 2))]
print(len(VN))
RN = VN[0].q + VN[1][0]
VN = VN[1]
RN = RN * KEPT.n
VN = RN - {S}
print(np.shape(VN), KEPT.n)
""",
    ),
    (
        2,
        """
def FN(q, r):
    p = q.q * 2
    q = p + r
    print(np.shape(q), KEPT.n)
    return q - p
RN = FN(Loud({A}), {V})
VN = Loud({S}, 2)
RN = FN(VN, {A}) + RN
VN = RN
print('then')
""",
    ),
    (
        1,
        """
def FN(q):
    try:
        yield q
        print('again')
    finally:
        print('closed')
VN = FN({A})
RN = next(VN) * 2
VN = {V} if {C} else VN
RN = RN + {V}
print(np.shape(RN))
""",
    ),
    (
        1,
        """
VN = np.atleast_1d({A}) + 1
FN = weakref.ref(VN, lambda _: print('nobody holds it'))
print(FN() is VN)
VN = VN * 2
RN = VN - {S}
print(FN() is None, np.shape(RN))
""",
    ),
    (
        1,
        """
try:
    VN = Loud({A})
    RN = VN.q + 1
    raise ValueError(VN)
except ValueError as e:
    VN = e.args[0].q * 2
    RN = RN + VN
print(np.shape(RN), KEPT.n)
""",
    ),
)

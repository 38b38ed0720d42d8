"""Blocks that change what was there before a region: objects, lists, dicts, variables; as in ``blocks``."""

from tests.fuzz.templates import Rows

# What is printed ends a region, so that what was made in front of it was there before the next one.
STORES: Rows = (
    (
        1,
        """
class FN(enum.Flag):
    READ = 1
    WRITE = 2
VN = FN.READ | FN.WRITE if {C} else FN.READ
print('made')
RN = {A} * 2 if VN & FN.WRITE else {A}
if FN.READ in VN:
    RN = {V} + VN.value
""",
    ),
    (
        1,
        """
VN = types.SimpleNamespace(k={S}, q={A})
print('made')
VN.q = VN.q * VN.k
VN.more = {V}
RN = VN.q + VN.more
print(list(vars(VN)))
""",
    ),
    (
        2,
        """
VN = Keeper({A})
print('made', VN.n)
RN = VN.step({V}) + VN.step({S})
VN.late = {A}
VN.twice = VN.late + VN.twice
RN = VN.q + VN.n * len(VN.log)
print(VN.n, VN.log, list(vars(VN)), VN.table['a'] is VN.q)
""",
    ),
    (
        2,
        """
VN = [Keeper({A}), Keeper({A})]
print(VN[0].n)
first, second = VN[0], VN[1 if {C} else 0]
first.q = first.q + {V}
RN = second.q * 2
second.q, first.q = first.q, {V}
RN = first.q - second.q
""",
    ),
    (
        2,
        """
VN = {{'w': {A}, 't': 0}}
print(len(VN))
VN['w'] = VN['w'] * {S} + {V}
VN['t'] += 1
VN['new'] = {A}
RN = VN['w'] + VN['t'] * len(VN)
print(list(VN))
""",
    ),
    (
        1,
        """
VN = [{A}]
q = VN if {C} else []
print('made')
VN.append({A} * 2)
q.append({S})
{N} = VN[-1] + len(q)
""",
    ),
    (
        1,
        """
VN = Keeper({A})
print('made')
for j in range(3):
    VN.q = VN.q * {S} + j
    VN.step({V})
    VN.table['a'] += 1
{N} = VN.q + VN.table['a']
""",
    ),
    (
        1,
        """
def FN(q):
    n = 0
    def bump(r):
        nonlocal n, q
        n += 1
        q = q + r
        return q * n
    return bump
VN = FN({A})
print('made')
{N} = VN({V}) + VN({S})
""",
    ),
    (
        2,
        """
VN = [{A}, {A}, {A}]
print('made')
VN[{I} % 3] = VN[0] * {S}
VN[-1], VN[0] = VN[0], VN[-1]
q = VN.pop({I} % 3)
VN.append(q + {V})
VN.insert(1, {S})
del VN[0]
RN = VN[0] + VN[-1] * len(VN)
VN.reverse()
VN += [RN]
print([np.ndim(r) for r in VN], VN[-1] is RN)
""",
    ),
    (
        2,
        """
VN = [{A}, {A}, {S}]
q = VN if {C} else VN[:]
print('made')
VN[1:] = [{V}, q[0]]
q[0] = {A}
VN.extend(q[:1])
RN = VN[0] + VN[-1]
VN.sort(key=np.ndim)
q.clear()
print(len(VN), len(q), [np.shape(r) for r in VN])
""",
    ),
    (
        1,
        """
VN = [{A}, {A}, {A}, {A}]
RN = {V}
print('made')
while len(VN) > 1:
    q = VN.pop()
    RN = RN + q.sum() * {S}
    if len(VN) == 2 and {C}:
        VN.insert(0, q)
        break
print(len(VN))
""",
    ),
    (
        2,
        """
VN = {{'a': {A}, 'b': {A}, 1: {S} }}
print(list(VN))
q = VN.pop('a') * {S}
VN.setdefault('c', q)
VN['a'] = q + VN.pop('none', 1)
del VN[1]
VN.update(b={A}, d={V})
RN = VN['a'] + VN['b'] * len(VN)
VN |= {{'c': RN }}
print(list(VN), VN.popitem()[0], VN['c'] is RN)
if {C}:
    VN.clear()
    VN['x'] = RN
print(list(VN))
""",
    ),
    (
        1,
        """
VN = [{A}]
print('made')
VN[0] = VN[0] * 2
VN.append({A})
RN = VN[1] + VN[{I} + 1]
VN.append(RN)
""",
    ),
    (
        2,
        """
def FN(q):
    global total
    total = q
def FNStep(q):
    global total
    total = total * 2 + q
    return total
FN({S})
print('made')
RN = FNStep({A}) + total
RN = FNStep(RN * {S}) - {V}
print(np.shape(total))
FN(0)
""",
    ),
)

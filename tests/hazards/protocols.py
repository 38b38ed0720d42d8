"""More programs as in ``changes``: what operators, loops and calls ask of classes, modules and containers."""

from tests.hazards.changes import Program, program

PROTOCOLS: dict[str, Program] = {
    "context manager": program(
        "class CM:\n    k = 2.0\n    def __enter__(s): return s.k\n    def __exit__(s, *a): return False\n"
        "cm = CM()\nargs = (X, cm)\ndef f(x, c):\n    with c as k:\n        y = x * k\n    return y",
        "CM.__enter__ = lambda s: 5.0",
        "CM.__exit__ = lambda s, *a: print('x')",
        "CM.k = 3.0",
        "cm.__enter__ = lambda: 9.0",
        "del CM.__exit__",
        "CM.__enter__ = staticmethod(lambda: 4.0)",
    ),
    "iterated class": program(
        "class It:\n    def __iter__(s): return iter((1.0, 2.0))\nargs = (X, It())\ndef f(x, it):\n"
        "    for k in it:\n        x = x * k\n    return x",
        "It.__iter__ = lambda s: iter((3.0,))",
        "del It.__iter__",
        "It.__iter__ = None",
        "It.__getitem__ = lambda s, i: [7.0][i]",
    ),
    "contains": program(
        "class C:\n    def __contains__(s, v): return True\nargs = (X, C())\n"
        "def f(x, c): return x * 2 if 3 in c else x",
        "C.__contains__ = lambda s, v: False",
        "del C.__contains__",
        "C.__contains__ = lambda s, v: []",
    ),
    "unary": program(
        "class C:\n    def __neg__(s): return 2.0\n    def __abs__(s): return 3.0\nargs = (X, C())\n"
        "def f(x, c): return x * -c + abs(c)",
        "C.__neg__ = lambda s: 5.0",
        "C.__abs__ = lambda s: 5.0",
        "del C.__neg__",
    ),
    "ordering": program(
        "class C:\n    v = 1\n    def __lt__(s, o): return s.v < o.v\nc, d = C(), C()\nd.v = 2\nargs = (X, c, d)\n"
        "def f(x, c, d): return x * 2 if c < d else x",
        "c.v = 5",
        "C.__lt__ = lambda s, o: False",
        "C.__gt__ = lambda s, o: False",
        "class D(C):\n    def __gt__(s, o): return False\nd.__class__ = D",
        "del C.__lt__",
    ),
    "inplace": program(
        "class V:\n    def __init__(s, a): s.a = a\n    def __iadd__(s, o): return V(s.a + o)\n"
        "args = (X, V(X * 2))\ndef f(x, v):\n    v += x\n    return v.a",
        "V.__iadd__ = lambda s, o: V(o)",
        "del V.__iadd__",
        "V.__iadd__ = lambda s, o: NotImplemented",
    ),
    "array_priority": program(
        "class V:\n    __array_ufunc__ = None\n    def __radd__(s, o): return 5.0\nargs = (X, V())\n"
        "def f(x, v): return (x + v) * x",
        "V.__array_ufunc__ = lambda *a, **k: 3.0",
        "del V.__array_ufunc__",
        "V.__radd__ = lambda s, o: 7.0",
    ),
    "classmethod super": program(
        "class A:\n    k = 2.0\n    @classmethod\n    def mk(cls): return cls.k\nclass B(A):\n    @classmethod\n"
        "    def mk(cls): return super().mk() + 1\nargs = (X, B())\ndef f(x, b): return x * b.mk()",
        "A.k = 3.0",
        "B.k = 4.0",
        "A.mk = classmethod(lambda c: 9.0)",
    ),
    "two bases": program(
        "class A:\n    def run(s, x): return x + 1\nclass B(A):\n    def run(s, x): return super().run(x) * 2\n"
        "class C(A):\n    def run(s, x): return super().run(x) * 3\nclass D(B, C):\n"
        "    def run(s, x): return super().run(x) * 5\nargs = (X, D())\ndef f(x, d): return d.run(x)",
        "D.__bases__ = (C, B)",
        "C.run = lambda s, x: x",
        "D.__bases__ = (B,)",
    ),
    "init subclass of list": program(
        "class L(list):\n    pass\nl = L([1.0, 2.0])\nargs = (X, l)\ndef f(x, l): return x * len(l) + l[0]",
        "L.__len__ = lambda s: 7",
        "L.__getitem__ = lambda s, i: 9.0",
        "l.append(1)",
    ),
    "str subclass": program(
        "class S(str):\n    pass\nargs = (X, S('sum'))\ndef f(x, s): return x.sum() if s == 'sum' else x * 2",
        "S.__eq__ = lambda s, o: False",
        "args = (X, 'sum')",
    ),
    "int subclass": program(
        "class I(int):\n    pass\nargs = (X, I(3))\ndef f(x, i): return x * i",
        "I.__mul__ = lambda s, o: 5",
        "I.__rmul__ = lambda s, o: 5",
        "I.__array__ = lambda s, *a: np.array(9)",
    ),
    "int enum": program(
        "import enum\nclass E(enum.IntEnum):\n    a = 1\n    b = 2\nargs = (X, E.b)\n"
        "def f(x, e): return x * e + (e == 2)",
        "args = (X, E.a)",
        "E.__rmul__ = lambda s, o: 7",
        "E.__eq__ = lambda s, o: False",
        "E.__array_ufunc__ = None",
        "E.__array__ = lambda s, *a, **k: np.array(9)",
        "args = (X.astype('f'), E.b)",
        "args = (X.astype('i1'), E.b)",
        "args = (X, 2)",
    ),
    "int enum as number": program(
        "import enum\nclass E(enum.IntEnum):\n    a = 1\n    b = 2\nargs = (np.stack([X, X * 2, X * 3]), E.b)\n"
        "def f(x, e):\n    y = x[e] * (e + 1) + [5, 6, 7][e]\n    if e >= E.a and e and -e < 0:\n"
        "        y = y - int(e)\n"
        "    return y, x.sum(axis=E.a), e is E.b, e * 2.5, {1: 3, 2: 4}[e]",
        "args = (args[0], E.a)",
        "args = (args[0], 2)",
        "args = (args[0], True)",
        "E.__add__ = lambda s, o: 7",
        "E.__index__ = lambda s: 0",
        "E.__ge__ = lambda s, o: print('asked')",
        "E.__bool__ = lambda s: False",
        "E.__neg__ = lambda s: 5",
        "E.__int__ = lambda s: 5",
        "E.__hash__ = lambda s: 5",
        "class I(int):\n    pass\nargs = (args[0], I(2))",
    ),
    "flags": program(
        "import enum\nclass P(enum.Flag):\n    R = 1\n    W = 2\nclass Q(enum.IntFlag):\n    A = 1\n    B = 2\n"
        "args = (X, P.R | P.W, Q.A | Q.B)\n"
        "def f(x, p, q):\n    if p & P.W: x = x * 2\n    if P.R in p: x = x + 1\n    if q & Q.B: x = x * int(q)\n"
        "    return x - 1, q & Q.A is Q.A",
        "args = (X, P.R, Q.A)",
        "args = (X, P.W, Q.B)",
        "args = (X, P(0), Q(0))",
        "P.__and__ = lambda s, o: False",
        "Q.__and__ = lambda s, o: 0",
        "P.__bool__ = lambda s: False",
        "P.__contains__ = lambda s, o: False",
        "Q.__int__ = lambda s: 50",
        "args = (X, P.R, 3)",
        "P._value2member_map_[2] = P.R",
    ),
    "str enum": program(
        "import enum\nclass K(str, enum.Enum):\n    ADD = 'add'\n    MUL = 'mul'\nargs = (X, K.MUL)\n"
        "def f(x, k):\n    y = x + 1\n    if k == 'mul': return y * 2\n    return {'add': y, 'mul': x}[k]",
        "args = (X, K.ADD)",
        "args = (X, 'add')",
        "K.__eq__ = lambda s, o: False",
        "K.__hash__ = lambda s: 5",
        "K.ADD._value_ = 'mul'\nargs = (X, K.ADD)",
    ),
    "a namespace": program(
        "import types\nclass Sub(types.SimpleNamespace):\n    pass\nn = types.SimpleNamespace(k=2.0, w=X * 1)\n"
        "args = (X, n)\n"
        "def f(x, n):\n    n.w = n.w + x\n    return n.w * n.k",
        "n.k = X",
        "del n.k",
        "n.w = 1.0",
        "args = (X, types.SimpleNamespace(w=X * 1, k=3.0))",
        "args = (X, Sub(w=X * 1, k=3.0))",
        "Sub.k = property(lambda s: 7.0, lambda s, v: None)\nargs = (X, Sub(w=X * 1))",
        "n.__dict__.clear()",
    ),
    "class of an object": program(
        "class M:\n    k = 2.0\nargs = (X, M())\ndef f(x, m): return x * m.__class__.k + (m.__class__ is M)",
        "class Liar(M):\n    __class__ = property(lambda s: 5.0)\nargs = (X, Liar())",
        "class N(M):\n    k = 3.0\nargs = (X, N())",
        "args[1].__class__ = type('O', (), {'k': 4.0})",
        "M.__getattribute__ = lambda s, n: M",
    ),
    "dataclass made": program(
        "from dataclasses import dataclass, replace\n@dataclass(frozen=True)\nclass M:\n    a: object\n"
        "    k: float = 2.0\nargs = (X,)\ndef f(x):\n    m = M(x * 2)\n    return m.a * m.k",
        "M.k = 5.0",
        "M.__init__.__defaults__ = (3.0,)",
        "M.a = property(lambda s: 1.0)",
        "M.__post_init__ = lambda s: None",
        "M.__setattr__ = lambda s, n, v: None",
    ),
    "functools.wraps": program(
        "import functools\ndef deco(g):\n    @functools.wraps(g)\n    def inner(*a, **k): return g(*a, **k) + 1\n"
        "    return inner\n@deco\ndef h(x): return x * 2\nargs = (X,)\ndef f(x): return h(x)",
        "h.__wrapped__ = abs",
        "h.__closure__[0].cell_contents = np.sqrt",
        "h = h.__wrapped__",
    ),
    "lambda default": program(
        "fs = [lambda x, i=i: x * i for i in range(3)]\nargs = (X,)\ndef f(x):\n    for g in fs:\n"
        "        x = x + g(x)\n    return x",
        "fs[1] = fs[2]",
        "fs.append(fs[0])",
        "fs[2].__defaults__ = (7,)",
        "fs = ()",
    ),
    "module function": program(
        "import math\nargs = (X,)\ndef f(x): return x * math.sqrt(4.0) + math.pi",
        "old = math.sqrt; math.sqrt = abs\nundo = lambda: setattr(math, 'sqrt', old)",
        "old = math.pi; math.pi = 3\nundo = lambda: setattr(math, 'pi', old)",
    ),
    "np attribute": program(
        "args = (X,)\ndef f(x): return x * np.pi + np.float32(2) + np.linalg.norm(x)",
        "old = np.pi; np.pi = 3\nundo = lambda: setattr(np, 'pi', old)",
        "old = np.linalg.norm; np.linalg.norm = max\nundo = lambda: setattr(np.linalg, 'norm', old)",
        "old = np.float32; np.float32 = int\nundo = lambda: setattr(np, 'float32', old)",
    ),
    "generator function": program(
        "def g(x):\n    for i in range(3):\n        yield x * i\nargs = (X,)\ndef f(x): return sum(g(x))",
        "def h(x):\n    yield x\ng.__code__ = h.__code__",
        "g = lambda x: [x]",
        "sum = max",
    ),
    "callable class": program(
        "class C:\n    def __init__(s, k): s.k = k\n    def __call__(s, x): return x * s.k\nc = C(2.0)\n"
        "args = (X,)\ndef f(x): return c(x)",
        "c.k = 3.0",
        "c = C(5.0)",
        "C.__call__ = lambda s, x: x",
        "class D(C):\n    def __call__(s, x): return x - 1\nc.__class__ = D",
    ),
    "dict method": program(
        "d = {'a': 2.0}\nargs = (X,)\ndef f(x): return x * d.get('a', 1.0) + len(d)",
        "d['a'] = 3.0",
        "d['b'] = 1",
        "del d['a']",
        "d = None",
        "d = {'a': X}",
    ),
    "star args": program(
        "a = [2.0, 3.0]\nk = {'z': 1.0}\ndef g(x, p, q, z=0.0): return x * p + q + z\nargs = (X,)\n"
        "def f(x): return g(x, *a, **k)",
        "a.append(4.0)",
        "k['z'] = 5.0",
        "k['y'] = 1",
        "a[0] = X",
        "k.clear()",
    ),
    "errstate global": program(
        "e = dict(all='ignore')\nargs = (X,)\ndef f(x):\n    with np.errstate(**e):\n        return x / (x - 1)",
        "e['all'] = 'raise'",
        "e.clear()",
        "old = np.errstate\nnp.errstate = lambda **k: old(all='ignore')\n"
        "undo = lambda: setattr(np, 'errstate', old)",
    ),
    "frozenset": program(
        "s = frozenset({'a', 'b'})\nargs = (X, 'a')\ndef f(x, k): return x * 2 if k in s else x",
        "s = frozenset()",
        "args = (X, 'z')",
        "s = {'a'}",
        "args = (X, ['a'])",
    ),
    "slices": program(
        "s = slice(1, 3)\nargs = (X,)\ndef f(x): return x[s] * 2",
        "s = slice(0, 5, 2)",
        "s = 2",
        "s = None",
        "s = ...",
    ),
    "dtype global": program(
        "d = np.float32\nargs = (X,)\ndef f(x): return x.astype(d) + np.zeros(6, d)",
        "d = np.float64",
        "d = 'i4'",
        "d = np.dtype('>f8')",
        "d = int",
    ),
    "nested class attr": program(
        "class C:\n    class D:\n        k = 2.0\nargs = (X,)\ndef f(x): return x * C.D.k",
        "C.D.k = 3.0",
        "C.D = type('E', (), {'k': 5.0})",
        "del C.D.k",
    ),
    "weakref": program(
        "import weakref\nclass C: k = 2.0\nc = C()\nr = weakref.ref(c)\nargs = (X,)\ndef f(x): return x * r().k",
        "c = None",
        "C.k = 4.0",
    ),
    "abc": program(
        "import abc\nclass B(abc.ABC):\n    @abc.abstractmethod\n    def run(s, x): ...\nclass C(B):\n"
        "    def run(s, x): return x * 2\nargs = (X, C())\ndef f(x, c): return c.run(x) + isinstance(c, C)",
        "C.run = lambda s, x: x",
        "B.register(int)",
    ),
    "abstract, yes and no": program(
        "import abc, numbers\nclass B(abc.ABC):\n    pass\nclass C(B):\n    pass\nclass D:\n    pass\n"
        "args = (X, C(), D())\n"
        "def f(x, c, d):\n    yes = isinstance(c, B) + isinstance(2.0, numbers.Real) * 2\n"
        "    return x * yes + isinstance(d, (B, numbers.Number)) + isinstance(x, numbers.Number) * 5",
        "B.register(D)",
        "numbers.Number.register(D)",
        "args = (X, D(), C())",
        "C.__bases__ = (B, D)",
        "B.__subclasshook__ = classmethod(lambda c, k: True)",
        "class E(B):\n    @classmethod\n    def __subclasshook__(cls, k): return True",
        "args = (X, 3, 4)",
        "B.__class__ = type('Meta', (abc.ABCMeta,), {'__instancecheck__': lambda c, o: print('asked')})",
        "B = D",
        "old = abc.ABCMeta.__instancecheck__\nabc.ABCMeta.__instancecheck__ = lambda c, o: True\n"
        "undo = lambda: setattr(abc.ABCMeta, '__instancecheck__', old)",
    ),
    "two bases of which one has nothing": program(
        "class A:\n    def run(s, x): return x + 1\nclass B(A):\n    def run(s, x): return super().run(x) * 2\n"
        "class C(A):\n    pass\nclass D(B, C):\n    pass\nargs = (X, D())\ndef f(x, d): return d.run(x)",
        "C.run = lambda s, x: x",
        "A.run = lambda s, x: x * 5",
        "D.__bases__ = (B,)",
        "C.run = A.run",
        "del A.run\nC.run = lambda s, x: 7",
        "class E(A):\n    run = A.run\nC.__bases__ = (E,)",
    ),
    "a mixin": program(
        "class Base:\n    k = 2.0\n    def __init__(s, k): s.k = k\n    def run(s, x): return x * s.k\n"
        "class Mixin:\n    def __init__(s, *a): super().__init__(*a); s.more = 1.0\n"
        "    def run(s, x): return super().run(x) + s.more\nclass D(Mixin, Base):\n    pass\nargs = (X,)\n"
        "def f(x): return D(x + 1).run(x)",
        "Base.run = lambda s, x: x",
        "Mixin.run = Base.run",
        "Base.__init__ = lambda s, k: setattr(s, 'k', 3.0)",
        "D.__bases__ = (Base,)",
        "Base.__init__ = object.__init__",
    ),
    "super of a property and of __new__": program(
        "class A:\n    @property\n    def k(s): return 2.0\nclass B(A):\n"
        "    def __new__(cls, v):\n        made = super().__new__(cls)\n        made.v = v\n        return made\n"
        "    @property\n    def k(s): return super().k * 3\nargs = (X,)\ndef f(x): return B(x + 1).v * B(x).k",
        "A.k = property(lambda s: 5.0)",
        "A.k = 7.0",
        "A.__new__ = staticmethod(lambda cls: object.__new__(cls))",
        "del A.k",
    ),
    "has an attribute": program(
        "class M:\n    k = 2.0\nm = M()\nm.own = 3.0\nargs = (X, m)\n"
        "def f(x, m): return x * getattr(m, 'none', 1.0) + hasattr(m, 'own') + hasattr(m, 'k') + hasattr(m, 'not')",
        "m.none = 5.0",
        "M.none = 5.0",
        "del m.own",
        "del M.k",
        "M.__getattr__ = lambda s, n: 4.0",
        "M.__getattribute__ = lambda s, n: 4.0",
        "M.own = property(lambda s: 1 / 0)",
        "setattr(m, 'not', 1)",
    ),
}

"""Programs that depend on something outside their arguments, and ways of changing it between calls."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Program:
    """``source`` defines ``f`` and ``args``; each of ``changes`` is run in the same namespace, after f was learnt."""

    source: str
    changes: tuple[str, ...]


def program(source: str, *changes: str) -> Program:
    return Program(source, changes)


NAMES = {
    "global number": program("k = 2.0\nargs = (X,)\ndef f(x): return x * k", "k = 3.0", "k = 3", "k = np.float32(3)",
                             "k = X", "k = None", "del k",
                             "import builtins; del k; builtins.k = 7.0; undo = lambda: delattr(builtins, 'k')"),
    "global flag": program("on = True\nargs = (X,)\ndef f(x): return x * 2 if on else x + 1", "on = False", "on = 1",
                           "on = []", "on = None", "on = np.True_", "del on"),
    "global text": program("how = 'sum'\nargs = (X,)\ndef f(x): return x.sum() if how == 'sum' else x * 2",
                           "how = 'mean'", "how = np.str_('sum')", "how = b'sum'", "how = ('sum',)"),
    "global array": program("w = X * 2\nargs = (X,)\ndef f(x): return x * w + w", "w = X.astype('f')", "w = w[::-1]",
                            "w = w[:1]", "w = w.reshape(1, -1)", "w = x = np.arange(3.0)", "w[:] = 5", "w = X",
                            "w = w.view(np.matrix)", "w = np.ma.array(w, mask=[True] + [False] * 5)", "w = list(w)",
                            "w = np.broadcast_to(2.0, 6)", "w.setflags(write=False)", "w = w.astype('>f8')"),
    "shadowed builtin": program("args = (X,)\ndef f(x): return x * len(x) + abs(x)", "def len(x): return 3",
                                "def abs(x): return x", "len = np.sum", "len = 5",
                                "import types; f = types.FunctionType(f.__code__, {**globals(), 'len': np.sum})"),
    "function": program("def g(x): return x * 2\nargs = (X,)\ndef f(x): return g(x) + 1", "def g(x): return x * 3",
                        "def h(x): return x - 1\ng.__code__ = h.__code__", "g = np.sqrt", "g = abs", "g = 3", "del g",
                        "g = lambda x, y=2: x * y", "g = g.__get__(X)",
                        "g = __import__('functools').partial(np.multiply, 3.0)"),
    "default": program("def g(x, k=2.0): return x * k\nargs = (X,)\ndef f(x): return g(x) + 1",
                       "g.__defaults__ = (3.0,)", "g.__defaults__ = None", "g.__defaults__ = (X,)",
                       "g.__defaults__ = (5, 7)", "g.__defaults__ = (None,)"),
    "default of its own": program("args = (X,)\ndef f(x, k=2.0, *, j=1): return x * k + j", "f.__defaults__ = (3.0,)",
                                  "f.__defaults__ = (X, None)", "f.__kwdefaults__ = {'j': 5}",
                                  "f.__kwdefaults__['j'] = X", "f.__defaults__ = None", "f.__kwdefaults__ = None"),
    "keyword default": program("def g(x, *, k=2.0): return x * k\nargs = (X,)\ndef f(x): return g(x) + 1",
                               "g.__kwdefaults__ = {'k': 3.0}", "g.__kwdefaults__['k'] = X", "g.__kwdefaults__ = None",
                               "del g.__kwdefaults__['k']", "g.__kwdefaults__ = {'z': 1, 'k': 4}"),
    "its own code": program("args = (X,)\ndef other(x): return x - 5\ndef f(x): return x * 2 + 1",
                            "f.__code__ = other.__code__"),
    "mutable default": program("def g(x, into=[1.0]): return x * into[0] + len(into)\nargs = (X,)\n"
                               "def f(x): return g(x) + 1", "g.__defaults__[0][0] = 2.0",
                               "g.__defaults__[0].append(1)", "g.__defaults__[0].clear()"),
    "cell": program("def make():\n    k = 2.0\n    def f(x): return x * k\n    def put(v):\n        nonlocal k\n"
                    "        k = v\n    def drop():\n        nonlocal k\n        del k\n    return f, put, drop\n"
                    "f, put, drop = make()\nargs = (X,)", "put(3.0)", "put(3)", "put(X)", "put(None)", "drop()",
                    "put(np.float32(2))"),
    "cell of a callee": program("def make():\n    k = 2.0\n    def g(x): return x * k\n    def put(v):\n"
                                "        nonlocal k\n        k = v\n    return g, put\ng, put = make()\nargs = (X,)\n"
                                "def f(x): return g(x) + 1", "put(3.0)", "put(X)", "put('a')",
                                "g.__closure__[0].cell_contents = 9.0", "del g.__closure__[0].cell_contents",
                                "g = make()[0]"),
    "module attribute": program("import types\nm = types.ModuleType('m')\nm.k = 2.0\nargs = (X,)\n"
                                "def f(x): return x * m.k", "m.k = 3.0", "m.k = 3", "del m.k", "m.k = X",
                                "m = types.SimpleNamespace(k=7.0)", "del m.k\nm.__getattr__ = lambda name: 8.0",
                                "class Lazy(types.ModuleType):\n    k = property(lambda s: 9.0)\nm.__class__ = Lazy",
                                "class Loud(types.ModuleType):\n    def __getattribute__(s, n): return 4.0\n"
                                "m.__class__ = Loud"),
    "globals of a callee": program("ns = {'np': np, 'k': 2.0}\nexec('def g(x): return x * k', ns)\ng = ns['g']\n"
                                   "args = (X,)\ndef f(x): return g(x) + 1", "ns['k'] = 3.0", "del ns['k']",
                                   "ns['k'] = X", "ns['__builtins__']['k'] = 1; del ns['k']; "
                                   "del ns['__builtins__']['k']"),
    "NumPy function replaced": program("args = (X,)\ndef f(x): return np.exp(x) + np.sum(x)",
                                       "saved = np.exp; np.exp = np.sin; undo = lambda: setattr(np, 'exp', saved)",
                                       "saved = np.sum; np.sum = max; undo = lambda: setattr(np, 'sum', saved)",
                                       "import math; np = math",
                                       "np = __import__('types').SimpleNamespace(exp=abs, sum=max)"),
    "import inside": program("import sys, types\nmade = types.ModuleType('made_for_a_test')\nmade.k = 2.0\n"
                             "sys.modules['made_for_a_test'] = made\n"
                             "undo = lambda: sys.modules.pop('made_for_a_test')\n"
                             "args = (X,)\ndef f(x):\n    from made_for_a_test import k\n    return x * k",
                             "made.k = 3.0", "del made.k", "other = types.ModuleType('o')\nother.k = 5.0\n"
                             "sys.modules['made_for_a_test'] = other"),
}

CONTAINERS = {
    "dict item": program("d = {'k': 2.0, 'z': 1}\nargs = (X, d)\ndef f(x, d): return x * d['k']", "d['k'] = 3.0",
                         "d['k'] = 3", "del d['k']", "d['k'] = X", "d['other'] = 1", "d.clear()",
                         "args = (X, type('D', (dict,), {'__getitem__': lambda s, k: 5.0})(k=1.0))",
                         "args = (X, __import__('collections').defaultdict(int))", "args = (X, {'k': None})"),
    "dict of all kinds": program("d = {'a': 1.0, 'b': 2.0}\nargs = (X, d)\ndef f(x, d):\n    for k, v in d.items():\n"
                                 "        x = x * v + (k == 'a')\n    return x, len(d), 'a' in d, d.get('c', 3)",
                                 "d['c'] = 3.0", "del d['a']", "d['a'] = d.pop('a')", "d['a'] = 5", "d.clear()"),
    "list item": program("xs = [2.0, 3.0]\nargs = (X, xs)\ndef f(x, xs): return x * xs[0] + xs[-1]", "xs[0] = 5.0",
                         "xs.append(7.0)", "xs.pop()", "xs.clear()", "xs[1] = X", "xs[0] = 1",
                         "args = (X, (2.0, 3.0))", "args = (X, (2.0, 3.0, 4.0))", "args = (X, np.array([1.0, 2.0]))",
                         "args = (X, type('L', (list,), {'__getitem__': lambda s, i: 9.0})([1.0, 2.0]))"),
    "tuple item": program("args = (X, (2.0, X))\ndef f(x, t): return x * t[0] + t[1]", "args = (X, (3.0, X))",
                          "args = (X, (2.0, X, 1))", "args = (X, (X, 2.0))", "args = (X, [2.0, X])",
                          "args = (X, type('T', (tuple,), {'__getitem__': lambda s, i: 9.0})((1.0, 2.0)))"),
    "subclass of tuple": program("class Base(tuple):\n    pass\nclass T(Base):\n    pass\nargs = (X, T((2.0, 3.0)))\n"
                                 "def f(x, t): return x * t[0] + t[1]", "T.__getitem__ = lambda s, i: 9.0",
                                 "Base.__getitem__ = lambda s, i: 8.0"),
    "named tuple": program("from collections import namedtuple\nP = namedtuple('P', 'a b')\nargs = (X, P(2.0, 3.0))\n"
                           "def f(x, p): return x * p.a + p.b", "P.a, P.b = P.b, P.a", "P.a = 7.0",
                           "P.a = property(lambda s: 5.0)", "P.__getattribute__ = lambda s, n: 4.0", "del P.a",
                           "args = (X, namedtuple('P', 'b a')(2.0, 3.0))", "P.a = P.b"),
    "named tuple made inside": program("from collections import namedtuple\nP = namedtuple('P', 'a b')\nargs = (X,)\n"
                                       "def f(x):\n    p = P(x * 2, 3.0)\n    return p.a * p.b", "P.a, P.b = P.b, P.a",
                                       "P.a = property(lambda s: 5.0)", "P.a = P.b",
                                       "P.__new__ = lambda c, a, b: tuple.__new__(c, (b, a))"),
    "nested": program("c = {'a': [1.0, {'b': (2.0, X)}]}\nargs = (X, c)\n"
                      "def f(x, c): return x * c['a'][1]['b'][0] + c['a'][1]['b'][1]", "c['a'][1]['b'] = (3.0, X)",
                      "c['a'][1] = {'b': (4.0, 1)}", "c['a'] = [1]", "c['a'] = None"),
    "length": program("xs = [1, 2]\nargs = (X, xs)\ndef f(x, xs): return x * len(xs)", "xs.append(1)", "xs.clear()",
                      "args = (X, 'abc')", "args = (X, X)"),
    "the same list twice": program("a = [X * 1, X * 2]\nargs = (a, a)\ndef f(a, b):\n    y = a[0] + b[1]\n"
                                   "    return y, a is b, a[0] is b[0]", "args = (a, list(a))",
                                   "args = (a, [a[1]] * 2)", "a[0] = a[1]"),
}

PLAIN_OBJECT = """
class Base:
    gain = 2.0
    def scaled(self, x): return x * self.gain
class Model(Base):
    pass
class Other:
    gain = 11.0
    def scaled(self, x): return x - 1
model = Model()
args = (X, model)
def f(x, m): return m.scaled(x) + m.gain
"""
OWN_OBJECT = PLAIN_OBJECT + "model.gain = 5.0\n"

OBJECTS = {
    "class attribute": program(
        PLAIN_OBJECT, "Base.gain = 3.0", "Base.gain = X", "Model.gain = 4.0", "model.gain = 5.0", "del Base.gain",
        "Base.gain = property(lambda s: 6.0)", "Model.gain = property(lambda s: 6.0)",
        "vars(model)['gain'] = 7.0", "model.__dict__ = {'gain': 8.0}", "model.__class__ = Other",
        "Model.__bases__ = (Other,)", "Model.__bases__ = (Other, Base)", "Base.scaled = Other.scaled",
        "Model.scaled = Other.scaled", "model.scaled = lambda x: x * 9", "del Base.scaled",
        "Base.scaled = staticmethod(lambda x: x * 10)", "Base.scaled = classmethod(lambda c, x: x * c.gain)",
        "Base.scaled.__code__ = Other.scaled.__code__", "Model.__getattr__ = lambda s, n: 12.0",
        "del Base.gain\nModel.__getattr__ = lambda s, n: 12.0",
        "Model.__getattribute__ = lambda s, n: 13.0 if n == 'gain' else object.__getattribute__(s, n)",
        "args = (X, Other())", "args = (X, Model)", "args = (X, None)", "args = (X, type('M', (Model,), {})())",
        "class D:\n    def __get__(s, o, t): return 14.0\nBase.gain = D()",
        "class D:\n    __set__ = None\n    def __get__(s, o, t): return 14.0\nBase.gain = D()",
        "Model.__slots__ = ('gain',)", "Model = Other", "del model, Model, Base",
    ),
    "instance attribute": program(
        OWN_OBJECT, "model.gain = 3.0", "model.gain = X", "del model.gain", "Model.gain = property(lambda s: 6.0)",
        "Base.gain = 4.0", "del Base.gain", "model.__dict__ = {}", "model.__class__ = Other",
        "class D:\n    def __get__(s, o, t): return 14.0\nBase.gain = D()",
        "class D:\n    def __get__(s, o, t): return 14.0\n    def __set__(s, o, v): pass\nBase.gain = D()",
        "class D:\n    def __get__(s, o, t): return 14.0\n    def __delete__(s, o): pass\nBase.gain = D()",
        "Model.__getattribute__ = lambda s, n: 13.0 if n == 'gain' else object.__getattribute__(s, n)",
        "Model.__dict__.get; Model.scaled = lambda s, x: x * vars(s)['gain']",
    ),
    "a descriptor learns to set": program(
        "class D:\n    def __get__(s, o, t): return 14.0\nclass Model:\n    gain = D()\nmodel = Model()\n"
        "model.gain = 2.0\nargs = (X, model)\ndef f(x, m): return x * m.gain", "D.__set__ = lambda s, o, v: None",
        "D.__delete__ = lambda s, o: None",
    ),
    "a descriptor that deletes": program(
        "class D:\n    def __get__(s, o, t): return 14.0\n    def __delete__(s, o): pass\nclass Model:\n"
        "    gain = D()\nmodel = Model()\nvars(model)['gain'] = 2.0\nargs = (X, model)\n"
        "def f(x, m): return (x * 2) * m.gain", "del D.__delete__", "del D.__get__",
    ),
    "an attribute becomes a descriptor": program(
        "class V:\n    def __init__(s, v): s.v = v\nclass Model:\n    gain = V(2.0)\nmodel = Model()\n"
        "args = (X, model)\ndef f(x, m): return x * m.gain.v", "V.__get__ = lambda s, o, t: V(9.0)",
        "V.v = property(lambda s: 5.0)", "Model.gain.v = 3.0", "Model.gain = V(4.0)",
    ),
    "an own attribute becomes a descriptor": program(
        "class V:\n    def __init__(s, v): s.v = v\nclass Model:\n    gain = V(2.0)\nmodel = Model()\n"
        "model.gain = V(3.0)\nargs = (X, model)\ndef f(x, m): return x * m.gain.v",
        "V.__get__ = lambda s, o, t: V(9.0)\nV.__set__ = lambda s, o, v: None",
    ),
    "property": program(
        "class Model:\n    k = 2.0\n    @property\n    def gain(self): return self.k * 2\nmodel = Model()\n"
        "args = (X, model)\ndef f(x, m): return x * m.gain", "Model.k = 3.0", "Model.gain = property(lambda s: 7.0)",
        "Model.gain = 5.0", "model.k = 9.0", "del Model.gain", "vars(model)['gain'] = 1.0",
        "Model.gain.fget.__code__ = (lambda s: 8.0).__code__", "Model.gain = Model.gain.getter(lambda s: 3.0)",
        "Model.gain = property()", "model.__dict__ = {'k': 1}",
    ),
    "slot": program(
        "class Model:\n    __slots__ = ('gain', 'other')\nmodel = Model()\nmodel.gain = 2.0\nmodel.other = 3.0\n"
        "args = (X, model)\ndef f(x, m): return x * m.gain", "model.gain = 3.0", "model.gain = X", "del model.gain",
        "Model.gain = Model.other", "Model.gain = 5.0", "Model.gain = property(lambda s: 7.0)", "del Model.gain",
        "del Model.gain\nModel.__getattr__ = lambda s, n: 8.0", "model.gain = None",
    ),
    "a dictionary that is hidden": program(
        "class Model:\n    gain = 2.0\n    __dict__ = property(lambda s: {})\nmodel = Model()\nargs = (X, model)\n"
        "def f(x, m): return x * 2 * m.gain", "model.gain = 3.0",
    ),
    "method of an instance": program(
        "class Model:\n    def run(self, x): return x * self.k\nm1, m2 = Model(), Model()\nm1.k, m2.k = 2.0, 3.0\n"
        "run = m1.run\nargs = (X,)\ndef f(x): return run(x) + 1", "run = m2.run", "m1.k = 5.0", "m1.k = X",
        "Model.run.__code__ = (lambda self, x: x).__code__", "Model.run = lambda self, x: x - 1", "run = np.sqrt",
        "del m1.k",
    ),
    "static and class methods": program(
        "class Model:\n    k = 2.0\n    @staticmethod\n    def s(x): return x * 2\n    @classmethod\n"
        "    def c(cls, x): return x * cls.k\nargs = (X, Model())\ndef f(x, m): return m.s(x) + m.c(x) + Model.c(x)",
        "Model.s = staticmethod(lambda x: x)", "Model.c = classmethod(lambda cls, x: x)", "Model.k = 3.0",
        "Model.s = lambda self, x: x - 1", "args[1].s = abs", "Model = type('M', (Model,), {'k': 5.0})",
    ),
    "metaclass": program(
        "class Meta(type):\n    pass\nclass Meta2(Meta):\n    k = property(lambda c: 6.0)\n"
        "class Model(metaclass=Meta):\n    k = 2.0\nargs = (X,)\ndef f(x): return x * Model.k", "Model.k = 3.0",
        "Meta.k = property(lambda c: 5.0)", "Meta.k = 4.0", "Model.__class__ = Meta2",
        "Meta.__getattribute__ = lambda c, n: 9.0", "Meta.__getattr__ = lambda c, n: 8.0",
        "del Model.k\nMeta.__getattr__ = lambda c, n: 8.0", "del Model.k\nMeta.k = 7.0",
    ),
    "objects made": program(
        "import abc\nclass Base:\n    pass\nclass Other(Base):\n    k = 8.0\n"
        "class Model(Base, metaclass=abc.ABCMeta):\n"
        "    def __init__(self, k): self.k = k\nargs = (X,)\ndef f(x):\n    m = Model(x * 2)\n    return m.k + 1",
        "Model.__init__ = lambda s, k: setattr(s, 'k', k * 2)", "Model.__new__ = lambda c, k: np.float64(4)",
        "Model.k = property(lambda s: 5.0, lambda s, v: None)", "del Model.__init__",
        "Meta = type('Meta', (abc.ABCMeta,), {'__call__': lambda c, *a: Other()})\nModel.__class__ = Meta",
        "Model.__abstractmethods__ = frozenset({'run'})", "Base.__abstractmethods__ = frozenset({'run'})",
        "Model.__setattr__ = lambda s, n, v: None", "Model.__getattribute__ = lambda s, n: 5.0",
        "Model.__del__ = lambda s: print('gone')", "class D:\n    __set__ = lambda s, o, v: None\nModel.k = D()",
        "class D:\n    def __get__(s, o, t): return 3.0\n    def __delete__(s, o): pass\nModel.k = D()",
        "class D:\n    def __get__(s, o, t): return 3.0\nModel.k = D()", "Model.__bases__ = (Other,)",
        "Model = lambda k: type('Z', (), {'k': 7.0})()",
    ),
    "cached property of a made object": program(
        "import functools\nclass Model:\n    def __init__(s, v): s.v = v\n    @functools.cached_property\n"
        "    def k(s): return s.v * 2\nargs = (X,)\ndef f(x):\n    m = Model(x + 1)\n    return m.k + m.k",
        "Model.k = functools.cached_property(lambda s: s.v)", "Model.k = property(lambda s: s.v)", "Model.k = 3.0",
        "k = functools.cached_property(lambda s: s.v)\nk.__set_name__(Model, 'k')\nModel.k = k",
        "k = functools.cached_property(lambda s: s.v)\nk.__set_name__(Model, 'z')\nModel.k = k",
        "Model.k.func = lambda s: s.v * 7",
        "Model.k = functools.cached_property(Model.k.func)", "Model.k.attrname = 'other'", "del Model.k",
        "old = functools.cached_property.__get__\nfunctools.cached_property.__get__ = lambda s, o, t: 5.0\n"
        "undo = lambda: setattr(functools.cached_property, '__get__', old)",
        "functools.cached_property.__set__ = lambda s, o, v: None\n"
        "undo = lambda: delattr(functools.cached_property, '__set__')",
    ),
    "slots of a made object": program(
        "class Model:\n    __slots__ = ('a', 'b')\nargs = (X,)\n"
        "def f(x):\n    m = Model()\n    m.a = x * 2\n    m.b = 3.0\n    return m.a * 1 + m.b",
        "Model.a = Model.b", "Model.a, Model.b = Model.b, Model.a",
        "Model.a = property(lambda s: 1.0, lambda s, v: None)",
        "del Model.a", "class Other:\n    __slots__ = ('a',)\nModel.a = Other.a", "Model.a = 5.0",
    ),
    "class of a made object": program(
        "class Model:\n    pass\nclass Liar(Model):\n    __class__ = property(lambda s: 5.0)\nargs = (X,)\n"
        "def f(x): return x * 2 + (Model().__class__ is Model)", "Model = Liar", "Model = Liar.__base__",
    ),
    "a made object and isinstance": program(
        "class Base:\n    pass\nclass Other(Base):\n    pass\nclass Model(Base):\n    pass\nclass Liar(Model):\n"
        "    __class__ = property(lambda s: int)\nargs = (X,)\n"
        "def f(x): return x * 2 + isinstance(Model(), Other) + isinstance(Model(), Base)", "Model.__bases__ = (Other,)",
        "Model = Liar", "Base = int", "Model = Other",
    ),
    "methods in a chain": program(
        "class A:\n    k = 2.0\n    def own(s): return s\n    def run(s, x): return x * s.k\nargs = (X, A())\n"
        "def f(x, a): return a.own().run(x) + a.own().k", "A.own = lambda s: B()\nclass B(A):\n    k = 3.0",
        "A.k = property(lambda s: X)", "A.own = A.run", "args[1].own = lambda: args[1]",
    ),
    "super": program(
        "class A:\n    def run(self, x): return x * 2\nclass B(A):\n    def run(self, x): return super().run(x) + 1\n"
        "class C(B):\n    pass\nclass X2(A):\n    def run(self, x): return x * 100\nmodel = C()\nargs = (X, model)\n"
        "def f(x, m): return m.run(x)", "A.run = lambda s, x: x * 3", "C.__bases__ = (B, X2)", "B.__bases__ = (X2,)",
        "B.run = A.run", "model.__class__ = X2", "A.run.__code__ = X2.run.__code__", "X2.run = None", "del A.run",
        "args = (X, type('D', (B, X2), {})())", "model.run = lambda x: x",
    ),
    "dataclass": program(
        "from dataclasses import dataclass\n@dataclass\nclass Model:\n    gain: float = 2.0\n    bias: float = 1.0\n"
        "model = Model()\nargs = (X, model)\ndef f(x, m): return x * m.gain + m.bias", "model.gain = 3.0",
        "del model.gain", "Model.gain = 8.0", "model.gain = X", "del model.gain; Model.gain = 9.0",
    ),
    "enum": program(
        "import enum\nclass E(enum.Enum):\n    a = 1\n    b = 2\nargs = (X, E.a)\n"
        "def f(x, e): return x * 2 if e is E.a else x + 1", "args = (X, E.b)", "args = (X, 1)", "args = (X, None)",
        "E = type('E', (), {'a': 3})",
    ),
    "truth": program(
        "class Model:\n    pass\nargs = (X, Model())\ndef f(x, m): return x * 2 if m else x + 1",
        "Model.__bool__ = lambda s: False", "Model.__len__ = lambda s: 0", "Model.__len__ = lambda s: -1",
        "args = (X, None)", "args = (X, Model)", "args[1].__class__ = type('E', (), {'__bool__': lambda s: False})",
    ),
    "truth of a class": program(
        "class Plain(type):\n    pass\nclass Meta(type):\n    def __bool__(c): return False\n"
        "class Model(metaclass=Plain):\n"
        "    pass\nargs = (X,)\ndef f(x): return x * 2 + (x if Model else 1)", "Model.__class__ = Meta", "Model = None",
        "Plain.__bool__ = Meta.__bool__",
    ),
    "callable": program(
        "class Model:\n    pass\nargs = (X, Model())\ndef f(x, m): return x * 2 if callable(m) else x + 1",
        "Model.__call__ = lambda s: 1", "args = (X, abs)", "args = (X, Model)",
    ),
    "called object": program(
        "class Model:\n    def __call__(self, x): return x * 2\nargs = (X, Model())\ndef f(x, m): return m(x)",
        "Model.__call__ = lambda s, x: x * 3", "del Model.__call__", "Model.__call__ = np.sqrt",
        "args[1].__call__ = lambda x: x",
    ),
    "isinstance": program(
        "class Base:\n    pass\nclass Model(Base):\n    pass\nclass Other:\n    pass\nargs = (X, Model())\n"
        "def f(x, m): return x * 2 if isinstance(m, Base) else x + 1", "Model.__bases__ = (Other,)",
        "args = (X, Other())", "args[1].__class__ = Other", "Base = (Other, int)", "Base = object",
        "Base = type('Meta', (type,), {'__instancecheck__': lambda c, o: False})('Base', (), {})",
    ),
    "not isinstance": program(
        "class Meta(type):\n    def __instancecheck__(c, o): return True\nclass Base:\n    pass\nclass Parent:\n"
        "    pass\nclass Model(Parent):\n    pass\nmodel = Model()\nargs = (X, model)\n"
        "def f(x, m): return x * 2 if isinstance(m, Base) else x + 1",
        "Base = Meta('Base', (), {})", "Model.__bases__ = (type('New', (Base,), {}),)",
        "class Liar(Parent):\n    __class__ = property(lambda s: Base)\nModel.__bases__ = (Liar,)",
        "def lie(s, n): return Base if n == '__class__' else object.__getattribute__(s, n)\n"
        "Model.__getattribute__ = lie", "model.__class__ = type('Late', (Base,), {})",
    ),
    "a class that lies": program(
        "class Base:\n    pass\nclass Model:\n    __class__ = property(lambda s: Base)\nargs = (X, Model())\n"
        "def f(x, m): return x * 2 * 1 if isinstance(m, Base) else x * 3 + 1", "Base = int",
    ),
    "isinstance of an abstract class": program(
        "import collections.abc, numbers\nclass Model:\n    pass\nargs = (X, Model())\n"
        "def f(x, m): return x * 2 if isinstance(m, collections.abc.Sized) else x * 3 + 1",
        "Model.__len__ = lambda s: 3", "collections.abc.Sized.register(Model)",
    ),
    "type of": program(
        "class Model:\n    k = 2.0\nclass Other:\n    k = 3.0\nmodel = Model()\nargs = (X, model)\n"
        "def f(x, m): return x * type(m).k + (type(m) is Model)", "model.__class__ = Other", "Model.k = 5.0",
        "model.k = 6.0", "args = (X, Other())", "Model = Other", "args = (X, 3.0)",
    ),
    "identity": program(
        "a = X * 1\nmark = object()\nargs = (X, a, mark)\n"
        "def f(x, y, z): return x + y if y is a else x - y, z is mark, x is y", "a = X * 1", "mark = None",
        "args = (a, a, None)", "args = (X, X, mark)", "args = (X, 3, mark)",
    ),
    "operators of a class": program(
        "class V:\n    def __init__(s, a): s.a = a\n    def __add__(s, o): return V(s.a + o.a)\nv = V(X * 2)\n"
        "args = (X, v)\ndef f(x, v): return (v + v).a + x", "V.__add__ = lambda s, o: V(s.a - o.a)",
        "V.__radd__ = lambda s, o: V(o.a)", "del V.__add__", "v.a = X", "V.__iadd__ = lambda s, o: s",
        "V.a = property(lambda s: X)", "v.__add__ = lambda o: 3",
    ),
    "comparison of a class": program(
        "class V:\n    pass\nv = V()\nargs = (X, v)\ndef f(x, v): return x * 2 if v == v else x",
        "V.__eq__ = lambda s, o: False", "V.__ne__ = lambda s, o: True", "args = (X, X)",
    ),
    "length and items of a class": program(
        "class V:\n    def __len__(s): return 3\n    def __getitem__(s, i): return 2.0\nargs = (X, V())\n"
        "def f(x, v): return x * len(v) + v[0]", "V.__len__ = lambda s: 4", "V.__getitem__ = lambda s, i: i",
        "del V.__len__", "args = (X, [1.0, 2.0])",
    ),
    "partial": program(
        "from functools import partial\ndef g(x, k, j=1.0): return x * k + j\np = partial(g, k=2.0)\nargs = (X,)\n"
        "def f(x): return p(x)", "p = partial(g, k=3.0)", "p.keywords['k'] = 4.0", "p.keywords['j'] = 5.0",
        "p.keywords.clear()", "p.__setstate__((g, (), {'k': 6.0}, {}))", "g.__defaults__ = (7.0,)",
        "p = partial(np.multiply, 2.0)", "p.k = 3",
    ),
    "match": program(
        "class P:\n    __match_args__ = ('a',)\n    def __init__(s, a): s.a = a\nclass Q:\n    pass\np = P(2.0)\n"
        "args = (X, p)\ndef f(x, p):\n    match p:\n        case P(k): return x * k\n        case _: return x + 1",
        "p.a = 3.0", "P.__match_args__ = ('b',)", "P.b = 5.0\nP.__match_args__ = ('b',)", "P = Q", "p.__class__ = Q",
        "del p.a", "P.a = property(lambda s: 9.0)",
    ),
}

STORES = {
    "attribute of an object": program(
        "class Base:\n    pass\nclass Model(Base):\n    pass\nm = Model()\nm.w = X * 1\nm.n = 1\nargs = (m, X)\n"
        "def f(m, x):\n    m.w = m.w + x\n    m.n += 1\n    return m.w * m.n, vars(m).copy() if m.n < 0 else None",
        "Model.__setattr__ = lambda s, k, v: None", "Base.__setattr__ = lambda s, k, v: print(k, v)",
        "Model.w = property(lambda s: 1.0, lambda s, v: print('w is', v))", "Model.w = 5.0", "Model.n = 3",
        "m.w = 2.0", "m.n = 2.5", "m.n = np.float32(2)", "m.w = 1\nm.n = X", "del m.w", "del m.n", "m.w = None",
        "class Other(Base):\n    def __setattr__(s, k, v): print(k)\nm.__class__ = Other",
        "class Loud:\n    def __radd__(s, o): return o\n    __add__ = __radd__\n    def __del__(s): print('gone')\n"
        "m.w = Loud()",
        "class D:\n    def __get__(s, o, t): return 7.0\n    def __set__(s, o, v): print('set')\nModel.w = D()",
        "Model.__getattribute__ = lambda s, n: 4.0", "m.__dict__ = dict(w=X * 2, n=5)",
    ),
    "attributes of two objects": program(
        "class Model:\n    pass\na, b = Model(), Model()\na.w, b.w = X * 1, X * 2\nargs = (a, b, X)\n"
        "def f(a, b, x):\n    before = b.w\n    a.w = x * 2\n    b.w = b.w + 1\n    return a.w, b.w, before",
        "args = (a, a, X)", "b.w = 3.0", "args = (b, a, X)", "a.w = None\nargs = (b, b, X)",
        "class Other:\n    pass\no = Other()\no.w = 3\nargs = (a, o, X)",
    ),
    "an attribute that is not there yet": program(
        "class Model:\n    pass\nclass Fresh:\n    pass\nargs = (X,)\nmodels = []\n"
        "def g(m, x):\n    m.y = x * 2\n    return m.y + 1\n"
        "def f(x): return g(m, x)\nm = Model()\nm.y = X * 1",
        "m = Model()", "m = Fresh()", "m.y = None", "m.__dict__ = {}", "Model.y = 3.0",
    ),
    "slots of an object": program(
        "class Model:\n    __slots__ = ('a', 'b')\nm = Model()\nm.a = X * 1\nm.b = 2.0\nargs = (m, X)\n"
        "def f(m, x):\n    m.a = m.a + x\n    m.b = m.b + 1\n    return m.a * m.b",
        "Model.a = Model.b", "Model.a, Model.b = Model.b, Model.a", "m.a = 1.0", "del m.a", "del m.b",
        "Model.a = property(lambda s: 1.0, lambda s, v: print('set'))", "del Model.a", "m.b = X",
    ),
    "property setter of an object": program(
        "class Model:\n    @property\n    def k(s): return s._k\n    @k.setter\n    def k(s, v): s._k = v * 2\n"
        "m = Model()\nm._k = X * 1\nargs = (m, X)\ndef f(m, x):\n    m.k = x + 1\n    return m.k * 2",
        "m._k = 1.0", "Model.k = property(lambda s: 1.0)", "Model.k = Model.k.setter(lambda s, v: print('set'))",
        "del Model.k", "Model.k = 5.0", "Model._k = property(lambda s: 1.0, lambda s, v: print('set'))",
    ),
    "items of a dict": program(
        "d = {'w': X * 1, 't': 0}\nargs = (d, X)\n"
        "def f(d, x):\n    d['w'] = d['w'] * 0.5 + x\n    d['t'] += 1\n    return d['w'] * d['t'] * len(d)",
        "d['w'] = 1.0", "d['t'] = 1.5", "d['v'] = 3", "del d['w']", "del d['t']", "d.clear()",
        "args = ({'t': 5, 'w': X}, X)", "args = (dict(d), X)", "args = (X, X)", "d[1] = 2", "d['w'] = None",
        "class D(dict):\n    def __setitem__(s, k, v): print(k)\nargs = (D(d), X)",
        "class Loud:\n    def __mul__(s, o): return o\n    def __del__(s): print('gone')\nd['w'] = Loud()",
    ),
    "items of two dicts": program(
        "a, b = {'w': X * 1}, {'w': X * 2}\nargs = (a, b, X)\n"
        "def f(a, b, x):\n    a['w'] = x + 1\n    b['w'] = b['w'] + a['w']\n    return a['w'] * 2",
        "args = (a, a, X)", "args = (b, a, X)", "b['v'] = 3", "args = (b, b, X)",
    ),
    "a dict that is a namespace": program(
        "class Model:\n    pass\nm = Model()\nm.w, m.v = X * 1, X * 2\nd = {'v': X * 3}\nargs = (m, d, X)\n"
        "def f(m, d, x):\n    y = x + 1\n    d['v'] = y\n    m.w = y * 2\n    return m.w + d['v'] + m.v",
        "args = (m, m.__dict__, X)", "args = (m, d, X)", "d['v'] = 1",
    ),
    "a dict that is a module's": program(
        "import types\nmod = types.ModuleType('mod')\nmod.v = X * 1\nd = {'v': X, 'w': X * 1}\nargs = (d, X)\n"
        "def f(d, x):\n    y = mod.v + x\n    d['w'] = y\n    return d['w'] + mod.v",
        "args = (vars(mod), X)", "mod.w = 5\nargs = (vars(mod), X)", "mod.v = 2.0",
    ),
    "global": program(
        "n, w = 1, X * 1\nargs = (X,)\ndef step(v): return v * n\n"
        "def f(x):\n    global n, w\n    n += 1\n    w = w * 0.5 + step(x)\n    return w * n",
        "n = 1.5", "w = None", "n = X", "del n", "del w", "step = lambda v: v * 7 + n", "n = w = 2",
        "import types\nstep = types.FunctionType(step.__code__, {'n': 9.0})",
        "import types\nf = types.FunctionType(f.__code__, {**globals()})",
        "class Loud:\n    def __mul__(s, o): return o\n    def __del__(s): print('gone')\nw = Loud()",
    ),
    "all of a list": program(
        "l = [X * 1, X * 2]\nargs = (l, X)\n"
        "def f(l, x):\n    y = l.pop(0) + x\n    l.append(y)\n    l[0] = l[0] * 0.5\n    l.reverse()\n"
        "    return y - l[1]",
        "l[0] = 1.0", "l.append(X)", "del l[0]", "l.clear()", "args = ([X * 3, 5.0], X)", "args = ((X, X), X)",
        "class L(list):\n    def pop(s, i): return X\nargs = (L(l), X)", "l[1] = l", "l[0] = l[1]",
        "class Loud:\n    def __add__(s, o): return o\n    __mul__ = __add__\n    def __del__(s): print('gone')\n"
        "l[0] = Loud()",
    ),
    "two lists": program(
        "a, b = [X * 1], [X * 2, X * 1]\nargs = (a, b, X)\n"
        "def f(a, b, x):\n    a[0] = x * 2\n    b.insert(0, a[0] + 1)\n    b.pop()\n    return a[0] + b[0], len(a)",
        "args = (b, b, X)", "args = (a, a, X)", "args = (b, a, X)", "b.append(1)",
    ),
    "items of a dict that go": program(
        "d = {'w': X * 1, 't': 0}\nargs = (d, X)\n"
        "def f(d, x):\n    w = d.pop('w') * 0.5 + x\n    del d['t']\n    d['w'] = w\n    d['t'] = 1\n    return w + 1",
        "d['w'] = 1.0", "d['v'] = 3", "del d['w']", "del d['t']", "args = ({'t': 5, 'w': X}, X)", "d[1] = 2",
        "class D(dict):\n    def __delitem__(s, k): print(k)\nargs = (D(d), X)",
        "class Loud:\n    def __mul__(s, o): return o\n    def __del__(s): print('gone')\nd['w'] = Loud()",
    ),
    "a dict that is a module's, one name": program(
        "import types\nmod = types.ModuleType('mod')\nmod.v = X * 1\nd = {'v': X * 1}\nargs = (d, X)\n"
        "def f(d, x):\n    d['v'] = x + 1\n    return d['v'] + mod.v",
        "args = (vars(mod), X)", "mod.v = 2.0", "d = vars(mod)",
    ),
    "an object and its own dict": program(
        "class Model:\n    pass\nm = Model()\nm.v = X * 1\nm.w = X * 1\nd = {'v': X * 1, 'w': X * 2}\n"
        "args = (m, d, X)\ndef f(m, d, x):\n    m.w = x + 1\n    y = m.w + d['v']\n    m.w = y * 2\n    return m.w",
        "args = (m, vars(m), X)", "m.w = 3.0", "d['v'] = 3.0",
    ),
    "an object and its own dict, one name": program(
        "class Model:\n    pass\nm = Model()\nm.v = X * 1\nd = {'v': X * 1}\n"
        "args = (m, d, X)\ndef f(m, d, x):\n    m.v = x + 1\n    y = m.v + d['v']\n    return y",
        "args = (m, vars(m), X)",
    ),
    "the dict of an object": program(
        "class Model:\n    pass\nm = Model()\nm.w, m.n = X * 1, 2\nargs = (m, X)\n"
        "def f(m, x): return x * m.__dict__['w'] + m.__dict__['n']",
        "m.w = 3.0", "m.__dict__ = {'w': X, 'n': 5}", "del m.n", "m.extra = 1", "args = (X, X)",
        "class Other(Model):\n    __dict__ = property(lambda s: {'w': 1.0, 'n': 1})\nm.__class__ = Other",
    ),
    "a deque with a limit": program(
        "from collections import deque\nq = deque([X * 1, 2.0], maxlen=3)\nargs = (q, X)\n"
        "def f(q, x): return x * q[0] + q.maxlen",
        "q.append(1)", "q.extend((X, X))", "args = (deque(q, maxlen=9), X)", "args = (deque(q), X)", "q.clear()",
        "args = ([X, 1], X)", "q[0] = 5", "q.rotate()",
    ),
    "a list that grows": program(
        "log = []\nargs = (log, X)\ndef f(log, x):\n    y = x + 1\n    log.append(y)\n    log.append(y.sum())\n"
        "    return y * 2",
        "log.clear()", "log[:] = [1]", "args = ((), X)", "class L(list):\n    def append(s, v): print(v)\n"
        "args = (L(), X)", "args = (__import__('collections').deque(), X)",
    ),
    "a list that grows and one that is read": program(
        "a, b = [], [X]\nargs = (a, b, X)\n"
        "def f(a, b, x):\n    y = b[0] + x\n    a.append(y)\n    return y * len(b)",
        "args = (b, b, X)", "b.append(3)", "args = ([], [X * 2], X)",
    ),
    "a variable of an enclosing function": program(
        "def make():\n    n = 0\n    def step(x):\n        nonlocal n\n        n += 1\n        return x * n\n"
        "    return step\nstep, other = make(), make()\nargs = (step, other, X)\n"
        "def f(a, b, x): return a(x) + b(x + 1) + a(x)",
        "args = (step, step, X)", "step.__closure__[0].cell_contents = 2.5", "del step.__closure__[0].cell_contents",
        "step.__closure__[0].cell_contents = X", "step = make()\nargs = (step, make(), X)",
    ),
}

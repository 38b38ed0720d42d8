"""``vars(obj)`` and ``obj.__dict__`` of objects made in the region, and of others."""

import pytest

from tests.capture.programs import same, share, whole_and_same

MADE = (
    "class Base:\n    __slots__ = ('s', '__dict__')\nclass A(Base):\n    c = 5\n    def __init__(self, **given):\n"
    "        self.s = 1\n        self.__dict__.update(given)\n    @property\n    def p(self): return 7\nargs = (X,)\n"
    "def f(x):\n    a = A(u=x * 2, v=x + 1)\n    "
)
BODIES = {
    "read": "d = a.__dict__\n    return d['u'] + vars(a)['v'], 'u' in d, 's' in d, len(d), d.get('w', 3)",
    "set": "vars(a)['w'] = x * 3\n    a.__dict__['u'] = x\n    return a.w + a.u, list(vars(a)), a",
    "gone over": "return sum(v * len(k) for k, v in vars(a).items()) + [*a.__dict__.values()][1]",
    "copied": "d = dict(vars(a))\n    e = vars(a).copy()\n    a.u = 0\n    return d, e['u'], {**vars(a)}, a.s",
    "seen as it changes": "d = vars(a)\n    a.u = a.u + 1\n    a.late = x\n    return d['u'], 'late' in d, list(d)",
    "handed on": "b = A(**vars(a))\n    return b.u - b.v, isinstance(vars(b), dict)",
    "in and of a class": "a.c = x\n    return vars(a)['c'] + a.c, getattr(a, 'c') * 2",
    "handed back": "d = vars(a)\n    d['more'] = x\n    return d, a, a.u + d['v']",
    "handed back alone": "return vars(a)",
}


@pytest.mark.parametrize("name", BODIES)
def test_of_new_objects(name):
    whole_and_same(MADE + BODIES[name])


@pytest.mark.parametrize(
    "change",
    ["A.c = property(lambda s: 1)", "A.__dict__['p']; A.u = 3", "A.v = property(lambda s: 9)", "A.__dict__ = 5",
     "A.__setattr__ = lambda s, k, v: print(k)", "A.__init__ = lambda s, **k: None", "Base.c = 2",
     "A.__getattribute__ = lambda s, n: object.__getattribute__(s, n)"],
)
@pytest.mark.parametrize("name", BODIES)
def test_of_new_objects_whose_class_changes(name, change):
    same(MADE + BODIES[name], "try:\n    " + change.replace("\n", "\n    ") + "\nexcept Exception as e: pass")


@pytest.mark.parametrize(
    "body",
    [
        "vars(a)['p'] = x * 2\n    return a.p, vars(a)['p'] + 1",
        "vars(a)['s'] = x * 2\n    return a.s, vars(a)['s'] + 1",
        "vars(a)[1] = x * 2\n    return a.u, vars(a)[1] + 1",
        "for k in vars(a):\n        setattr(a, k + 'x', x * 2)\n    return a.ux",
        "for k, v in vars(a).items():\n        a.v = x * 2 + 1\n        a.u = v\n    return a.u, a.v",
        "d = vars(a)\n    d |= {'u': x * 2}\n    return a.u + 1",
        "d = vars(a)\n    d.pop('u')\n    d.setdefault('q', x + 1)\n    del d['v']\n    return list(d), a.q + 1",
        "try:\n        return vars(a)['none']\n    except KeyError as e:\n        return e.args, x * 2",
        "r = 0\n    for k, v in vars(a).items():\n        r = r + v * len(k)\n    return r",
        "d, e = vars(a), a.__dict__\n    print('made')\n    d['k'] = x * 2\n"
        "    return e['k'], a.k, d is e, vars(a) is d",
        "y = x + 1\n    a.__dict__ = {'u': y}\n    return a.u * 2, list(vars(a))",
        "y = x + 1\n    return vars(a) is a.__dict__, y, vars(a) == {}",
        "y = x + 1\n    return sorted(vars()), y",
    ],
)
def test_what_is_left_to_the_interpreter(body):
    same(MADE + body)


def test_of_an_object_that_was_there_before():
    source = (
        "class A:\n    pass\na = A()\na.u = X * 1\nargs = (a, X)\n"
        "def f(a, x):\n    y = x * 2\n    d = vars(a)\n    d['u'] = y + d['u']\n    return a.u - 1, list(a.__dict__)"
    )
    same(source)
    same(source, "class D(dict):\n    def __getitem__(s, k): return 5\na.__dict__ = D(u=X)")
    breaks, _ = share(source)
    assert breaks[0] == "GL104 `a.u` is read behind a store under that name"


def test_of_the_frame():
    source = "args = (X,)\ndef f(x):\n    y = x * 2\n    d = vars()\n    return y + 1, list(d)"
    same(source)
    assert share(source)[0] == ["GL101 vars(...): looks at the frame"]

"""Dicts of derived classes, deques and dictionaries of objects, all there before the region."""

import pytest

import graphlet
from tests.capture.programs import namespace, same, share, whole_and_same

HEAD = (
    "from collections import Counter, OrderedDict, defaultdict, deque\n"
    "class D(dict):\n    pass\nclass M(dict):\n    def __missing__(self, k): return X * len(k)\n"
)
KINDS = {
    "defaultdict": "defaultdict(list, a=X * 1, b=X * 2)",
    "of no factory": "defaultdict(None, a=X * 1, b=X * 2)",
    "OrderedDict": "OrderedDict(b=X * 2, a=X * 1)\nd.move_to_end('b')",
    "Counter": "Counter(a=3, b=5)",
    "derived": "D(a=X * 1, b=X * 2)",
    "with __missing__": "M(a=X * 1, b=X * 2)",
}
DICTS = {
    "items": "return d['a'] + d['b'] + x",
    "asked": "return d['a'] + x, 'a' in d, 'q' in d, 7 not in d, len(d), bool(d), d.get('q'), d.get('b') * x",
    "gone over": "return [k for k in d], [v + x for v in d.values()], list(d.items())[0], list(d.keys())",
    "unpacked": "def g(**named): return named['a'] + x\n    return g(**d), {**d, 'c': x}, dict(d), list(d), sorted(d)",
    "type": "return type(d).__name__, isinstance(d, dict), x * 2",
    "set": "d['a'] = x * 3\n    d['b'] += x\n    return d['a'] + d['b'], list(d)",
    "added": "d['new'] = x * 2 if 'new' not in d else 1\n    return d['new'] + x, [*d]",
    "pop": "y = d.pop('a') + x\n    d['a'] = 1\n    return y, list(d)",
    "not there": "try:\n        y = d['zz']\n    except KeyError as e:\n        y = 1\n    return y, x * 2, len(d)",
    "returned": "return d, x * 2, d is d",
}
OF = "args = (d, X)\ndef f(d, x):\n    "


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", DICTS)
def test_dicts(name, kind):
    whole_and_same(f"{HEAD}d = {KINDS[kind]}\n{OF}{DICTS[name]}")


CHANGES = (
    "d['a'] = X * 7", "d['a'] = 2", "d.pop('b')", "d['z'] = X", "d['a'] = d.pop('a')", "args = (dict(d), X)",
    "args = (OrderedDict(d), X)", "args = (D(d), X)", "args = (defaultdict(float, d), X)",
    "class K(OrderedDict):\n    def __iter__(s): return print('iter') or iter('a')\nargs = (K(d), X)",
    "if type(d) is OrderedDict: d.move_to_end('a')", "if type(d) is defaultdict: d.default_factory = dict",
)  # fmt: skip
CLASS_CHANGES = {
    "asked": ("__getitem__", "__contains__", "__len__", "__bool__", "get"),
    "gone over": ("__iter__", "items", "keys", "values"),
    "unpacked": ("__iter__", "keys", "__getitem__"),
    "set": ("__setitem__", "__getitem__", "__iter__"),
    "pop": ("pop", "__delitem__"),
    "not there": ("__missing__", "__getitem__"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change", CHANGES)
def test_dicts_that_change(change, kind):
    names = list(DICTS)
    name = names[(CHANGES.index(change) + list(KINDS).index(kind)) % len(names)]
    same(f"{HEAD}d = {KINDS[kind]}\n{OF}{DICTS[name]}", change)
    if "type(d)" in change:
        same(f"{HEAD}d = {KINDS[kind]}\n{OF}{DICTS['gone over']}", change)
        same(f"{HEAD}d = {KINDS[kind]}\n{OF}{DICTS['not there']}", change)


@pytest.mark.parametrize(("name", "method"), [(name, m) for name, methods in CLASS_CHANGES.items() for m in methods])
def test_classes_that_change(name, method):
    for made in (KINDS["derived"], KINDS["with __missing__"]):
        change = f"type(d).{method} = lambda *a: print({method!r}) or iter(())"
        same(f"{HEAD}d = {made}\n{OF}{DICTS[name]}", change)
    same(f"{HEAD}d = D(a=X, b=X)\n{OF}{DICTS['asked']}", "d.get = lambda k: X")


MISSING = {
    "list": ("defaultdict(list)", "d['a'].append(x * 2)\n    return d['a'][-1] + 1, len(d)"),
    "int": ("defaultdict(int)", "d['a'] += 1\n    d['b'] += 2\n    return x * d['a'] + d['b'], list(d)"),
    "float": ("defaultdict(float)", "d['a'] += x\n    return d['a'] * 2"),
    "dict": ("defaultdict(dict)", "d['a']['b'] = x * 2\n    return d['a']['b'] + 1"),
    "function": ("defaultdict(lambda: np.zeros(6))", "d['a'] += x\n    return d['a'] * 2"),
    "count": ("Counter()", "d['a'] += 1\n    return x * d['a'], d['none'], len(d)"),
}


@pytest.mark.parametrize("name", MISSING)
def test_items_that_are_not_there(name):
    made, body = MISSING[name]
    source = f"{HEAD}{OF}{body}"
    same(f"{HEAD}d = {made}\n{OF}{body}", "d.clear()")
    assert share(f"{HEAD}d = {made}\n{source.removeprefix(HEAD)}") == ([], 1.0)


@pytest.mark.parametrize(
    "factory", ["lambda: print('made')", "lambda: d.setdefault('a', 1)", "lambda: 1 / 0", "lambda: d.clear()"]
)
def test_factories_that_do_more(factory):
    same(f"{HEAD}d = defaultdict({factory})\n{OF}y = x * 2\n    z = d['a']\n    return y + 1, z, len(d)", "d.clear()")


LEFT = {
    "merged": "return (d | {'c': x})['c'] * 2, type(d | {}).__name__, type({} | d).__name__",
    "copied": "import copy\n    return x * 2, type(copy.copy(d)).__name__, type(d.copy()).__name__, copy.deepcopy(d)",
    "in place": "d |= {'c': x}\n    return x * 2, d",
    "of dict": "return list(dict.items(d)), list(dict.keys(d)), dict.__getitem__(d, 'a'), dict.get(d, 'b'), x * 2",
    "deleted": "del d['a']\n    d['a'] = 3\n    return list(d), x * 2",
    "popped": "y = d.popitem()\n    return y, x * 2, list(d)",
    "repr": "return repr(d), str(d), x * 2",
    "equal": "return d == {'a': 1}, d != d, x * 2",
    "reversed": "return list(reversed(d)), x * 2",
    "attribute": "d.more = x * 2\n    return d.more + 1",
    "matched": "match d:\n        case {'a': v, **rest}:\n            return v + x, rest\n    return x * 3",
    "updated": "d.update(b=x, c=x * 2)\n    d.setdefault('q', x)\n    return list(d), d['c'] + 1",
    "cleared": "d.clear()\n    d['c'] = x * 2\n    return list(d), d['c'] + 1",
    "moved": "d.move_to_end('a', last=False)\n    return list(d), x * 2",
    "counted": "return d.most_common(1), d.total(), x * 2",
    "two": "e = d\n    d['a'] = x * 2\n    return e['a'] + 1, [k for k in e]",
}


@pytest.mark.parametrize("kind", ["defaultdict", "OrderedDict", "Counter"])
@pytest.mark.parametrize("name", LEFT)
def test_whatever_is_done(name, kind):
    made = KINDS[kind]
    same(f"{HEAD}d = {made}\n{OF}{LEFT[name]}", f"d.clear(); d.update({made.splitlines()[0]})")


def test_hashes_and_comparisons_of_keys_are_not_run():
    key = (
        "class Key(str):\n    def __eq__(s, o): print('eq'); return str.__eq__(s, o)\n"
        "    def __hash__(s): print('hash'); return str.__hash__(s)\n"
    )
    for made in ("defaultdict(int)", "OrderedDict()", "D()"):
        source = f"{HEAD}{key}d = {made}\nd[Key('k')] = 1\nd['a'] = X\n"
        same(f"{source}args = (X,)\ndef f(x):\n    return d['a'] + x, len(d)", "d[Key('l')] = 2")


def test_attributes_that_are_items():
    for getter in ("dict.get", "dict.__getitem__", "lambda s, k: s[k]"):
        source = f"class C(dict):\n    __getattr__ = {getter}\nd = C(w=X, n=3)\n{OF}return d.w * d.n + x"
        whole_and_same(source, "C.__getattr__ = lambda s, k: 7")
        same(source, "C.n = 4")
        same(source, "d.n = 4")
        same(source, "del d['n']")


DEQUES = {
    "items": "return q[0] + q[-1] * x, q[1]",
    "asked": "return len(q), bool(q), x * 2, q.maxlen, type(q).__name__",
    "gone over": "return sum(q) + x, [v + 1 for v in q], list(q), tuple(q), [*reversed(q)]",
    "mean": "return sum(q) / len(q) - x, np.mean(list(q)), len([v.sum() for v in q])",
    "append": "q.append(x * 2)\n    return x + 1",
    "append and read": "y = q[0] + x\n    q.append(y)\n    return sum(q) * 2, q[-1] is y, len(q)",
    "appendleft": "q.appendleft(x * 2)\n    return q[0] + 1, len(q)",
    "pop and append": "y = q.popleft() + x\n    q.append(y)\n    q.appendleft(q.pop())\n    return y, q[0] is y",
    "extend": "q.extend([x, x * 2])\n    q.popleft()\n    q.popleft()\n    return q[-1] + 1",
    "set": "q[0] = x * 2\n    q[-1] = q[0] + 1\n    return q[-1] * 2",
    "rotate": "q.rotate(1)\n    q.reverse()\n    return q[0] + x",
    "clear": "y = q[0] + x\n    q.clear()\n    q.extend([y, y, x])\n    return y",
    "not there": "try:\n        y = q[9]\n    except IndexError:\n        y = x * 2\n    return y + 1",
    "returned": "return q, x * 2",
}
QUEUES = ("deque([X, X * 2, X * 3])", "deque([X, X * 2, X * 3], 3)", "deque([X, X * 2, X * 3], 4)")
OF_DEQUE = "args = (q, X)\ndef f(q, x):\n    "


@pytest.mark.parametrize("made", QUEUES)
@pytest.mark.parametrize("name", DEQUES)
def test_deques(name, made):
    source = f"{HEAD}q = {made}\n{OF_DEQUE}{DEQUES[name]}"
    same(source)
    if name not in ("append", "extend") or "3)" in made:
        assert share(source) == ([], 1.0)


@pytest.mark.parametrize(
    "change",
    ["q[0] = X * 9", "q[0] = 3", "q.append(X)", "q.pop()", "q.clear()", "args = (list(q), X)",
     "q = deque(q)\nargs = (q, X)", "q = deque(q, 3)\nargs = (q, X)", "q = deque(q, 1)\nargs = (q, X)",
     "class Q(deque):\n    def append(s, v): print('append')\n    def __getitem__(s, i): return X\nargs = (Q(q), X)",
     "class V:\n    def __del__(s): print('gone')\n    def __add__(s, o): return o\n    def __radd__(s, o): return o\n"
     "q[0] = V()"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["items", "gone over", "append", "append and read", "set"])
def test_deques_that_change(name, change):
    made = QUEUES[(len(name) + len(change)) % len(QUEUES)]
    same(f"{HEAD}q = {made}\n{OF_DEQUE}{DEQUES[name]}", change)


@pytest.mark.parametrize(
    "body",
    [
        "p.append(x * 2)\n    return q[-1] + 1",
        "q.append(x * 2)\n    p.popleft()\n    return q[-1] + 1",
        "y = p[0] + x\n    q[0] = y\n    return p[0] * 2",
        "r = 0\n    for v in q:\n        r = r + v\n        if len(q) < 5: q.append(v)\n    return r",
    ],
)
def test_two_names_of_a_deque(body):
    for args in ("(q, q, X)", "(q, deque(q), X)"):
        for change in ("args = (q, q, X)", "args = (q, deque(q), X)"):
            same(f"{HEAD}q = deque([X, X * 2, X * 3])\nargs = {args}\ndef f(q, p, x):\n    {body}", change)


OBJECT = "class A:\n    c = 5\no = A()\no.u, o.v, o.n = X * 2, X + 1, 3\nargs = (o, X)\ndef f(o, x):\n    "
NAMES = {
    "items": "return vars(o)['u'] + o.__dict__['v'] * x",
    "asked": "return 'u' in vars(o), 'c' in vars(o), len(vars(o)), vars(o).get('none', x) * 2, o.c",
    "gone over": "r = x\n    for k, v in vars(o).items():\n        r = r + v * len(k)\n    return r",
    "copied": "d = dict(vars(o))\n    e = {k: v * 2 for k, v in o.__dict__.items()}\n    return d, e, {**vars(o)}",
    "handed on": "def g(u, v, n): return u * v + n\n    return g(**o.__dict__) + x",
    "returned": "return vars(o), x * 2, vars(o) is o.__dict__",
    "set": "vars(o)['u'] = x * 3\n    return x + 1",
    "made of it": "p = A()\n    p.__dict__.update(vars(o))\n    return p.u + x, p.n",
}


@pytest.mark.parametrize("name", NAMES)
def test_dictionaries_of_objects(name):
    whole_and_same(OBJECT + NAMES[name])


@pytest.mark.parametrize(
    "change",
    ["o.u = X * 5", "o.n = 4", "o.w = X", "del o.n", "o.__dict__ = {'n': 3, 'v': X, 'u': X}", "A.c = 6",
     "A.u = property(lambda s: 9)", "A.__getattribute__ = lambda s, n: print(n) or object.__getattribute__(s, n)",
     "class N(dict):\n    def __getitem__(s, k): return print(k)\n    def items(s): return [('k', X)]\n"
     "o.__dict__ = N(vars(o))",
     "class B(A):\n    __slots__ = ()\n    __dict__ = property(lambda s: {'u': X, 'v': X, 'n': 1})\nargs = (B(), X)"],
)  # fmt: skip
@pytest.mark.parametrize("name", NAMES)
def test_dictionaries_of_objects_that_change(name, change):
    same(OBJECT + NAMES[name], change)


@pytest.mark.parametrize(
    "body",
    [
        "o.u = x * 7\n    return vars(o)['u'] + 1",
        "o.new = x * 7\n    return list(vars(o)), vars(o)['new'] + 1",
        "d = vars(o)\n    n = len(d)\n    o.new = x * 2\n    return len(d), n, d['new']",
        "d = vars(o)\n    y = d['u'] + x\n    o.u = y\n    return d['u'] is y, d['u'] + 1",
        "d = vars(o)\n    d['u'] = x * 2\n    return o.u + 1, d['u']",
        "y = o.u + x\n    vars(o)['u'] = y\n    return o.u * 2",
        "d = vars(o)\n    d['c'] = x\n    return o.c + 1",
        "for k in vars(o):\n        setattr(o, k, x * 2)\n    return o.u + 1",
        "del o.n\n    return list(vars(o)), x * 2",
        "vars(o).pop('n')\n    y = x * 2\n    o.n = 3\n    return list(vars(o)), y",
        "y = x * 2\n    return list(vars(A)), vars(np) is np.__dict__, y",
    ],
)
def test_an_object_and_its_dictionary(body):
    same(OBJECT + body, "o.n = 8")


def test_a_missing_item_is_added_in_order():
    names = namespace(f"{HEAD}d = defaultdict(list)\n{OF}y = x * 2\n    d['q'].append(y)\n    return y + 1")
    fast = graphlet.optimize(names["f"])
    for _ in range(4):
        fast(*names["args"])
    assert len(names["d"]["q"]) == 4 and list(names["d"]) == ["q"]

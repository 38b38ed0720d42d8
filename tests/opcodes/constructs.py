"""One function for each construct whose bytecode is unusual. Compiled by the tests, not run."""
# ruff: noqa

import contextlib


def gen(a):
    try:
        got = yield a
        yield from a
        return got
    finally:
        del a


async def coro(a, b):
    async with a as c, b:
        async for d in c:
            await d
        return [x async for x in c if await x]


async def agen(a):
    async for b in a:
        yield b
    else:
        yield 3


def matching(a):
    match a:
        case {"x": x, **rest}:
            return x, rest
        case [first, *others] if first:
            return others
        case str(y) | int(y):
            return y
        case contextlib.suppress(exc=z):
            return z
    return None


def groups(a):
    try:
        a()
    except* ValueError as e:
        print(e)
    except* TypeError:
        raise


def cleanup(a):
    with a as b, a:
        try:
            for c in b:
                if c:
                    break
                elif a:
                    continue
                return c
            else:
                raise ValueError from None
        except (KeyError, IndexError) as e:
            print(e)
            raise
        except TypeError:
            return 1
        finally:
            with contextlib.suppress(Exception):
                a.close()


def comprehension(a):
    x = 1
    fs = [lambda: y for y in a]
    g = {x: [z for z in x if z] for x in a for w in x}
    h = {*a, *fs, *{b for b in a}}
    return fs, g, h, x, (b for b in a), [[c := d for d in e] for e in a]


def deletes(a, b=None, *c, d, **e):
    global f
    f = a
    del f
    del b, c[0], d.x, e[1:2]
    a[1:2] = a[2:3]
    a[b:d] = a[d:b]
    nonlocal_ = 3

    def inner():
        nonlocal nonlocal_
        del nonlocal_
        return nonlocal_, __class__

    return inner


def enclosing(a):
    class Inner:
        b = a

    return Inner


def formats(a, b):
    return f"{a!r:>{b}} {a} {b:3} {a!s} {a!a} {a=}", -a, ~a, +a, not a, a is not b, a not in b, *a


def branches(a, b):
    while a if b else a is None:
        a = b and a or not b
    assert a, b
    a.x += a.x if b is not None else a[b]
    a[b] **= 2
    x, *y, z = a
    return a(*b, **a), a(b, c=1), a.m(b, c=1), a.m(*b), {**a, "b": b}, {"a": a, "b": b}, 1 < a < b, x, y, z


class Base:
    def m(self):
        return super().m(1), super().x, super(Base, self).y

    exec("pass")
    own = [x for x in (1, 2)]


def wildcard(a):
    from os import path as p
    import os.path as q

    return p, q, a @ p, a << q, a // 1, a % 2, a & 3, a | 4, a ^ 5, a >> 6

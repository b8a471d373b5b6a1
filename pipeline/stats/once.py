"""A fit to the same arrays is made once: the last answers of a function are found again by what it was asked."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from functools import wraps
from hashlib import blake2b
from typing import Any, ParamSpec, TypeVar

import numpy as np

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

MOST_BYTES = 100_000_000  # of answers remembered by one function in one process; questions are told by a digest alone
EACH = 200  # bytes that an answer takes beside its arrays, so that numbers too are forgotten some day
WHOLE_KINDS = "biufcSUmM"  # of arrays whose bytes, kind and shape say all that they hold


def once(function: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """The function, which gives an earlier answer where it is asked with equal arrays and the same other arguments.

    Only for functions that read their arguments and nothing else, and whose answers nobody changes.  Errors are not
    remembered.
    """
    held: OrderedDict[bytes, tuple[Answer, int]] = OrderedDict()
    room = MOST_BYTES

    @wraps(function)
    def asked(*given: Asked.args, **named: Asked.kwargs) -> Answer:
        nonlocal room
        key = digest((given, sorted(named.items())))
        if key in held:
            held.move_to_end(key)
            return held[key][0]
        answer = function(*given, **named)
        size = bytes_of(answer) + EACH
        if size > MOST_BYTES:
            return answer
        held[key], room = (answer, size), room - size
        while room < 0:
            room += held.popitem(last=False)[1][1]
        return answer

    return asked


def bytes_of(thing: Any) -> int:
    """Bytes of the different arrays that something holds, however deep; a part of an array keeps all of it."""
    arrays = [owner(one) for one in parts_of(thing) if isinstance(one, np.ndarray)]
    return sum(one.nbytes for one in {id(one): one for one in arrays}.values())


def owner(array: np.ndarray) -> np.ndarray:
    """The array whose memory this one shows, or itself."""
    return owner(array.base) if isinstance(array.base, np.ndarray) else array


def digest(question: Any) -> bytes:
    """What tells a question from every other: 256 bits of its arrays, byte for byte, and of all beside them.

    Raises TypeError for an argument that is neither an array nor a plain value nor made of such.
    """
    said = blake2b(digest_size=32)
    for one in parts_of(question):
        if type(one) is np.ndarray and one.dtype.kind in WHOLE_KINDS:
            turned = one.flags.f_contiguous and not one.flags.c_contiguous
            said.update(f"{one.dtype.str}{one.shape}{turned};".encode())
            said.update(np.ascontiguousarray(one.T if turned else one).reshape(-1).view(np.uint8).data)
        elif isinstance(one, (int, float, str, type, np.generic, type(None))):
            said.update(f"{type(one)}{one!r};".encode())
        else:
            raise TypeError(f"{type(one)} cannot be told from others of its kind; pass arrays and plain values")
    return said.digest()


def parts_of(thing: Any) -> Iterator[Any]:
    """Arrays and plain values of dataclasses, lists and tuples, however deep, each of these led by its kind and
    length."""
    if is_dataclass(thing) or isinstance(thing, (list, tuple)):
        own = [getattr(thing, name) for name in thing.__dataclass_fields__] if is_dataclass(thing) else list(thing)
        yield from (type(thing), len(own))
        for one in own:
            yield from parts_of(one)
    else:
        yield thing

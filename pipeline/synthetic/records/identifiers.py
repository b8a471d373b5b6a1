"""Random tokens as a site would make them: unique, unordered, and nothing can be read from them."""

import numpy as np

LETTERS = np.frombuffer(b"23456789abcdefghjkmnpqrstuvwxyz", dtype="S1")  # 31, none that look alike
WIDTH = 7
MODULUS = np.uint64(1 << 34)  # below 31**7


def tokens(prefix: str, n: int, rng: np.random.Generator) -> np.ndarray:
    """(n,) distinct texts such as p7kq2m4x: a bijection of 0..n-1 on 34 bits, written in 31 letters."""
    odd, shift = rng.integers(1 << 30, 1 << 33, 2, dtype=np.uint64)
    number = (np.arange(n, dtype=np.uint64) * (odd | np.uint64(1)) + shift) % MODULUS
    number ^= number >> np.uint64(17)
    number = (number * np.uint64(0x2545F4915)) % MODULUS
    digits = np.empty((n, WIDTH), dtype=np.int64)
    for place in range(WIDTH):
        digits[:, place] = number % np.uint64(LETTERS.size)
        number //= np.uint64(LETTERS.size)
    text = np.ascontiguousarray(LETTERS[digits]).view(f"S{WIDTH}").ravel().astype(f"U{WIDTH}")
    return np.char.add(prefix, text).astype(object)

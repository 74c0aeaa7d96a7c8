"""Retry with exponential back-off and jitter."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class OutOfAttempts(RuntimeError):
    """Every attempt failed; the last exception is the cause."""


def retry(
    action: Callable[[], T],
    *,
    attempts: int = 5,
    first_delay: float = 0.25,
    longest_delay: float = 8.0,
    retry_on: tuple[type[Exception], ...] = (ConnectionError, TimeoutError),
) -> T:
    """Call ``action`` until it succeeds, waiting up to twice as long each time.

    >>> retry(lambda: 42)
    42
    """
    if attempts < 1:
        raise ValueError(f"attempts must be at least 1, got {attempts}")
    delay = first_delay
    for attempt in range(1, attempts + 1):
        try:
            return action()
        except retry_on as error:
            if attempt == attempts:
                raise OutOfAttempts(f"gave up after {attempts} attempts") from error
            # Full jitter: many clients that failed together must not come back together.
            time.sleep(random.uniform(0, delay))
            delay = min(delay * 2, longest_delay)
    raise AssertionError("unreachable")


if __name__ == "__main__":
    numbers = [0x1F, 1_000_000, 3.14159, 2**10]
    print(retry(lambda: sum(numbers)))

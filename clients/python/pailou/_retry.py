"""Which failed calls are made again, and when."""

from __future__ import annotations

from .errors import RPCError, Status
from .settings import RetryPolicy


class RetryBudget:
    """A bucket of retries: a retry costs one token, a success gives a part of one back."""

    def __init__(self, tokens: float, refund: float) -> None:
        self._max = tokens
        self._refund = refund
        self.tokens = tokens

    def succeeded(self) -> None:
        self.tokens = min(self._max, self.tokens + self._refund)

    def take(self) -> bool:
        """Takes a token; False when there is none."""
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


#: How often a call leaves a server that stops for the next one; such moves are no tries.
_MOVES_MAX = 16


def is_retryable(error: RPCError, *, is_safe: bool) -> bool:
    """Whether a call may be made again; `is_safe` says that doing it twice has the effect of once."""
    if error.tries is not None or error.reason == "closed":
        return False
    if error.resume or error.not_started:
        return True
    return is_safe and error.status in (Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED)


def is_of_stopping(error: RPCError) -> bool:
    """Whether a server that stops did not do the call, which the next one is to be asked for at once."""
    return error.resume or (error.not_started and error.reason == "draining")


class Retrier:
    """The retries of one call."""

    def __init__(self, policy: RetryPolicy, budget: RetryBudget) -> None:
        self._policy = policy
        self._budget = budget
        #: The attempt being made.
        self.attempt = 1
        #: A try that failed may have been done all the same, or be at it still.
        self.may_have_begun = False
        self._tries = 1

    def delay(self, error: RPCError, *, is_safe: bool, remaining: float | None, chance: float) -> float | None:
        """Seconds to wait before the next attempt, which this counts; None when there is to be none.

        `remaining` is the caller's time, `chance` is drawn from 0…1.
        """
        policy = self._policy
        self.may_have_begun |= not (error.not_started or error.resume)
        if policy.tries <= 1 or not is_retryable(error, is_safe=is_safe):
            return None
        if is_of_stopping(error) and self.attempt - self._tries < _MOVES_MAX:
            if remaining is not None and remaining <= 0:
                return None
            self.attempt += 1
            return 0.0
        if self._tries >= policy.tries:
            return None
        pause = min(policy.delay_max, policy.delay_min * 2.0 ** (self._tries - 1))
        pause *= 1 - policy.jitter + 2 * policy.jitter * chance
        pause = max(pause, error.retry_after or 0.0)
        if remaining is not None and pause >= remaining:
            return None
        if not self._budget.take():
            return None
        self._tries += 1
        self.attempt += 1
        return pause

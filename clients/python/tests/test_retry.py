"""Which failures are worth another attempt, when, and how an outage stays what it is."""

from __future__ import annotations

import unittest

from pailou._connector import Backoff, parse_address
from pailou._retry import Retrier, RetryBudget, is_retryable
from pailou.errors import RPCError, Status, too_large, unavailable
from pailou.settings import RetryPolicy


def error(status: Status, **members: object) -> RPCError:
    return RPCError.from_wire({"code": -32000, "message": "m", "data": {"status": status, **members}})


class RetryTests(unittest.TestCase):
    def test_what_is_retried(self) -> None:
        lost = unavailable("connection_lost", "m")
        limited = RPCError(Status.RESOURCE_EXHAUSTED, "m", retry_after=0.5)
        table: list[tuple[RPCError, bool, bool]] = [
            # the error, whether it is retried, whether it is if the call is safe to repeat
            (error(Status.UNAVAILABLE), False, True),
            (error(Status.UNAVAILABLE, not_started=True), True, True),
            (error(Status.DEADLINE_EXCEEDED), False, True),
            (error(Status.DEADLINE_EXCEEDED, not_started=True), True, True),
            (error(Status.UNAVAILABLE, reason="draining", resume=True), True, True),
            (lost, False, True),
            # The gateway has made the tries.
            (error(Status.UNAVAILABLE, not_started=True, tries=4), False, False),
            (error(Status.UNAVAILABLE, reason="draining", resume=True, tries=1), False, False),
            (unavailable("connection_lost", "m", not_started=True), True, True),
            (unavailable("closed", "m", not_started=True), False, False),
            (error(Status.RESOURCE_EXHAUSTED, not_started=True), True, True),
            (error(Status.INTERNAL), False, False),
            (error(Status.INVALID_ARGUMENT), False, False),
            (error(Status.ABORTED), False, False),
            (RPCError(Status.RESOURCE_EXHAUSTED, "m"), False, False),
            # An answer, which says when the caller may ask anew.
            (limited, False, False),
            (too_large(1, 2), False, False),
        ]
        for failure, plainly, safely in table:
            with self.subTest(str(failure), not_started=failure.not_started):
                self.assertEqual(is_retryable(failure, is_safe=False), plainly)
                self.assertEqual(is_retryable(failure, is_safe=True), safely)

    def test_pauses_double_up_to_a_second(self) -> None:
        policy = RetryPolicy(tries=7, jitter=0)
        retrier = Retrier(policy, RetryBudget(100, 0))
        failure = error(Status.UNAVAILABLE)
        pauses = [retrier.delay(failure, is_safe=True, remaining=None, chance=0.5) for _ in range(7)]
        self.assertEqual(pauses, [0.1, 0.2, 0.4, 0.8, 1.0, 1.0, None])
        self.assertEqual(retrier.attempt, 7)

    def test_a_pause_is_a_fifth_longer_or_shorter(self) -> None:
        for chance, expected in ((0.0, 0.08), (1.0, 0.12)):
            retrier = Retrier(RetryPolicy(), RetryBudget(10, 0))
            pause = retrier.delay(error(Status.UNAVAILABLE), is_safe=True, remaining=None, chance=chance)
            self.assertAlmostEqual(pause or 0, expected)

    def test_the_server_may_ask_for_a_longer_pause(self) -> None:
        retrier = Retrier(RetryPolicy(), RetryBudget(10, 0))
        failure = error(Status.UNAVAILABLE, retry_after_ms=3000)
        self.assertEqual(retrier.delay(failure, is_safe=True, remaining=None, chance=0.5), 3.0)

    def test_leaving_a_server_that_stops_is_free_and_at_once(self) -> None:
        budget = RetryBudget(1, 0)
        for failure in (
            error(Status.UNAVAILABLE, reason="draining", resume=True),
            error(Status.UNAVAILABLE, reason="draining", not_started=True),
        ):
            retrier = Retrier(RetryPolicy(tries=2), budget)
            pauses = [retrier.delay(failure, is_safe=False, remaining=0.01, chance=0.5) for _ in range(16)]
            self.assertEqual(pauses, [0.0] * 16)
            self.assertEqual(retrier.attempt, 17)
            self.assertIsNone(retrier.delay(failure, is_safe=False, remaining=0.01, chance=0.5))
            self.assertIsNone(Retrier(RetryPolicy(), budget).delay(failure, is_safe=False, remaining=0, chance=0.5))
            once = Retrier(RetryPolicy(tries=1), budget)
            self.assertIsNone(once.delay(failure, is_safe=False, remaining=None, chance=0.5))
        self.assertEqual(budget.tokens, 1)

    def test_no_pause_goes_beyond_the_callers_time(self) -> None:
        retrier = Retrier(RetryPolicy(), RetryBudget(10, 0))
        self.assertIsNone(retrier.delay(error(Status.UNAVAILABLE), is_safe=True, remaining=0.05, chance=0.5))
        self.assertEqual(retrier.attempt, 1)

    def test_the_budget_ends_retries_and_successes_fill_it(self) -> None:
        budget = RetryBudget(2, 0.5)
        policy = RetryPolicy()

        def retries() -> bool:
            return Retrier(policy, budget).delay(
                error(Status.UNAVAILABLE), is_safe=True, remaining=None, chance=0.5
            ) is not None

        self.assertEqual([retries(), retries(), retries()], [True, True, False])
        budget.succeeded()
        self.assertFalse(retries())
        budget.succeeded()
        self.assertTrue(retries())
        for _ in range(100):
            budget.succeeded()
        self.assertEqual(budget.tokens, 2)


class BackoffTests(unittest.TestCase):
    def test_attempts_to_connect_are_further_and_further_apart_until_one_succeeds(self) -> None:
        backoff = Backoff(0.1, 1.0)
        pauses = [round(backoff.failed(0.5), 3) for _ in range(6)]
        self.assertEqual(pauses, [0.1, 0.2, 0.4, 0.8, 1.0, 1.0])
        backoff.succeeded()
        self.assertAlmostEqual(backoff.failed(0.0), 0.08)


class AddressTests(unittest.TestCase):
    def test_addresses(self) -> None:
        self.assertEqual(parse_address("localhost:7100"), ("localhost", 7100))
        self.assertEqual(parse_address("[::1]:7100"), ("::1", 7100))
        for wrong in ("", "localhost", ":7100", "localhost:", "localhost:x", "localhost:70000"):
            with self.subTest(wrong), self.assertRaisesRegex(ValueError, "host:port"):
                parse_address(wrong)

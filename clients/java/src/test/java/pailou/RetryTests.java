package pailou;

import static pailou.Suite.equal;

import java.time.Duration;
import java.util.Map;

final class RetryTests {
    private static final long MS = 1_000_000;

    private RetryTests() {}

    private static RpcException error(int code, Map<String, Object> data) {
        return RpcException.ofReply(Map.of("code", (long) code, "message", "m", "data", data), null);
    }

    private record Row(
            String name, RpcException error, boolean isIdempotent, int attempt, long remaining, double random, long ms) {}

    static void addTo(Suite suite) {
        suite.group("retry");
        long never = Request.NEVER;
        RpcException unavailable = error(-32064, Map.of());
        Row[] rows = {
            new Row("what never started is", error(-32064, Map.of("not_started", true)), false, 1, never, 0.5, 100),
            new Row("unavailable alone is not", unavailable, false, 1, never, 0.5, -1),
            new Row("unavailable is, of an idempotent method", unavailable, true, 1, never, 0.5, 100),
            new Row("a deadline is, of an idempotent method", error(-32054, Map.of()), true, 1, never, 0.5, 100),
            new Row("a deadline is not, of another", error(-32054, Map.of()), false, 1, never, 0.5, -1),
            new Row("a long call that may resume is", error(-32064, Map.of("resume", true)), false, 1, never, 0.5, 100),
            new Row("exhausted is an answer, even with a time", error(-32058, Map.of("retry_after_ms", 700L)), true, 1, never, 0.5, -1),
            new Row("exhausted is, when it never started", error(-32058, Map.of("not_started", true, "retry_after_ms", 700L)), false, 1, never, 0.5, 700),
            new Row("exhausted without a time is not", error(-32058, Map.of()), true, 1, never, 0.5, -1),
            new Row("not found is not", error(-32055, Map.of()), true, 1, never, 0.5, -1),
            new Row("the third delay is four times the first", unavailable, true, 3, never, 0.5, 400),
            new Row("there is no fifth try", unavailable, true, 4, never, 0.5, -1),
            new Row("a delay is spread downwards", unavailable, true, 1, never, 0, 80),
            new Row("a delay must fit into the time left", unavailable, true, 1, 99 * MS, 0.5, -1),
            new Row("what the gateway has tried is not", error(-32064, Map.of("not_started", true, "tries", 4L)), true, 1, never, 0.5, -1),
            new Row("a closed client does not try", RpcException.closed(), true, 1, never, 0.5, -1),
        };
        for (Row row : rows) {
            suite.test(row.name(), () -> {
                long delay = RetryPolicy.DEFAULT.delayNanos(
                        row.error(), row.attempt(), row.isIdempotent(), row.remaining(), row.random());
                equal(delay, row.ms() < 0 ? -1 : row.ms() * MS);
            });
        }
        suite.test("delays end growing at their maximum", () -> {
            RetryPolicy many = new RetryPolicy(20, Duration.ofMillis(100), Duration.ofSeconds(1), 0.2);
            equal(many.delayNanos(unavailable, 12, true, never, 0.5), 1_000 * MS);
        });
        suite.test("the meta of a reply may say when to come again", () -> equal(
                RpcException.ofReply(Map.of("code", -32058L, "message", "m"), Map.of("retry_after_ms", 30L)).retryAfter(),
                Duration.ofMillis(30)));
        suite.test("a budget holds ten retries, and ten successes give one back", () -> {
            RetryBudget budget = new RetryBudget(10, 0.1);
            for (int n = 0; n < 10; n++) {
                equal(budget.take(), true);
            }
            equal(budget.take(), false);
            for (int n = 0; n < 9; n++) {
                budget.succeeded();
            }
            equal(budget.take(), false);
            budget.succeeded();
            budget.succeeded();
            equal(budget.take(), true);
        });
        suite.test("successes do not fill a budget beyond its size", () -> {
            RetryBudget budget = new RetryBudget(1, 1);
            budget.succeeded();
            equal(budget.take(), true);
            equal(budget.take(), false);
        });
    }
}

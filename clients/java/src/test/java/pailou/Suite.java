package pailou;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A runner of tests that needs nothing but the JDK: each has a name, a body, and at most a minute. */
final class Suite {
    private static final int SECONDS_MAX = 60;
    private static final int TESTS_AT_ONCE = 4;

    interface Body {
        void run() throws Exception;
    }

    private record Test(String name, Body body) {}

    private final List<Test> tests = new ArrayList<>();
    private String group = "";

    void group(String name) {
        group = name;
    }

    void test(String name, Body body) {
        tests.add(new Test(group + ": " + name, body));
    }

    /** Runs those whose name contains the text; answers how many failed. */
    int run(String filter) throws InterruptedException {
        List<Test> chosen = tests.stream().filter(test -> test.name().contains(filter)).toList();
        ExecutorService runners = Executors.newFixedThreadPool(TESTS_AT_ONCE);
        ExecutorService bodies = Executors.newCachedThreadPool();
        List<Future<Boolean>> results = new ArrayList<>();
        for (Test test : chosen) {
            results.add(runners.submit(() -> passes(test, bodies)));
        }
        int failures = 0;
        for (Future<Boolean> result : results) {
            try {
                failures += result.get() ? 0 : 1;
            } catch (java.util.concurrent.ExecutionException error) {
                failures += 1;
            }
        }
        runners.shutdownNow();
        bodies.shutdownNow();
        System.out.println((chosen.size() - failures) + " of " + chosen.size() + " tests passed");
        return chosen.isEmpty() ? 1 : failures;
    }

    private static boolean passes(Test test, ExecutorService bodies) {
        Future<?> body = bodies.submit(() -> {
            test.body().run();
            return null;
        });
        try {
            body.get(SECONDS_MAX, TimeUnit.SECONDS);
            System.out.println("ok      " + test.name());
            return true;
        } catch (TimeoutException error) {
            body.cancel(true);
            System.out.println("FAILED  " + test.name() + ": not done after " + SECONDS_MAX + " s");
        } catch (Exception error) {
            Throwable cause = error.getCause() != null ? error.getCause() : error;
            System.out.println("FAILED  " + test.name() + ": " + cause);
            cause.printStackTrace(System.out);
        }
        return false;
    }

    // What tests say

    static void equal(Object found, Object expected) {
        if (!Objects.deepEquals(found, expected)) {
            throw new AssertionError("expected " + expected + ", found " + found);
        }
    }

    static void isTrue(boolean condition, Object otherwise) {
        if (!condition) {
            throw new AssertionError(String.valueOf(otherwise));
        }
    }

    static <E extends Throwable> E fails(Class<E> type, Callable<?> body) throws Exception {
        Object result;
        try {
            result = body.call();
        } catch (Throwable error) {
            if (type.isInstance(error)) {
                return type.cast(error);
            }
            throw new AssertionError("expected " + type.getSimpleName() + ", found " + error, error);
        }
        throw new AssertionError("expected " + type.getSimpleName() + ", found " + result);
    }

    static RpcException fails(Callable<?> body) throws Exception {
        return fails(RpcException.class, body);
    }
}

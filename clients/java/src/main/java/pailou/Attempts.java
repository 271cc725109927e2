package pailou;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The tries of one call, counted together whoever makes them. */
final class Attempts {
    /** One try on a connection; it says how to give it up. */
    interface Once<T> {
        CompletableFuture<T> on(Connection connection, Consumer<Runnable> giveUp);
    }

    final Request request;
    private final boolean isIdempotent;
    private final RetryPolicy policy;
    private final RetryBudget budget;
    private final Connector connector;
    private final ScheduledExecutorService timers;
    /** How often a call leaves a server that stops for the next one; such moves are no tries. */
    private static final int MOVES_MAX = 16;

    private int attempt = 1;
    private int moves;
    /** The server of the last try knows the call's key, and does not do it twice. */
    private volatile boolean isKeyed;
    /** A try that failed may have been done all the same, or be at it still. */
    private volatile boolean mayHaveBegun;

    Attempts(Request request, boolean isIdempotent, RetryPolicy policy, RetryBudget budget, Connector connector,
            ScheduledExecutorService timers) {
        this.request = request;
        this.isIdempotent = isIdempotent;
        this.policy = policy;
        this.budget = budget;
        this.connector = connector;
        this.timers = timers;
    }

    /**
     * Tries until it succeeds or must not be tried again. Cancelling the future gives up the try under way.
     *
     * @param mayRepeat has the last word on another try
     */
    <T> CompletableFuture<T> run(Once<T> once, Predicate<RpcException> mayRepeat) {
        Run<T> run = new Run<>(once, mayRepeat);
        run.begin();
        return run.result;
    }

    /**
     * Nanoseconds until the next try may be made, which is then counted; -1 if there must be none.
     */
    synchronized long again(RpcException error) {
        mayHaveBegun |= !error.isNotStarted() && !error.isResumable();
        long remaining = request.deadline == Request.NEVER ? Request.NEVER : request.deadline - Clock.now();
        if (mayMove(error)) {
            if (remaining <= 0) {
                return -1;
            }
            moves += 1;
            request.meta.put("attempt", attempt + moves);
            return 0;
        }
        double random = ThreadLocalRandom.current().nextDouble();
        long delay = policy.delayNanos(error, attempt, isIdempotent || isKeyed, remaining, random);
        if (delay < 0 || !budget.take()) {
            return -1;
        }
        attempt += 1;
        request.meta.put("attempt", attempt + moves);
        return delay;
    }

    /** Whether the call leaves a server that stops: free and at once, as it adds nothing to what others have to do. */
    private boolean mayMove(RpcException error) {
        return policy.tries() > 1 && moves < MOVES_MAX && RetryPolicy.isOfStopping(error)
                && RetryPolicy.isRetryable(error, false);
    }

    private final class Run<T> {
        final CompletableFuture<T> result = new CompletableFuture<>();
        private final Once<T> once;
        private final Predicate<RpcException> mayRepeat;
        private volatile Runnable giveUp = () -> {};

        Run(Once<T> once, Predicate<RpcException> mayRepeat) {
            this.once = once;
            this.mayRepeat = mayRepeat;
            result.whenComplete((value, error) -> {
                if (result.isCancelled()) {
                    giveUp.run();
                }
            });
        }

        void begin() {
            if (result.isDone()) {
                return;
            }
            Connection open = connector.current();
            if (open != null) {
                attempt(open);
                return;
            }
            connected().whenComplete((connection, error) -> {
                if (error != null) {
                    failed(Futures.cause(error));
                } else {
                    attempt(connection);
                }
            });
        }

        /** A connection, as long as the call has time to wait for it. */
        private CompletableFuture<Connection> connected() {
            CompletableFuture<Connection> connected = new CompletableFuture<>();
            connector.connection().whenComplete((connection, error) -> {
                if (error != null) {
                    connected.completeExceptionally(error);
                } else {
                    connected.complete(connection);
                }
            });
            if (request.deadline != Request.NEVER && !connected.isDone()) {
                var timer = timers.schedule(
                        () -> connected.completeExceptionally(RpcException.deadline(true)),
                        request.deadline - Clock.now(), TimeUnit.NANOSECONDS);
                connected.whenComplete((connection, error) -> timer.cancel(false));
            }
            return connected;
        }

        private void attempt(Connection connection) {
            if (result.isDone()) {
                return;
            }
            boolean hasKey = request.meta.containsKey("idem");
            boolean takesKeys = connection.features().contains("meta");
            if (hasKey && !takesKeys && !isIdempotent && mayHaveBegun) {
                // One that does not know the call by its key would do it a second time.
                failed(RpcException.keyUnsupported());
                return;
            }
            isKeyed = hasKey && takesKeys;
            once.on(connection, this::setGiveUp).whenComplete((value, error) -> {
                if (error != null) {
                    failed(Futures.cause(error));
                } else {
                    budget.succeeded();
                    result.complete(value);
                }
            });
        }

        private void setGiveUp(Runnable giveUp) {
            this.giveUp = giveUp;
            if (result.isCancelled()) {
                giveUp.run();
            }
        }

        private void failed(Throwable error) {
            long delay = error instanceof RpcException failure && mayRepeat.test(failure) ? again(failure) : -1;
            if (delay < 0) {
                // What one try may have begun the last one does not deny.
                boolean denies = mayHaveBegun && error instanceof RpcException;
                result.completeExceptionally(denies ? ((RpcException) error).ofBegunCall() : error);
            } else if (timers.isShutdown()) {
                result.completeExceptionally(RpcException.closed());
            } else {
                timers.schedule(this::begin, delay, TimeUnit.NANOSECONDS);
            }
        }
    }
}

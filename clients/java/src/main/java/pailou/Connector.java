package pailou;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Keeps one connection to the first address that answers, and makes it anew when it is gone. */
final class Connector {
    private static final double BACKOFF_JITTER = 0.2;

    private final List<Address> addresses;
    private final Settings settings;
    private final ScheduledExecutorService timers;
    private int next;
    private volatile Connection current;
    /** The attempt under way, which all share who need a connection now. */
    private CompletableFuture<Connection> attempt;
    private int waiting;
    private int failures;
    private long notBefore;
    private boolean isClosed;
    /** Also those that only finish what they have. */
    private final Set<Connection> connections = new HashSet<>();

    Connector(List<Address> addresses, Settings settings, ScheduledExecutorService timers) {
        this.addresses = addresses;
        this.settings = settings;
        this.timers = timers;
    }

    /** The connection to use now, or null. */
    Connection current() {
        Connection connection = current;
        return connection != null && connection.isOpen() ? connection : null;
    }

    /** Fails with {@code unreachable} when no address answered, or with what hello was answered with. */
    synchronized CompletableFuture<Connection> connection() {
        if (isClosed) {
            return CompletableFuture.failedFuture(RpcException.closed());
        }
        Connection open = current();
        if (open != null) {
            return CompletableFuture.completedFuture(open);
        }
        if (waiting >= settings.waitingMax) {
            return CompletableFuture.failedFuture(RpcException.overloaded(settings.waitingMax));
        }
        if (attempt == null) {
            attempt = new CompletableFuture<>();
            long delay = Math.max(0, notBefore - Clock.now());
            timers.schedule(() -> Connection.daemon("pailou-connect", this::connect), delay, TimeUnit.NANOSECONDS);
        }
        waiting += 1;
        return attempt.whenComplete((connection, error) -> {
            synchronized (this) {
                waiting -= 1;
            }
        });
    }

    private void connect() {
        RpcException failure = null;
        for (int tried = 0; tried < addresses.size(); tried++) {
            try {
                succeeded(open(addresses.get(Math.floorMod(next, addresses.size()))));
                return;
            } catch (RpcException error) {
                failure = error;
                next += 1;
            }
        }
        failed(failure);
    }

    /**
     * Connects and says hello. A server that ends the connection on hello may be stopping, so it hears it once more; then
     * it is a stranger, and spoken to without.
     */
    private Connection open(Address address) {
        Settings plain = settings.plain();
        List<Settings> attempts = settings.isPlain ? List.of(plain) : List.of(settings, settings, plain);
        for (Settings attempt : attempts) {
            Greeting greeting = new Greeting(address, attempt);
            try {
                return greeting.await();
            } catch (RpcException error) {
                if (!greeting.connection.endedOnHello()) {
                    throw "protocol".equals(error.reason()) ? RpcException.connectionLost(error, true) : error;
                }
            }
        }
        throw RpcException.connectionLost(null, true);
    }

    /** A connection from its beginning until hello is answered. */
    private final class Greeting implements SessionListener {
        final Connection connection;
        private final CompletableFuture<Connection> greeted = new CompletableFuture<>();
        private final String name;

        Greeting(Address address, Settings settings) {
            Sockets.Link link = Sockets.open(address, settings);
            name = address.toString();
            connection = new Connection(link, settings, this, timers, this::ended);
            if (!remember(connection)) {
                Sockets.closeQuietly(link.transport());
                throw RpcException.closed();
            }
        }

        Connection await() {
            connection.start(name);
            return Futures.join(greeted);
        }

        @Override
        public void greeted(RpcException error) {
            if (error == null) {
                greeted.complete(connection);
            } else {
                greeted.completeExceptionally(error);
            }
        }

        @Override
        public void retired() {
            Connector.this.retired(connection);
        }

        private void ended() {
            forget(connection);
        }
    }

    private synchronized boolean remember(Connection connection) {
        if (!isClosed) {
            connections.add(connection);
        }
        return !isClosed;
    }

    private synchronized void forget(Connection connection) {
        connections.remove(connection);
    }

    private void succeeded(Connection connection) {
        CompletableFuture<Connection> done;
        synchronized (this) {
            current = connection;
            failures = 0;
            done = attempt;
            attempt = null;
        }
        done.complete(connection);
    }

    private void failed(RpcException failure) {
        CompletableFuture<Connection> done;
        synchronized (this) {
            double delay = Math.min(settings.backoffMax.toNanos(), settings.backoffMin.toNanos() * Math.pow(2, failures++));
            double random = ThreadLocalRandom.current().nextDouble();
            notBefore = Clock.now() + RetryPolicy.spread(delay, BACKOFF_JITTER, random);
            done = attempt;
            attempt = null;
        }
        done.completeExceptionally(failure);
    }

    private synchronized void retired(Connection connection) {
        if (connection == current) {
            current = null;
            next += 1;
        }
    }

    void close() {
        List<Connection> open;
        CompletableFuture<Connection> waiters;
        synchronized (this) {
            isClosed = true;
            current = null;
            open = List.copyOf(connections);
            waiters = attempt;
        }
        open.forEach(connection -> connection.close(RpcException.closed()));
        if (waiters != null) {
            waiters.completeExceptionally(RpcException.closed());
        }
    }
}

package pailou;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The events of one call, in order; {@link #result} is what it answers in the end.
 *
 * <p>The server gets the next credits when items are taken, so a slow reader slows it down. Progress that nobody read
 * yet is replaced by newer; of unread log lines the oldest are dropped. Closing it early cancels the call.
 */
public final class EventStream implements Iterable<Event>, AutoCloseable {
    private static final int LOGS_MAX = 256;

    /** An event, and the try it came with, whose window it belongs to. */
    private record Entry(Event event, Connection connection, Call call) {}

    private final Object lock = new Object();
    private final Deque<Entry> queue = new ArrayDeque<>();
    private final CompletableFuture<Reply> outcome;
    private int logs;
    private long lastSeq;
    private boolean isClosed;

    EventStream(Attempts attempts, int credit) {
        outcome = attempts.run(
                (connection, giveUp) -> new Once(connection, attempts.request, credit).start(giveUp),
                error -> lastSeq() == 0 || error.isResumable());
        outcome.whenComplete((reply, error) -> wake());
    }

    private long lastSeq() {
        synchronized (lock) {
            return lastSeq;
        }
    }

    private void wake() {
        synchronized (lock) {
            lock.notifyAll();
        }
    }

    /** One try. */
    private final class Once implements Sink {
        private final Connection connection;
        private final Call call;
        private final CompletableFuture<Reply> reply = new CompletableFuture<>();

        Once(Connection connection, Request request, int credit) {
            this.connection = connection;
            Map<String, Object> stream = new LinkedHashMap<>();
            stream.put("credit", credit);
            if (lastSeq() > 0) {
                stream.put("after", lastSeq());
            }
            request.stream = stream;
            this.call = new Call(request, this);
        }

        CompletableFuture<Reply> start(Consumer<Runnable> giveUp) {
            connection.submit(call);
            giveUp.accept(() -> connection.giveUp(call, "cancelled"));
            return reply;
        }

        @Override
        public boolean takesEvents() {
            return true;
        }

        @Override
        public void event(Event event) {
            arrived(new Entry(event, connection, call));
        }

        @Override
        public void settled(RpcException error, Object result, Map<?, ?> meta) {
            if (error != null) {
                reply.completeExceptionally(error);
            } else {
                reply.complete(new Reply(result, java.time.Duration.ZERO, false));
            }
        }
    }

    private void arrived(Entry entry) {
        synchronized (lock) {
            if (isClosed) {
                return;
            }
            lastSeq = Math.max(lastSeq, entry.event().seq());
            String kind = entry.event().kind();
            if (kind.equals("progress")) {
                dropFirst(kind);
            } else if (kind.equals("log") && ++logs > LOGS_MAX) {
                dropFirst(kind);
                logs -= 1;
            }
            queue.add(entry);
            lock.notifyAll();
        }
    }

    private void dropFirst(String kind) {
        for (Iterator<Entry> entries = queue.iterator(); entries.hasNext(); ) {
            if (entries.next().event().kind().equals(kind)) {
                entries.remove();
                return;
            }
        }
    }

    /**
     * The next event, waited for; null when there are no more.
     *
     * @throws RpcException when the call failed, after the events that came before
     */
    public Event next() throws InterruptedException {
        Entry entry;
        synchronized (lock) {
            while (queue.isEmpty() && !outcome.isDone()) {
                lock.wait();
            }
            entry = queue.poll();
            if (entry != null && entry.event().kind().equals("log")) {
                logs -= 1;
            }
        }
        if (entry == null) {
            if (!outcome.isCancelled()) {
                Futures.await(outcome);
            }
            return null;
        }
        if (entry.event().kind().equals("item")) {
            entry.connection().consumed(entry.call());
        }
        return entry.event();
    }

    /** What the call answered; events that nobody read are dropped. */
    public Object result() throws InterruptedException {
        while (next() != null) {
            // Dropped.
        }
        return Futures.await(outcome).result();
    }

    /**
     * One pass over the events. An interrupt ends it with a {@code CANCELLED} error, and the thread stays interrupted.
     */
    @Override
    public Iterator<Event> iterator() {
        return new Iterator<>() {
            private Event ahead;

            @Override
            public boolean hasNext() {
                try {
                    ahead = ahead != null ? ahead : EventStream.this.next();
                } catch (InterruptedException error) {
                    close();
                    Thread.currentThread().interrupt();
                    throw RpcException.local(RpcException.CANCELLED, "interrupted", "the thread was interrupted");
                }
                return ahead != null;
            }

            @Override
            public Event next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("there are no more events");
                }
                Event event = ahead;
                ahead = null;
                return event;
            }
        };
    }

    /** Cancels the call if it still runs. */
    @Override
    public void close() {
        synchronized (lock) {
            isClosed = true;
            queue.clear();
        }
        outcome.cancel(false);
    }
}

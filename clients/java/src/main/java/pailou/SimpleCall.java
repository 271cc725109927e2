package pailou;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** One try of a call with one answer. */
final class SimpleCall implements Sink {
    private final Connection connection;
    private final Consumer<Object> onProgress;
    private final CompletableFuture<Reply> outcome = new CompletableFuture<>();
    private final Call call;

    private SimpleCall(Connection connection, Request request, Consumer<Object> onProgress) {
        this.connection = connection;
        this.onProgress = onProgress;
        this.call = new Call(request, this);
    }

    static CompletableFuture<Reply> start(
            Connection connection, Request request, Consumer<Object> onProgress, Consumer<Runnable> giveUp) {
        SimpleCall one = new SimpleCall(connection, request, onProgress);
        connection.submit(one.call);
        giveUp.accept(() -> connection.giveUp(one.call, "cancelled"));
        return one.outcome;
    }

    @Override
    public boolean takesEvents() {
        return onProgress != null;
    }

    @Override
    public void event(Event event) {
        if (event.kind().equals("item")) {
            connection.consumed(call);
        } else if (event.kind().equals("progress")) {
            try {
                onProgress.accept(event.data());
            } catch (RuntimeException error) {
                // The caller's own mistake ends the caller's own call, and nobody else's.
                connection.giveUp(call, "cancelled");
                outcome.completeExceptionally(error);
            }
        }
    }

    @Override
    public void settled(RpcException error, Object result, Map<?, ?> meta) {
        if (error != null) {
            outcome.completeExceptionally(error);
            return;
        }
        long serverMs = meta != null && meta.get("server_ms") instanceof Long ms ? ms : 0;
        boolean isReplayed = meta != null && Boolean.TRUE.equals(meta.get("replayed"));
        outcome.complete(new Reply(result, Duration.ofMillis(serverMs), isReplayed));
    }
}

package pailou;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * A client of one service, at one address or several.
 *
 * <p>Connects when it is first needed, and again when the connection is lost. Safe for use by any number of threads;
 * any number of calls may run at once. Blocking methods end with {@link InterruptedException}, and cancel, when their
 * thread is interrupted; a future that is cancelled cancels its call.
 */
public final class PailouClient implements AutoCloseable {
    /** Of this library. */
    public static final String VERSION = "1.0.0";

    /** Told how far a download is. */
    @FunctionalInterface
    public interface DownloadProgress {
        /** @param size of the whole, null if the server did not say */
        void at(long octets, Long size);
    }

    private final Settings settings;
    private final Executor executor;
    private final ScheduledThreadPoolExecutor timers;
    private final Connector connector;
    private final RetryBudget budget;

    PailouClient(List<Address> addresses, Settings settings, Executor executor) {
        this.settings = settings;
        this.executor = executor != null ? executor : ForkJoinPool.commonPool();
        this.timers = new ScheduledThreadPoolExecutor(1, work -> {
            Thread thread = new Thread(work, "pailou-timers");
            thread.setDaemon(true);
            return thread;
        });
        timers.setRemoveOnCancelPolicy(true);
        // After close, what a connection that ends still wants to be reminded of does not matter.
        timers.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        this.connector = new Connector(addresses, settings, timers);
        this.budget = new RetryBudget(settings.retryTokens, settings.retryRefund);
    }

    /**
     * Begins to set up a client.
     *
     * @param addresses {@code "host:port"} or {@code "[::1]:7100"}; the next is tried when one fails or stops
     */
    public static ClientBuilder builder(String... addresses) {
        return new ClientBuilder(addresses);
    }

    /** A client with the defaults. */
    public static PailouClient of(String... addresses) {
        return builder(addresses).build();
    }

    /** Connects and says hello now; otherwise the first call does. */
    public void connect() throws InterruptedException {
        Futures.await(connector.connection().copy());
    }

    /** Ends the connections; calls under way and later ones fail {@code closed}. */
    @Override
    public void close() {
        connector.close();
        timers.shutdown();
    }

    /** Whether hello was answered on the present connection. */
    public boolean isNegotiated() {
        Connection connection = connector.current();
        return connection != null && connection.isNegotiated();
    }

    /** What was agreed on with the present connection. */
    public Set<String> features() {
        Connection connection = connector.current();
        return connection == null ? Set.of() : connection.features();
    }

    /** The result of a method without parameters. */
    public Object call(String method) throws InterruptedException {
        return call(method, null, CallOptions.DEFAULT);
    }

    /** The result; {@code params} is anything {@link Json} writes, null for none. */
    public Object call(String method, Object params) throws InterruptedException {
        return call(method, params, CallOptions.DEFAULT);
    }

    /**
     * The result, as {@link Json} reads it.
     *
     * @throws RpcException when the call failed
     */
    public Object call(String method, Object params, CallOptions options) throws InterruptedException {
        return request(method, params, options).result();
    }

    /** Like {@link #call}, and tells what the server said about the reply. */
    public Reply request(String method, Object params, CallOptions options) throws InterruptedException {
        return Futures.await(start(method, params, options));
    }

    /** The result, later. */
    public CompletableFuture<Object> callAsync(String method, Object params) {
        return callAsync(method, params, CallOptions.DEFAULT);
    }

    /** The result, later. What depends on it runs on the client's executor. */
    public CompletableFuture<Object> callAsync(String method, Object params, CallOptions options) {
        CompletableFuture<Reply> reply = start(method, params, options);
        CompletableFuture<Object> result = new CompletableFuture<>();
        reply.whenCompleteAsync((value, error) -> {
            if (error != null) {
                result.completeExceptionally(Futures.cause(error));
            } else {
                result.complete(value.result());
            }
        }, executor);
        result.whenComplete((value, error) -> {
            if (result.isCancelled()) {
                reply.cancel(false);
            }
        });
        return result;
    }

    private CompletableFuture<Reply> start(String method, Object params, CallOptions options) {
        Request request = prepare(method, params, options);
        if (options.onProgress() != null) {
            request.stream = Map.of("credit", options.credit());
        }
        return attempts(request, options, options.isIdempotent()).run(
                (connection, giveUp) -> SimpleCall.start(connection, request, options.onProgress(), giveUp),
                error -> true);
    }

    /** Hands a notification to the connection; nobody answers it. */
    public void sendNotification(String method, Object params) throws InterruptedException {
        Connection connection = Futures.await(connector.connection().copy());
        connection.tell(method, params == null ? null : Json.write(params));
    }

    /** The events of a call; close it. */
    public EventStream events(String method, Object params) {
        return events(method, params, CallOptions.DEFAULT);
    }

    /** The events of a call; close it. */
    public EventStream events(String method, Object params, CallOptions options) {
        Request request = prepare(method, params, options);
        return new EventStream(attempts(request, options, options.isIdempotent()), options.credit());
    }

    /** The octets a method answers; close it. */
    public ByteStream stream(String method, Object params) throws InterruptedException {
        return stream(method, params, CallOptions.DEFAULT);
    }

    /** The octets a method answers, once their head is here; close it. */
    public ByteStream stream(String method, Object params, CallOptions options) throws InterruptedException {
        Request request = prepare(method, params, options);
        return stream(params, options, attempts(request, options, options.isIdempotent()));
    }

    private ByteStream stream(Object params, CallOptions options, Attempts attempts) throws InterruptedException {
        Request request = attempts.request;
        request.stream = Map.of("credit", options.credit());
        ChunkStream.Start start = Futures.await(attempts.run(
                (connection, giveUp) -> ChunkStream.start(connection, request, giveUp), error -> true));
        return start.stream() != null
                ? start.stream()
                : new PieceStream(start.piece(), offset -> piece(request, params, options, offset));
    }

    private Object piece(Request request, Object params, CallOptions options, long offset) throws InterruptedException {
        Map<Object, Object> members = new LinkedHashMap<>(params instanceof Map<?, ?> map ? map : Map.of());
        members.put("offset", offset);
        CallOptions rest = request.deadline == Request.NEVER
                ? options
                : options.timeout(Duration.ofNanos(Math.max(0, request.deadline - Clock.now())));
        return call(request.method, members, rest.onProgress(null));
    }

    /** Downloads with the defaults. */
    public Content download(String method, Object params, Path path) throws IOException, InterruptedException {
        return download(method, params, path, CallOptions.DEFAULT, null);
    }

    /**
     * Streams into a file that stands under its name only when all of it is there. The method is taken to be
     * idempotent.
     *
     * @param onProgress told after every chunk; null for nobody
     * @throws RpcException when the call failed
     * @throws IOException when the file could not be written
     */
    public Content download(
            String method, Object params, Path path, CallOptions options, DownloadProgress onProgress)
            throws IOException, InterruptedException {
        Attempts attempts = attempts(prepare(method, params, options), options, true);
        return new Download(path, attempts, onProgress, () -> stream(params, options.idempotent(), attempts)).run();
    }

    /** Asks for a sign of life. */
    public void ping() throws InterruptedException {
        call("rpc.ping", null, CallOptions.DEFAULT.idempotent());
    }

    private Request prepare(String method, Object params, CallOptions options) {
        Duration timeout = options.timeout() != null ? options.timeout() : settings.timeout;
        long deadline = timeout == null ? Request.NEVER : Clock.now() + timeout.toNanos();
        Request request = new Request(method, params == null ? null : Frame.utf8(Json.write(params)), deadline);
        putIfThere(request.meta, "idem", options.idem());
        putIfThere(request.meta, "request_id", options.requestId());
        putIfThere(request.meta, "traceparent", options.traceparent());
        return request;
    }

    private static void putIfThere(Map<String, Object> meta, String name, String value) {
        if (value != null) {
            meta.put(name, value);
        }
    }

    private Attempts attempts(Request request, CallOptions options, boolean isIdempotent) {
        return new Attempts(request, isIdempotent, settings.retry, budget, connector, timers);
    }
}

package pailou;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A byte stream that comes in x-frames, and the one try of the call behind it. */
final class ChunkStream extends ByteStream implements Sink {
    /** What a call for octets began with: a stream, or the first piece of a server that has none. */
    record Start(ByteStream stream, Object piece) {}

    private final Connection connection;
    private final Call call;
    private final CompletableFuture<Start> start = new CompletableFuture<>();
    private final Object lock = new Object();
    private final Deque<byte[]> queue = new ArrayDeque<>();
    private Content content;
    private long received;
    private boolean isOver;
    private RpcException failure;

    private ChunkStream(Connection connection, Request request) {
        this.connection = connection;
        this.call = new Call(request, this);
    }

    /** Ends when the head of the stream is here; until then it may be tried again, from then on not. */
    static CompletableFuture<Start> start(Connection connection, Request request, Consumer<Runnable> giveUp) {
        ChunkStream stream = new ChunkStream(connection, request);
        connection.submit(stream.call);
        giveUp.accept(stream::close);
        return stream.start;
    }

    @Override
    public boolean takesChunks() {
        return true;
    }

    @Override
    public void chunk(byte[] payload, Object head) {
        synchronized (lock) {
            if (content == null) {
                content = Content.of(head);
            }
            received += payload.length;
            if (payload.length > 0 && !isOver) {
                queue.add(payload);
            }
            lock.notifyAll();
        }
        start.complete(new Start(this, null));
    }

    @Override
    public void settled(RpcException error, Object result, Map<?, ?> meta) {
        synchronized (lock) {
            isOver = true;
            failure = error;
            if (error == null && content != null && content.size() != null && content.size() != received) {
                failure = RpcException.local(
                        RpcException.DATA_LOSS, "size",
                        "expected " + content.size() + " octets, received " + received);
            }
            lock.notifyAll();
        }
        if (error != null) {
            start.completeExceptionally(error);
        } else {
            start.complete(new Start(null, result));
        }
    }

    @Override
    public Content content() {
        synchronized (lock) {
            return content;
        }
    }

    @Override
    byte[] nextChunk() throws IOException {
        byte[] chunk;
        synchronized (lock) {
            while (queue.isEmpty() && !isOver) {
                waitForMore();
            }
            chunk = queue.poll();
            if (chunk == null && failure != null) {
                throw failed(failure);
            }
        }
        if (chunk != null) {
            connection.consumed(call);
        }
        return chunk;
    }

    private void waitForMore() throws InterruptedIOException {
        try {
            lock.wait();
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the thread was interrupted");
        }
    }

    @Override
    public void close() {
        synchronized (lock) {
            if (!isOver) {
                failure = RpcException.local(RpcException.CANCELLED, "closed", "the stream was closed");
            }
            isOver = true;
            queue.clear();
            lock.notifyAll();
        }
        connection.giveUp(call, "cancelled");
    }
}

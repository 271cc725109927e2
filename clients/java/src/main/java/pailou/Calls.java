package pailou;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The calls of one connection: those that wait for their turn, and those that wait for their reply.
 *
 * <p>Without socket, thread and clock, like {@link Session}, which owns it. Every call is settled exactly once.
 */
final class Calls {
    /** A call given up keeps its place this long for its reply. */
    static final long LOST_AFTER_NANOS = 30_000_000_000L;

    /** A server that was told the time answers itself when it is over; this long its answer is waited for. */
    private static final long REPLY_GRACE_NANOS = 250_000_000L;

    private final Settings settings;
    private final Outbox outbox;
    /** Runs what tells a sink something, once the session is left. */
    final Consumer<Runnable> later;
    private final Wake wake;
    private final Partials partials;
    /** What comes in chunks. */
    final Chunks chunks;
    private final Map<Long, Call> inFlight = new LinkedHashMap<>();
    private final Deque<Call> waiting = new ArrayDeque<>();
    private long nextId = 1;
    private int lost;

    Set<String> features = Set.of();
    boolean isNegotiated;
    boolean isOpen;
    int inFlightMax;
    /** What the server takes; unknown of a plain one. */
    long peerFrameBytesMax = Long.MAX_VALUE;

    Calls(Settings settings, Outbox outbox, Wake wake, Consumer<Runnable> later) {
        this.settings = settings;
        this.outbox = outbox;
        this.wake = wake;
        this.later = later;
        this.partials = new Partials(settings, this::consumed);
        this.chunks = new Chunks(settings, this, partials, wake);
        this.inFlightMax = settings.plainInFlightMax;
    }

    /** What the server knows and takes. */
    void agree(Hello answer) {
        features = answer.features();
        isNegotiated = true;
        inFlightMax = answer.inFlightMax();
        peerFrameBytesMax = answer.frameBytesMax();
    }

    boolean isIdle() {
        return inFlight.isEmpty() && waiting.isEmpty();
    }

    int lost() {
        return lost;
    }

    Call find(Object id) {
        return id instanceof Long number ? inFlight.get(number) : null;
    }

    void submit(Call call, long now) {
        if (inFlight.size() < inFlightMax && waiting.isEmpty()) {
            send(call, now);
        } else if (waiting.size() >= settings.waitingMax) {
            settle(call, RpcException.overloaded(settings.waitingMax));
        } else {
            waiting.add(call);
            wake.by(call.request.deadline);
        }
    }

    private void send(Call call, long now) {
        if (call.isOver(now)) {
            settle(call, RpcException.deadline(true));
            return;
        }
        call.id = nextId++;
        byte[] params = call.request.params;
        String head = call.head(features, now);
        int length = params == null ? 0 : params.length;
        if (head.length() + length + 16L > peerFrameBytesMax) {
            settle(call, RpcException.tooLarge(length, peerFrameBytesMax));
            return;
        }
        call.isSent = true;
        inFlight.put(call.id, call);
        call.endsAt = features.contains("meta") ? after(call.request.deadline, REPLY_GRACE_NANOS) : call.request.deadline;
        wake.by(call.endsAt);
        if (length > Frame.WHOLE_OCTETS_MAX && features.contains("xframe")) {
            call.upload = new Upload(head, params);
            outbox.addUpload(call);
        } else if (params == null) {
            outbox.add(Frame.plain(head + "}"), call);
        } else {
            outbox.add(Frame.plain(Frame.utf8(head + ",\"params\":"), params, new byte[] {'}'}), call);
        }
    }

    /** Sends those that wait, as far as there is room. */
    void sendWaiting(long now) {
        while (isOpen && !waiting.isEmpty() && inFlight.size() < inFlightMax) {
            send(waiting.poll(), now);
        }
    }

    /** Nobody waits for this call any more; the server is told. */
    void giveUp(Call call, long now, String reason) {
        if (!call.isWanted) {
            return;
        }
        call.isWanted = false;
        if (!call.isSent) {
            waiting.remove(call);
        } else if (inFlight.get(call.id) == call) {
            giveUpSent(call, now, reason);
        }
    }

    private void giveUpSent(Call call, long now, String reason) {
        if (outbox.takeBack(call)) {
            inFlight.remove(call.id);
            sendWaiting(now);
            return;
        }
        call.upload = null;
        partials.drop(call);
        call.isGivenUp = true;
        call.givenUpAt = now;
        wake.by(now + LOST_AFTER_NANOS);
        if (isNegotiated) {
            tell("rpc.cancel", "{\"id\":" + call.id + ",\"reason\":" + Json.write(reason) + "}");
        } else {
            tell("$/cancelRequest", "{\"id\":" + call.id + "}");
        }
    }

    /** The reader took items or chunks of this call. */
    void consumed(Call call, int count) {
        int credit = call.consumed(count);
        if (credit > 0 && inFlight.get(call.id) == call) {
            tell("rpc.credit", "{\"id\":" + call.id + ",\"n\":" + credit + "}");
        }
    }

    void tell(String method, String params) {
        String tail = params == null ? "}" : ",\"params\":" + params + "}";
        outbox.add(Frame.plain("{\"jsonrpc\":\"2.0\",\"method\":" + Json.write(method) + tail), null);
    }

    private void settle(Call call, RpcException error) {
        settle(call, error, null, null);
    }

    private void settle(Call call, RpcException error, Object result, Map<?, ?> meta) {
        if (call.isWanted) {
            call.isWanted = false;
            later.accept(() -> call.sink.settled(error, result, meta));
        }
    }

    /** The call has its reply. */
    void finish(Call call, long now, RpcException error, Object result, Map<?, ?> meta) {
        inFlight.remove(call.id);
        partials.drop(call);
        if (call.upload != null) {
            outbox.takeBack(call);
        }
        settle(call, error, result, meta);
        sendWaiting(now);
    }

    /** Ends a call from here. */
    void end(Call call, long now, RpcException error) {
        if (call.isWanted) {
            giveUp(call, now, error.reason());
            later.accept(() -> call.sink.settled(error, null, null));
        }
    }

    void event(Call call, Event event) {
        boolean isItem = event.kind().equals("item");
        if (isItem) {
            spend(call);
        }
        if (call.isWanted && call.sink.takesEvents()) {
            later.accept(() -> call.sink.event(event));
        } else if (call.isWanted && isItem) {
            consumed(call, 1);
        }
    }

    static void spend(Call call) {
        if (--call.credit < 0) {
            throw RpcException.protocol("the server sent more than it had credit for");
        }
    }

    static Map<?, ?> meta(Map<?, ?> message) {
        return message.get("meta") instanceof Map<?, ?> meta ? meta : null;
    }

    /** Does what is due, and says when to come again. */
    void advance(long now) {
        for (Call call : List.copyOf(waiting)) {
            if (call.isOver(now)) {
                waiting.remove(call);
                settle(call, RpcException.deadline(true));
            } else {
                wake.by(call.request.deadline);
            }
        }
        for (Call call : List.copyOf(inFlight.values())) {
            if (call.isGivenUp) {
                advanceGivenUp(call, now);
            } else {
                advanceInFlight(call, now);
            }
        }
        sendWaiting(now);
    }

    private void advanceGivenUp(Call call, long now) {
        if (now - call.givenUpAt < LOST_AFTER_NANOS) {
            wake.by(call.givenUpAt + LOST_AFTER_NANOS);
            return;
        }
        inFlight.remove(call.id);
        lost += 1;
    }

    private void advanceInFlight(Call call, long now) {
        long stall = after(call.upload == null ? Request.NEVER : call.upload.stalledSince(), settings.stallTimeout.toNanos());
        boolean isAwaited = call.partial != null && call.credit > 0;
        long chunk = after(isAwaited ? call.partial.heardAt : Request.NEVER, settings.chunkTimeout.toNanos());
        if (now >= call.endsAt) {
            end(call, now, RpcException.deadline(false));
        } else if (now >= stall) {
            end(call, now, RpcException.local(
                    RpcException.ABORTED, "stalled", "the server gave no credit for the call's parameters"));
        } else if (now >= chunk) {
            end(call, now, RpcException.local(
                    RpcException.DEADLINE_EXCEEDED, "frame", "the reply's next chunk did not come"));
        } else {
            wake.by(Math.min(call.endsAt, Math.min(stall, chunk)));
        }
    }

    private static long after(long moment, long nanos) {
        return moment == Request.NEVER ? moment : moment + nanos;
    }

    /** Hands back what was never sent. */
    void endWaiting(RpcException error) {
        while (!waiting.isEmpty()) {
            settle(waiting.poll(), error);
        }
    }

    /** The connection is gone. */
    void endAll(RpcException failure) {
        List<Call> calls = new ArrayList<>(waiting);
        calls.addAll(inFlight.values());
        waiting.clear();
        inFlight.clear();
        boolean isClosed = failure != null && "closed".equals(failure.reason());
        for (Call call : calls) {
            settle(call, isClosed ? failure : RpcException.connectionLost(failure, !call.isWritten));
        }
    }
}

package pailou;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The protocol on one connection, without socket, thread and clock.
 *
 * <p>What happens outside is told by {@link #opened}, {@link #received}, {@link #advance} and {@link #ended}, each with
 * the time in nanoseconds; what is to be written is fetched from {@link #nextOutput}, and {@link #advance} wants to be
 * called at {@link #wakeAt}. State, and what ends it:
 *
 * <pre>
 *   GREETING   hello was sent      → OPEN: its answer, a refusal, or the time for hello is over · OVER
 *   OPEN       takes calls         → RETIRED: goaway, lost calls · OVER
 *   RETIRED    answers what runs   → OVER: the last reply is in
 *   OVER       the socket is to be closed; {@link #failure} says why
 * </pre>
 */
final class Session {
    enum State { GREETING, OPEN, RETIRED, OVER }

    /** Told once each. */
    interface Listener {
        /** @param error null when calls can be made */
        void greeted(RpcException error);

        void retired();
    }

    private static final List<String> FEATURES = List.of("meta", "xframe", "cancel", "stream", "goaway");
    /** Answers to hello that say: this server does not know it. */
    private static final Set<Integer> NO_HELLO = Set.of(-32700, -32600, -32601, -32602);
    private static final long HELLO_ID = 0;
    /** So many lost calls, and the connection gets no new ones. */
    private static final int LOST_CALLS_MAX = 16;
    private static final long FRAME_NANOS = 30_000_000_000L;
    private static final long FRAME_NANOS_PER_OCTET = 1_000_000_000L / 65_536;
    private static final int PEER_FRAME_BYTES_MAX = 64 * 1024 * 1024;

    private final Settings settings;
    private final Listener listener;
    private final Consumer<Runnable> later;
    private final FrameDecoder decoder;
    private final Outbox outbox = new Outbox();
    private final Wake wake = new Wake();
    private final Calls calls;

    private State state = State.GREETING;
    private RpcException failure;
    private RpcException lastWords;
    private boolean isGreeted;
    private boolean endedOnHello;
    private long helloDeadline = Request.NEVER;
    private long heardAt;
    private long pingedAt = Request.NEVER;
    private long frameBegunAt = Request.NEVER;

    /** @param later runs what tells somebody something, once the session is left */
    Session(Settings settings, Listener listener, Consumer<Runnable> later) {
        this.settings = settings;
        this.listener = listener;
        this.later = later;
        this.decoder = new FrameDecoder(settings.frameBytesMax);
        this.calls = new Calls(settings, outbox, wake, later);
    }

    State state() {
        return state;
    }

    RpcException failure() {
        return failure;
    }

    /** Hello was not answered, but the connection ended: the server may be one that takes offence at it. */
    boolean endedOnHello() {
        return endedOnHello;
    }

    Set<String> features() {
        return calls.features;
    }

    boolean isNegotiated() {
        return calls.isNegotiated;
    }

    boolean isIdle() {
        return calls.isIdle();
    }

    long wakeAt() {
        return wake.at();
    }

    Outbox.Output nextOutput(long now) {
        return outbox.next(now);
    }

    void opened(long now) {
        heardAt = now;
        if (settings.isPlain) {
            greeted();
            return;
        }
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("versions", List.of(1));
        params.put("peer", settings.name);
        params.put("role", "client");
        params.put("features", FEATURES);
        params.put("limits", Map.of("frame_bytes_max", settings.frameBytesMax, "in_flight_max", settings.inFlightMax));
        if (settings.token != null) {
            params.put("auth", Map.of("token", settings.token));
        }
        outbox.add(Frame.plain(
                "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"rpc.hello\",\"params\":" + Json.write(params) + "}"), null);
        helloDeadline = now + settings.helloTimeout.toNanos();
        wake.by(helloDeadline);
    }

    // Calls

    /** Sends the call, or lets it wait for its turn. */
    void submit(Call call, long now) {
        if (state == State.OPEN) {
            calls.submit(call, now);
        } else {
            later.accept(() -> call.sink.settled(RpcException.connectionLost(failure, true), null, null));
        }
    }

    void giveUp(Call call, long now, String reason) {
        calls.giveUp(call, now, reason);
        endIfDone();
    }

    void consumed(Call call) {
        calls.consumed(call, 1);
    }

    /** @throws RpcException when the connection takes nothing any more */
    void tell(String method, String params) {
        if (state != State.OPEN) {
            throw RpcException.connectionLost(failure, true);
        }
        calls.tell(method, params);
    }

    // Time

    /** Does what is due. */
    void advance(long now) {
        wake.clear();
        if (state == State.OVER) {
            return;
        }
        advanceHello(now);
        advanceFrame(now);
        advanceKeepAlive(now);
        if (state == State.OVER) {
            return;
        }
        calls.advance(now);
        if (calls.lost() >= LOST_CALLS_MAX) {
            retire();
        }
        endIfDone();
    }

    private void advanceHello(long now) {
        if (!isGreeted && now >= helloDeadline) {
            greeted();
        } else if (!isGreeted) {
            wake.by(helloDeadline);
        }
    }

    private void advanceFrame(long now) {
        if (frameBegunAt == Request.NEVER) {
            return;
        }
        long end = frameBegunAt + FRAME_NANOS + decoder.expectedOctets() * FRAME_NANOS_PER_OCTET;
        if (now >= end) {
            fail(RpcException.protocol("a frame that began was not completed in time"));
        } else {
            wake.by(end);
        }
    }

    private void advanceKeepAlive(long now) {
        if (!calls.isNegotiated || state == State.OVER) {
            return;
        }
        long keepAlive = settings.keepAlive.toNanos();
        if (pingedAt != Request.NEVER && now >= pingedAt + keepAlive) {
            fail(RpcException.protocol("nothing was heard for " + settings.keepAlive.multipliedBy(2)));
            return;
        }
        if (pingedAt == Request.NEVER && now >= heardAt + keepAlive) {
            pingedAt = now;
            outbox.add(Frame.plain("{\"jsonrpc\":\"2.0\",\"id\":\"keep-alive\",\"method\":\"rpc.ping\"}"), null);
        }
        wake.by((pingedAt == Request.NEVER ? heardAt : pingedAt) + keepAlive);
    }

    // What arrives

    void received(byte[] octets, int count, long now) {
        if (state == State.OVER) {
            return;
        }
        heardAt = now;
        pingedAt = Request.NEVER;
        try {
            decoder.add(octets, 0, count);
            for (Frame frame; state != State.OVER && (frame = decoder.next()) != null; ) {
                frameBegunAt = Request.NEVER;
                if (frame.isX()) {
                    xMessage(frame, now);
                } else {
                    message(frame.message(), now);
                }
            }
        } catch (RpcException error) {
            fail(error);
            return;
        }
        if (decoder.isInside() && frameBegunAt == Request.NEVER) {
            frameBegunAt = now;
            wake.by(now + FRAME_NANOS);
        }
        endIfDone();
    }

    /** @throws RpcException -32700 {@code json} */
    static Object parse(byte[] octets) {
        try {
            return Json.parse(octets);
        } catch (JsonException error) {
            throw RpcException.json(error);
        }
    }

    private void message(byte[] octets, long now) {
        if (!(parse(octets) instanceof Map<?, ?> message)) {
            throw RpcException.protocol("expected a reply or a notification, found something else");
        }
        if (message.get("method") instanceof String method) {
            notification(method, message.get("params"), now);
        } else if (!message.containsKey("result") && !message.containsKey("error")) {
            throw RpcException.protocol("expected a reply with result or error");
        } else if (!settings.isPlain && Long.valueOf(HELLO_ID).equals(message.get("id"))) {
            helloAnswered(message, now);
        } else if (message.get("id") == null && message.containsKey("error")) {
            refused(RpcException.ofReply(message.get("error"), null));
        } else {
            replied(calls.find(message.get("id")), message, now);
        }
    }

    private void replied(Call call, Map<?, ?> message, long now) {
        if (call == null) {
            return;
        }
        Map<?, ?> meta = Calls.meta(message);
        RpcException error = message.containsKey("error") ? RpcException.ofReply(message.get("error"), meta) : null;
        if (error != null && "draining".equals(error.reason()) && calls.isNegotiated && !features().contains("goaway")) {
            // Without goaway this is how a server says that it stops; with it, another one behind it may be meant.
            retire();
        }
        calls.finish(call, now, error, message.get("result"), meta);
    }

    /** An error that belongs to no call: a refusal of hello, or the server's last words. */
    private void refused(RpcException error) {
        if (!isGreeted && NO_HELLO.contains(error.code())) {
            greeted();
        } else {
            lastWords = error;
        }
    }

    private void notification(String method, Object params, long now) {
        if (method.equals("rpc.goaway")) {
            calls.tell("rpc.goaway_ack", null);
            retire();
            return;
        }
        Map<?, ?> members = params instanceof Map<?, ?> map ? map : Map.of();
        Call call = calls.find(members.get("id"));
        if (call == null) {
            return;
        }
        if (method.equals("rpc.event") && members.get("kind") instanceof String kind) {
            long seq = members.get("seq") instanceof Long number ? number : 0;
            calls.event(call, new Event(seq, kind, members.get("data")));
        } else if (method.equals("rpc.credit") && members.get("n") instanceof Long count && count > 0 && call.upload != null) {
            call.upload.grant(count);
        }
    }

    private void xMessage(Frame frame, long now) {
        if (!(parse(frame.message()) instanceof Map<?, ?> header)) {
            throw RpcException.protocol("the header of an x-frame is no object");
        }
        Call call = calls.find(header.get("id"));
        if (call != null && frame.has(Frame.OCTETS)) {
            calls.chunk(call, frame, header, now);
        } else if (call != null) {
            calls.resultChunk(call, frame, header, now);
        }
    }

    // Hello

    private void helloAnswered(Map<?, ?> message, long now) {
        if (calls.isNegotiated) {
            return;
        }
        if (message.containsKey("error")) {
            RpcException refusal = RpcException.ofReply(message.get("error"), null);
            if (!NO_HELLO.contains(refusal.code())) {
                if (!isGreeted) {
                    fail(refusal);
                }
                return;
            }
        } else if (message.get("result") instanceof Map<?, ?> result) {
            agree(result, now);
        }
        greeted();
        calls.sendWaiting(now);
    }

    private void agree(Map<?, ?> result, long now) {
        Set<String> features = new LinkedHashSet<>(FEATURES);
        features.retainAll(result.get("features") instanceof List<?> list ? list : List.of());
        Map<?, ?> limits = result.get("limits") instanceof Map<?, ?> map ? map : Map.of();
        calls.features = features;
        calls.isNegotiated = true;
        calls.inFlightMax = (int) Math.min(settings.inFlightMax, limit(limits.get("in_flight_max"), settings.inFlightMax));
        calls.peerFrameBytesMax = limit(limits.get("frame_bytes_max"), PEER_FRAME_BYTES_MAX);
        decoder.takesXFrames = features.contains("xframe");
        wake.by(now + settings.keepAlive.toNanos());
    }

    private static long limit(Object value, long otherwise) {
        return value instanceof Long number && number > 0 ? number : otherwise;
    }

    private void greeted() {
        if (isGreeted) {
            return;
        }
        isGreeted = true;
        state = State.OPEN;
        calls.isOpen = true;
        later.accept(() -> listener.greeted(null));
    }

    // The end

    /** No new calls from now on; what runs may finish. What was never sent is handed back. */
    private void retire() {
        if (state == State.GREETING) {
            fail(draining());
        }
        if (state != State.OPEN) {
            return;
        }
        state = State.RETIRED;
        calls.isOpen = false;
        later.accept(listener::retired);
        calls.endWaiting(draining());
        endIfDone();
    }

    private static RpcException draining() {
        return RpcException.notStarted(RpcException.UNAVAILABLE, "draining", "the server stops", null);
    }

    private void endIfDone() {
        if (state == State.RETIRED && calls.isIdle()) {
            over();
        }
    }

    private void fail(RpcException error) {
        if (failure == null) {
            failure = error;
        }
        ended(null);
    }

    /** The socket is gone, or is to go: every call ends. */
    void ended(RpcException error) {
        if (state == State.OVER) {
            return;
        }
        endedOnHello = state == State.GREETING && failure == null && lastWords == null;
        if (failure == null) {
            failure = lastWords != null ? lastWords : error;
        }
        over();
    }

    private void over() {
        boolean wasGreeting = state == State.GREETING;
        if (state == State.OPEN) {
            later.accept(listener::retired);
        }
        state = State.OVER;
        calls.isOpen = false;
        wake.clear();
        calls.endAll(failure);
        if (wasGreeting) {
            RpcException error = failure != null ? failure : RpcException.connectionLost(null, true);
            later.accept(() -> listener.greeted(error));
        }
    }
}

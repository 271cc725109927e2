package pailou;

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
final class Session implements Messages.Owner {
    enum State { GREETING, OPEN, RETIRED, OVER }

    /** So many lost calls, and the connection gets no new ones. */
    private static final int LOST_CALLS_MAX = 16;

    private final Settings settings;
    private final SessionListener listener;
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
    private final Messages messages;
    private final Liveness liveness;

    /** @param later runs what tells somebody something, once the session is left */
    Session(Settings settings, SessionListener listener, Consumer<Runnable> later) {
        this.settings = settings;
        this.listener = listener;
        this.later = later;
        this.decoder = new FrameDecoder(settings.frameBytesMax);
        this.liveness = new Liveness(settings);
        this.calls = new Calls(settings, outbox, wake, later);
        this.messages = new Messages(settings, calls, this);
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
        liveness.heard(now);
        if (settings.isPlain) {
            greeted();
            return;
        }
        outbox.add(Frame.plain(Hello.request(settings)), null);
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
        advanceLiveness(now);
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

    private void advanceLiveness(long now) {
        try {
            wake.by(liveness.checkFrame(now, decoder.expectedOctets()));
            if (calls.isNegotiated && liveness.needsPing(now)) {
                outbox.add(Frame.plain("{\"jsonrpc\":\"2.0\",\"id\":\"keep-alive\",\"method\":\"rpc.ping\"}"), null);
            }
        } catch (RpcException error) {
            fail(error);
            return;
        }
        if (calls.isNegotiated) {
            wake.by(liveness.pingAt());
        }
    }

    // What arrives

    void received(byte[] octets, int count, long now) {
        if (state == State.OVER) {
            return;
        }
        liveness.heard(now);
        try {
            decoder.add(octets, 0, count);
            for (Frame frame; state != State.OVER && (frame = decoder.next()) != null; ) {
                liveness.frameEnded();
                messages.read(frame, now);
            }
        } catch (RpcException error) {
            fail(error);
            return;
        }
        if (decoder.isInside()) {
            wake.by(liveness.frameBegun(now));
        }
        endIfDone();
    }

    // Hello

    @Override
    public void helloAnswered(Map<?, ?> message, long now) {
        if (calls.isNegotiated) {
            return;
        }
        if (message.containsKey("error")) {
            RpcException refusal = RpcException.ofReply(message.get("error"), null);
            if (!Hello.isOfStranger(refusal)) {
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

    /** An error that belongs to no call: a refusal of hello, or the server's last words. */
    @Override
    public void refused(RpcException error) {
        if (!isGreeted && Hello.isOfStranger(error)) {
            greeted();
        } else {
            lastWords = error;
        }
    }

    private void agree(Map<?, ?> result, long now) {
        Hello answer = Hello.of(result, settings);
        calls.agree(answer);
        decoder.takesXFrames = answer.features().contains("xframe");
        wake.by(now + settings.keepAlive.toNanos());
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
    @Override
    public void retire() {
        if (state == State.GREETING) {
            fail(RpcException.draining());
        }
        if (state != State.OPEN) {
            return;
        }
        state = State.RETIRED;
        calls.isOpen = false;
        later.accept(listener::retired);
        calls.endWaiting(RpcException.draining());
        endIfDone();
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

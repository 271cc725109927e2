package pailou;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A session with a clock moved by hand, and what it wrote as messages. */
final class Machine {
    static final Map<String, Object> HELLO_RESULT = Map.of(
            "version", 1L, "features", List.of("meta", "xframe", "cancel", "stream", "goaway"), "limits", Map.of());

    final Session session;
    private final FrameDecoder decoder = new FrameDecoder(1 << 27);
    long now = ms(1_000);
    int greeted;
    int retired;
    RpcException greetingError;

    Machine(Consumer<Settings> options) {
        Settings settings = new Settings();
        options.accept(settings);
        decoder.takesXFrames = true;
        session = new Session(settings, new SessionListener() {
            @Override
            public void greeted(RpcException error) {
                greeted += 1;
                greetingError = error;
            }

            @Override
            public void retired() {
                retired += 1;
            }
        }, Runnable::run);
        session.opened(now);
    }

    static long ms(long ms) {
        return ms * 1_000_000;
    }

    /** One that has agreed on everything. */
    static Machine negotiated(Consumer<Settings> options) {
        return negotiated(options, HELLO_RESULT);
    }

    static Machine negotiated(Consumer<Settings> options, Map<String, Object> result) {
        Machine machine = new Machine(options);
        machine.sent();
        machine.receive(Map.of("jsonrpc", "2.0", "id", 0, "result", result));
        return machine;
    }

    /** Everything it wants to write, written; an x-frame's message has also flags and payload. */
    List<Map<String, Object>> sent() {
        return sent(true);
    }

    @SuppressWarnings("unchecked")
    List<Map<String, Object>> sent(boolean isWritten) {
        List<Map<String, Object>> messages = new ArrayList<>();
        for (Outbox.Output output; (output = session.nextOutput(now)) != null; ) {
            if (isWritten && output.completes() != null) {
                output.completes().isWritten = true;
            }
            decoder.add(output.octets(), 0, output.octets().length);
            Frame frame = decoder.next();
            Map<String, Object> message = new LinkedHashMap<>((Map<String, Object>) Json.parse(frame.message()));
            if (frame.isX()) {
                message.put("flags", frame.flags());
                message.put("payload", new String(frame.payload()));
            }
            messages.add(message);
        }
        return messages;
    }

    void receive(Object message) {
        octets(Frame.plain(message instanceof String text ? text : Json.write(message)));
    }

    void receiveX(Object header, int flags, String payload) {
        octets(Frame.x(Json.write(header), flags, payload.getBytes(), 0, payload.length()));
    }

    void octets(byte[] octets) {
        session.received(octets, octets.length, now);
    }

    void reply(long id, Object result) {
        receive(Map.of("jsonrpc", "2.0", "id", id, "result", result));
    }

    void error(long id, int code, Map<String, Object> data) {
        receive(Map.of("jsonrpc", "2.0", "id", id, "error", Map.of("code", code, "message", "m", "data", data)));
    }

    void notify(String method, Object params) {
        receive(Map.of("jsonrpc", "2.0", "method", method, "params", params));
    }

    void event(long id, long seq, String kind) {
        notify("rpc.event", Map.of("id", id, "seq", seq, "kind", kind, "data", seq));
    }

    void pass(long ms) {
        now += ms(ms);
        session.advance(now);
    }

    /** A call, and what becomes of it. */
    static final class Fate implements Sink {
        final List<Event> events = new ArrayList<>();
        final List<String> chunks = new ArrayList<>();
        boolean takesEvents;
        boolean takesChunks;
        int settled;
        RpcException error;
        Object result;
        Map<?, ?> meta;
        Call call;

        @Override
        public boolean takesEvents() {
            return takesEvents;
        }

        @Override
        public boolean takesChunks() {
            return takesChunks;
        }

        @Override
        public void event(Event event) {
            events.add(event);
        }

        @Override
        public void chunk(byte[] payload, Object content) {
            chunks.add(new String(payload) + content);
        }

        @Override
        public void settled(RpcException error, Object result, Map<?, ?> meta) {
            this.settled += 1;
            this.error = error;
            this.result = result;
            this.meta = meta;
        }
    }

    Fate call() {
        return call("{}", 0, 0);
    }

    /** @param timeoutMs 0 for none @param credit 0 for a call without events */
    Fate call(String params, long timeoutMs, int credit) {
        return call(params, timeoutMs, credit, new Fate());
    }

    Fate call(String params, long timeoutMs, int credit, Fate fate) {
        Request request = new Request("m", params.getBytes(), timeoutMs == 0 ? Request.NEVER : now + ms(timeoutMs));
        if (credit > 0) {
            request.stream = Map.of("credit", credit);
        }
        fate.call = new Call(request, fate);
        session.submit(fate.call, now);
        return fate;
    }
}

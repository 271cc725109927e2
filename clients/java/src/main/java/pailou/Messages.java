package pailou;

import java.util.Map;

/** What a server says, told apart: answers to calls, answers to hello, words about the connection. */
final class Messages {
    /** Whose connection it is. */
    interface Owner {
        void helloAnswered(Map<?, ?> message, long now);

        void refused(RpcException error);

        /** The server stops: it gets no new calls. */
        void retire();
    }

    private final Settings settings;
    private final Calls calls;
    private final Owner owner;

    Messages(Settings settings, Calls calls, Owner owner) {
        this.settings = settings;
        this.calls = calls;
        this.owner = owner;
    }

    /** @throws RpcException -32700 {@code json} */
    static Object parse(byte[] octets) {
        try {
            return Json.parse(octets);
        } catch (JsonException error) {
            throw RpcException.json(error);
        }
    }

    void read(Frame frame, long now) {
        if (frame.isX()) {
            xMessage(frame, now);
        } else {
            message(frame.message(), now);
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
        } else if (!settings.isPlain && Hello.ID.equals(message.get("id"))) {
            owner.helloAnswered(message, now);
        } else if (message.get("id") == null && message.containsKey("error")) {
            owner.refused(RpcException.ofReply(message.get("error"), null));
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
        if (error != null && "draining".equals(error.reason()) && calls.isNegotiated && !calls.features.contains("goaway")) {
            // Without goaway this is how a server says that it stops; with it, another one behind it may be meant.
            owner.retire();
        }
        calls.finish(call, now, error, message.get("result"), meta);
    }

    private void notification(String method, Object params, long now) {
        if (method.equals("rpc.goaway")) {
            calls.tell("rpc.goaway_ack", null);
            owner.retire();
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
            calls.chunks.octets(call, frame, header, now);
        } else if (call != null) {
            calls.chunks.result(call, frame, header, now);
        }
    }
}

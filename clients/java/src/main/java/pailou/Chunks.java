package pailou;

import java.util.Map;

/** Answers that come in chunks: octets of a stream, or parts of a result too long for one frame. */
final class Chunks {
    private final Settings settings;
    private final Calls calls;
    private final Partials partials;
    private final Wake wake;

    Chunks(Settings settings, Calls calls, Partials partials, Wake wake) {
        this.settings = settings;
        this.calls = calls;
        this.partials = partials;
        this.wake = wake;
    }

    /** A chunk of a byte stream. */
    void octets(Call call, Frame frame, Map<?, ?> header, long now) {
        if (frame.payload().length > 0) {
            Calls.spend(call);
        }
        if (call.isWanted && !call.sink.takesChunks()) {
            calls.end(call, now, RpcException.local(
                    RpcException.FAILED_PRECONDITION, "stream",
                    "the method answers octets: use stream() or download()"));
            return;
        }
        if (call.isWanted) {
            calls.later.accept(() -> call.sink.chunk(frame.payload(), header.get("content")));
        }
        if (!frame.has(Frame.MORE)) {
            calls.finish(call, now, null, null, Calls.meta(header));
        }
    }

    /** A result beside its envelope, whole or a chunk of it. */
    void result(Call call, Frame frame, Map<?, ?> header, long now) {
        boolean isLast = !frame.has(Frame.MORE);
        if (call.partial != null || !isLast) {
            Calls.spend(call);
        }
        if (call.isWanted) {
            collect(call, frame.payload(), isLast, header, now);
        } else if (isLast) {
            calls.finish(call, now, null, null, null);
        } else {
            calls.consumed(call, 1);
        }
    }

    private void collect(Call call, byte[] payload, boolean isLast, Map<?, ?> header, long now) {
        if (!partials.add(call, payload, isLast, Calls.meta(header), now)) {
            calls.end(call, now, RpcException.tooLarge(call.partial.octets.size(), settings.frameBytesMax));
        } else if (isLast) {
            Partials.Partial partial = call.partial;
            calls.finish(call, now, null, Messages.parse(partial.octets.toByteArray()), partial.meta);
        } else {
            wake.by(now + settings.chunkTimeout.toNanos());
        }
    }
}

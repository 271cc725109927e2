package pailou;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * What waits to be written, in the order in which it should be.
 *
 * <p>Small frames go first; calls that travel in chunks give one chunk each in turn, as far as they have credit.
 */
final class Outbox {
    /** Octets to write, and the call of which they are the last ones; null if they are of none. */
    record Output(byte[] octets, Call completes) {}

    private final Deque<Output> frames = new ArrayDeque<>();
    private final Deque<Call> uploads = new ArrayDeque<>();

    void add(byte[] frame, Call call) {
        frames.add(new Output(frame, call));
    }

    void addUpload(Call call) {
        uploads.add(call);
    }

    /** Drops what is still here of a call; answers whether nothing of it had left. */
    boolean takeBack(Call call) {
        if (call.upload != null) {
            uploads.remove(call);
            return !call.upload.hasBegun();
        }
        return frames.removeIf(output -> output.completes() == call);
    }

    /** What to write next, or null. */
    Output next(long now) {
        Output frame = frames.poll();
        return frame != null ? frame : nextChunk(now);
    }

    private Output nextChunk(long now) {
        for (Iterator<Call> calls = uploads.iterator(); calls.hasNext(); ) {
            Call call = calls.next();
            if (call.upload.hasCredit()) {
                calls.remove();
                return chunk(call, now);
            }
        }
        return null;
    }

    private Output chunk(Call call, long now) {
        byte[] octets = call.upload.next(call.id, now);
        if (!call.upload.isDone()) {
            uploads.add(call);
            return new Output(octets, null);
        }
        call.upload = null;
        return new Output(octets, call);
    }
}

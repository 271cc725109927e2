package pailou;

import java.io.ByteArrayOutputStream;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.ObjIntConsumer;

/**
 * The large results of one connection that are on their way, put together within a budget of octets.
 *
 * <p>While what is at hand exceeds the budget, credit is withheld, except for the oldest result: one of them always
 * comes to its end.
 */
final class Partials {
    /** What has come of one result. */
    static final class Partial {
        final ByteArrayOutputStream octets = new ByteArrayOutputStream();
        final Map<?, ?> meta;
        long heardAt;
        private int owed;

        private Partial(Map<?, ?> meta) {
            this.meta = meta;
        }
    }

    private final Settings settings;
    private final ObjIntConsumer<Call> consumed;
    /** In the order in which they began. */
    private final Set<Call> calls = new LinkedHashSet<>();
    private long octets;

    /** @param consumed gives credit back for so many chunks */
    Partials(Settings settings, ObjIntConsumer<Call> consumed) {
        this.settings = settings;
        this.consumed = consumed;
    }

    /** Adds a chunk; answers whether the result is still within what is taken. */
    boolean add(Call call, byte[] payload, boolean isLast, Map<?, ?> meta, long now) {
        if (call.partial == null) {
            call.partial = new Partial(meta);
            calls.add(call);
        }
        Partial partial = call.partial;
        partial.octets.writeBytes(payload);
        partial.heardAt = now;
        partial.owed += isLast ? 0 : 1;
        octets += payload.length;
        giveBack();
        return partial.octets.size() <= settings.frameBytesMax;
    }

    /** Forgets what has come of a call, if anything has. */
    void drop(Call call) {
        if (calls.remove(call)) {
            octets -= call.partial.octets.size();
            call.partial = null;
            giveBack();
        }
    }

    private void giveBack() {
        boolean isOldest = true;
        for (Call call : calls) {
            if (!isOldest && octets > settings.partialBytesMax) {
                return;
            }
            isOldest = false;
            int owed = call.partial.owed;
            call.partial.owed = 0;
            consumed.accept(call, owed);
        }
    }
}

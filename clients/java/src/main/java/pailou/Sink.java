package pailou;

import java.util.Map;

/** Who wants to know how a call goes on. Told by one thread after the other, never while the connection is locked. */
interface Sink {
    /** The end, once: an error, or a reply's result and meta. */
    void settled(RpcException error, Object result, Map<?, ?> meta);

    /** Whether {@link #event} is of use; otherwise items get their credit back at once. */
    default boolean takesEvents() {
        return false;
    }

    default void event(Event event) {}

    default boolean takesChunks() {
        return false;
    }

    /** @param content of the first chunk, else null */
    default void chunk(byte[] payload, Object content) {}
}

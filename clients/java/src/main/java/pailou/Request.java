package pailou;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a caller wants done, whatever connection does it. */
final class Request {
    final String method;
    /** JSON; null for none. */
    final byte[] params;
    /** What goes into {@code meta}, without {@code timeout_ms} and {@code stream}. */
    final Map<String, Object> meta = new LinkedHashMap<>();
    /** {@code {credit, after?}}: events and chunks are wanted; null if not. */
    Map<String, Object> stream;
    /** By {@link Clock}; {@link #NEVER} for none. */
    final long deadline;

    static final long NEVER = Long.MAX_VALUE;

    Request(String method, byte[] params, long deadline) {
        this.method = method;
        this.params = params;
        this.deadline = deadline;
    }

    int credit() {
        return stream == null ? Call.CREDIT : ((Number) stream.get("credit")).intValue();
    }
}

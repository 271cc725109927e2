package pailou;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * One call on one connection: what was sent of it, what came back of it.
 *
 * <p>Belongs to {@link Calls}, which moves it from state to state: waiting → sent → settled, and from either of the
 * first two to given up (nobody wants the reply any more).
 */
final class Call {
    /** Credits a peer starts with where nobody said otherwise. */
    static final int CREDIT = 16;

    final Request request;
    final Sink sink;
    final int window;
    long id;
    /** Someone still wants to know how it ends. */
    boolean isWanted = true;
    boolean isSent;
    /** Its last octet was handed to the operating system. */
    boolean isWritten;
    /** When it ends here if no reply has come. */
    long endsAt = Request.NEVER;
    boolean isGivenUp;
    long givenUpAt;
    /** What remains to be sent of parameters that travel in chunks. */
    Upload upload;
    /** What has come of a result that travels in chunks. */
    Partials.Partial partial;
    /** What the server may still send of items and chunks. */
    int credit;
    private int owed;

    Call(Request request, Sink sink) {
        this.request = request;
        this.sink = sink;
        this.window = request.credit();
        this.credit = window;
    }

    /** The envelope up to and without {@code params}, not closed. */
    String head(Set<String> features, long now) {
        Map<String, Object> head = new LinkedHashMap<>();
        head.put("jsonrpc", "2.0");
        head.put("id", id);
        head.put("method", request.method);
        Map<String, Object> meta = features.contains("meta") ? meta(features, now) : Map.of();
        if (!meta.isEmpty()) {
            head.put("meta", meta);
        }
        String text = Json.write(head);
        return text.substring(0, text.length() - 1);
    }

    private Map<String, Object> meta(Set<String> features, long now) {
        Map<String, Object> meta = new LinkedHashMap<>(request.meta);
        if (request.deadline != Request.NEVER) {
            meta.put("timeout_ms", Math.max(0, (request.deadline - now + 999_999) / 1_000_000));
        }
        if (request.stream != null && features.contains("stream")) {
            meta.put("stream", request.stream);
        }
        return meta;
    }

    boolean isOver(long now) {
        return request.deadline != Request.NEVER && now - request.deadline >= 0;
    }

    /** Notes that the reader took items or chunks; answers the credits to give back now, or 0. */
    int consumed(int count) {
        owed += count;
        if (owed * 2 < window) {
            return 0;
        }
        int given = owed;
        owed = 0;
        credit += given;
        return given;
    }
}

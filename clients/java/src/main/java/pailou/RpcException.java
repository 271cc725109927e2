package pailou;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Why a call failed: what the server answered, or what happened here.
 *
 * <p>The message is for people and may change; programs look at {@link #code()}, {@link #status()} and
 * {@link #reason()}.
 */
public final class RpcException extends RuntimeException {
    private static final long serialVersionUID = 1;

    static final int PARSE_ERROR = -32700;
    static final int CANCELLED = -32051;
    static final int UNKNOWN = -32052;
    static final int DEADLINE_EXCEEDED = -32054;
    static final int RESOURCE_EXHAUSTED = -32058;
    static final int FAILED_PRECONDITION = -32059;
    static final int ABORTED = -32060;
    static final int UNAVAILABLE = -32064;
    static final int DATA_LOSS = -32065;
    static final int TOO_LARGE = -32070;

    /** gRPC's status words by the code that carries them. */
    private static final Map<Integer, String> STATUS_OF_CODE = Map.ofEntries(
            Map.entry(PARSE_ERROR, "INVALID_ARGUMENT"), Map.entry(-32600, "INVALID_ARGUMENT"),
            Map.entry(-32601, "UNIMPLEMENTED"), Map.entry(-32602, "INVALID_ARGUMENT"),
            Map.entry(-32603, "INTERNAL"), Map.entry(CANCELLED, "CANCELLED"), Map.entry(UNKNOWN, "UNKNOWN"),
            Map.entry(DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"), Map.entry(-32055, "NOT_FOUND"),
            Map.entry(-32056, "ALREADY_EXISTS"), Map.entry(-32057, "PERMISSION_DENIED"),
            Map.entry(RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED"),
            Map.entry(FAILED_PRECONDITION, "FAILED_PRECONDITION"), Map.entry(ABORTED, "ABORTED"),
            Map.entry(-32061, "OUT_OF_RANGE"), Map.entry(UNAVAILABLE, "UNAVAILABLE"),
            Map.entry(DATA_LOSS, "DATA_LOSS"), Map.entry(-32066, "UNAUTHENTICATED"),
            Map.entry(TOO_LARGE, "RESOURCE_EXHAUSTED"), Map.entry(-32071, "FAILED_PRECONDITION"));

    /** What is wrong with which parameter; {@code path} has names and indices from the root of the parameters. */
    public record Detail(List<Object> path, String type, String message) {}

    private final int code;
    private final transient Map<String, Object> data;
    private final String status;
    private final String reason;
    private final boolean isNotStarted;
    private final Duration retryAfter;

    private RpcException(int code, String message, Map<String, Object> data, Duration retryAfter, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.data = data;
        this.status = data.get("status") instanceof String word ? word : STATUS_OF_CODE.get(code);
        this.reason = data.get("reason") instanceof String word ? word : null;
        this.isNotStarted = Boolean.TRUE.equals(data.get("not_started"));
        this.retryAfter = retryAfter;
    }

    /** The code on the wire. */
    public int code() {
        return code;
    }

    /** gRPC's word, such as {@code UNAVAILABLE}; null of codes that are a method's own. */
    public String status() {
        return status;
    }

    /** A stable word for this very case, such as {@code overloaded}; null if there is none. */
    public String reason() {
        return reason;
    }

    /** True when the call surely never began. */
    public boolean isNotStarted() {
        return isNotStarted;
    }

    /** True of a long call that ended because its server stops: made again, it goes on elsewhere. */
    public boolean isResumable() {
        return Boolean.TRUE.equals(data.get("resume"));
    }

    /** How often somebody on the way, who owns the tries, has sent the call; 0 if nobody did. It is not sent again. */
    public int tries() {
        return data.get("tries") instanceof Long count ? (int) Math.max(0, clamp(count)) : 0;
    }

    /** How long the server asks to wait; null if it did not. */
    public Duration retryAfter() {
        return retryAfter;
    }

    /** What is wrong with which parameter. */
    public List<Detail> details() {
        List<Detail> details = new ArrayList<>();
        if (data.get("details") instanceof List<?> list) {
            for (Object item : list) {
                if (item instanceof Map<?, ?> detail) {
                    List<?> path = detail.get("path") instanceof List<?> names ? names : List.of();
                    details.add(new Detail(List.copyOf(path), text(detail.get("type")), text(detail.get("message"))));
                }
            }
        }
        return details;
    }

    /** Everything the server said beside code and message; empty for errors that happened here. */
    public Map<String, Object> data() {
        return data;
    }

    private static String text(Object value) {
        return value instanceof String text ? text : "";
    }

    /** The error of a reply. What has the wrong kind is left out: a stranger's server must not confuse us. */
    @SuppressWarnings("unchecked")
    static RpcException ofReply(Object error, Object meta) {
        Map<?, ?> members = error instanceof Map<?, ?> map ? map : Map.of();
        int code = members.get("code") instanceof Long number ? Math.toIntExact(clamp(number)) : UNKNOWN;
        String message = members.get("message") instanceof String text ? text : "the server gave no reason";
        Map<String, Object> data = members.get("data") instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
        Object after = data.get("retry_after_ms");
        if (after == null && meta instanceof Map<?, ?> map) {
            after = map.get("retry_after_ms");
        }
        Duration retryAfter = after instanceof Number ms && ms.longValue() >= 0 ? Duration.ofMillis(ms.longValue()) : null;
        return new RpcException(code, message, data, retryAfter, null);
    }

    private static long clamp(long number) {
        return Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, number));
    }

    static RpcException local(int code, String reason, String message) {
        return new RpcException(code, message, Map.of("reason", reason), null, null);
    }

    /** The server stops and took nothing of the call. */
    static RpcException draining() {
        return notStarted(UNAVAILABLE, "draining", "the server stops", null);
    }

    static RpcException notStarted(int code, String reason, String message, Throwable cause) {
        return new RpcException(code, message, Map.of("reason", reason, "not_started", true), null, cause);
    }

    static RpcException unreachable(Object address, Throwable cause) {
        return notStarted(UNAVAILABLE, "unreachable", address + " cannot be reached: " + cause.getMessage(), cause);
    }

    static RpcException connectionLost(Throwable cause, boolean isNotStarted) {
        String message = "the connection was lost" + (cause == null ? "" : ": " + cause.getMessage());
        return new RpcException(
                UNAVAILABLE, message, Map.of("reason", "connection_lost", "not_started", isNotStarted), null, cause);
    }

    static RpcException closed() {
        return local(UNAVAILABLE, "closed", "the client is closed");
    }

    /** A call that another server may have done is not for one that does not know it by its key. */
    static RpcException keyUnsupported() {
        return local(
                UNAVAILABLE, "idempotency_unsupported",
                "the call may have been done already, and this server takes no idempotency keys");
    }

    /** The same error, of a call of which an earlier try may have begun. */
    RpcException ofBegunCall() {
        if (!isNotStarted) {
            return this;
        }
        Map<String, Object> rest = new HashMap<>(data);
        rest.remove("not_started");
        return new RpcException(code, getMessage(), rest, retryAfter, getCause());
    }

    static RpcException overloaded(int limit) {
        return notStarted(UNAVAILABLE, "overloaded", "more than " + limit + " calls wait", null);
    }

    static RpcException deadline(boolean isNotStarted) {
        return new RpcException(
                DEADLINE_EXCEEDED, "the call's time is over", Map.of("reason", "deadline", "not_started", isNotStarted),
                null, null);
    }

    static RpcException tooLarge(long length, long limit) {
        return new RpcException(
                TOO_LARGE, length + " octets; at most " + limit + " are taken",
                Map.of("reason", "size", "limit", limit, "length", length), null, null);
    }

    /** What ends a connection because the server does not keep to the protocol. */
    static RpcException protocol(String message) {
        return local(PARSE_ERROR, "protocol", message);
    }

    static RpcException json(JsonException error) {
        return local(PARSE_ERROR, "json", error.getMessage());
    }
}

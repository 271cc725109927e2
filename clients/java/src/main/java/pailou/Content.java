package pailou;

import java.util.Map;

/**
 * What a byte stream is; of each member null where the server did not say.
 *
 * @param type media type
 * @param size octets that follow
 * @param range which part of the whole follows: {@code first}, {@code last}, {@code total}
 * @param modified seconds since 1970
 * @param status an HTTP status
 */
public record Content(
        String type, String name, Long size, Map<?, ?> range, String etag, Long modified, Long status) {
    static final Content UNKNOWN = new Content(null, null, null, null, null, null, null);

    static Content of(Object json) {
        if (!(json instanceof Map<?, ?> members)) {
            return UNKNOWN;
        }
        return new Content(
                text(members.get("type")), text(members.get("name")), integer(members.get("size")),
                members.get("range") instanceof Map<?, ?> range ? range : null, text(members.get("etag")),
                integer(members.get("modified")), integer(members.get("status")));
    }

    private static String text(Object value) {
        return value instanceof String text ? text : null;
    }

    private static Long integer(Object value) {
        return value instanceof Long integer ? integer : null;
    }
}

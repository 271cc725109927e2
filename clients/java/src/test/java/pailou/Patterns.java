package pailou;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What the patterns of protocol/vectors/README.md stand for. */
final class Patterns {
    private Patterns() {}

    /**
     * Whether frames stand for the patterns, in any order.
     *
     * @param hasMeta what was agreed on allows {@code meta} on replies
     */
    static boolean matchAll(List<Frame> frames, List<?> patterns, boolean hasMeta) {
        List<Frame> left = new ArrayList<>(frames);
        for (Object pattern : patterns) {
            if (!removeFirst(left, pattern, hasMeta)) {
                return false;
            }
        }
        return left.isEmpty();
    }

    private static boolean removeFirst(List<Frame> frames, Object pattern, boolean hasMeta) {
        for (Iterator<Frame> each = frames.iterator(); each.hasNext(); ) {
            if (isMatch(each.next(), pattern, hasMeta)) {
                each.remove();
                return true;
            }
        }
        return false;
    }

    static boolean isMatch(Frame frame, Object pattern, boolean hasMeta) {
        if (pattern instanceof Map<?, ?> map && map.get("x") instanceof Map<?, ?> x) {
            return frame.isX() && frame.flags() == (Long) x.get("flags")
                    && isWithin(Json.parse(frame.message()), x.get("header"))
                    && (!x.containsKey("octets") || frame.payload().length == (Long) x.get("octets"));
        }
        return !frame.isX() && isMessage(Json.parse(frame.message()), pattern, new String(frame.message()), hasMeta);
    }

    private static boolean isMessage(Object found, Object expected, String text, boolean hasMeta) {
        if (expected instanceof List<?> batch) {
            return found instanceof List<?> messages && isBatch(messages, batch, text, hasMeta);
        }
        if (!(found instanceof Map<?, ?> message)) {
            return false;
        }
        Map<?, ?> pattern = (Map<?, ?>) expected;
        if (pattern.containsKey("method")) {
            Object params = pattern.containsKey("params") ? pattern.get("params") : Map.of();
            return Objects.equals(message.get("method"), pattern.get("method")) && isWithin(message.get("params"), params);
        }
        return hasMembers(message, hasMeta) && isReply(message, pattern, text);
    }

    /** These members, and no others. */
    private static boolean hasMembers(Map<?, ?> message, boolean hasMeta) {
        Set<Object> members = new HashSet<>(message.keySet());
        if (hasMeta) {
            members.remove("meta");
        }
        return "2.0".equals(message.get("jsonrpc"))
                && (members.equals(Set.of("jsonrpc", "id", "result")) || members.equals(Set.of("jsonrpc", "id", "error")));
    }

    private static boolean isReply(Map<?, ?> message, Map<?, ?> pattern, String text) {
        if (pattern.get("meta") instanceof List<?> names
                && !(message.get("meta") instanceof Map<?, ?> meta && meta.keySet().containsAll(names))) {
            return false;
        }
        if ((pattern.containsKey("id") && !isSame(message.get("id"), pattern.get("id")))
                || (pattern.containsKey("id_token") && !text.contains("\"id\":" + pattern.get("id_token")))) {
            return false;
        }
        if (pattern.containsKey("error")) {
            return message.get("error") instanceof Map<?, ?> error && error.get("message") instanceof String words
                    && !words.isEmpty() && isWithin(error, pattern.get("error"));
        }
        if (pattern.containsKey("result_within")) {
            return isWithin(message.get("result"), pattern.get("result_within"));
        }
        return message.containsKey("result")
                && (!pattern.containsKey("result") || isSame(message.get("result"), pattern.get("result")));
    }

    private static boolean isBatch(List<?> messages, List<?> patterns, String text, boolean hasMeta) {
        List<Object> left = new ArrayList<>(patterns);
        for (Object message : messages) {
            int before = left.size();
            for (int at = 0; at < left.size() && left.size() == before; at++) {
                if (isMessage(message, left.get(at), text, hasMeta)) {
                    left.remove(at);
                }
            }
            if (left.size() == before) {
                return false;
            }
        }
        return left.isEmpty();
    }

    /** Every member given is there with this value; others may be. */
    static boolean isWithin(Object found, Object expected) {
        if (expected instanceof Map<?, ?> members) {
            return found instanceof Map<?, ?> map && members.entrySet().stream()
                    .allMatch(member -> map.containsKey(member.getKey()) && isWithin(map.get(member.getKey()), member.getValue()));
        }
        if (expected instanceof List<?> items && found instanceof List<?> list && items.size() == list.size()) {
            for (int at = 0; at < items.size(); at++) {
                if (!isWithin(list.get(at), items.get(at))) {
                    return false;
                }
            }
            return true;
        }
        return isSame(found, expected);
    }

    /** Equal, numbers by their value: 1 is 1.0. */
    static boolean isSame(Object found, Object expected) {
        if (found instanceof Number a && expected instanceof Number b && a.getClass() != b.getClass()) {
            return a.doubleValue() == b.doubleValue();
        }
        return Objects.equals(found, expected);
    }
}

package pailou;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What repeats in a case, written out as protocol/vectors/README.md says. */
final class Repeats {
    /** Members of a piece that are a text, or parts of one. */
    private static final Set<String> TEXTS = Set.of("text", "frame", "payload");

    private Repeats() {}

    static Object unfold(Object value) {
        if (value instanceof List<?> items) {
            List<Object> unfolded = new ArrayList<>();
            items.forEach(item -> addCopies(item, unfolded));
            return unfolded;
        }
        if (value instanceof Map<?, ?> members) {
            Map<Object, Object> unfolded = new LinkedHashMap<>();
            members.forEach((name, member) -> unfolded.put(
                    name, TEXTS.contains(name) && member instanceof List<?> parts ? joined(parts) : unfold(member)));
            return unfolded;
        }
        return value;
    }

    private static void addCopies(Object item, List<Object> target) {
        if (item instanceof Map<?, ?> repeat && repeat.get("repeat") instanceof Long count) {
            for (long n = 0; n < count; n++) {
                target.add(unfold(numbered(repeat.get("of"), n)));
            }
        } else {
            target.add(unfold(item));
        }
    }

    private static Object numbered(Object value, long n) {
        if (value instanceof String text) {
            return text.equals("<n>") ? (Object) n : text.replace("<n>", "" + n);
        }
        if (value instanceof List<?> items) {
            List<Object> copy = new ArrayList<>();
            items.forEach(item -> copy.add(numbered(item, n)));
            return copy;
        }
        if (value instanceof Map<?, ?> members) {
            Map<Object, Object> copy = new LinkedHashMap<>();
            members.forEach((name, member) -> copy.put(name, numbered(member, n)));
            return copy;
        }
        return value;
    }

    private static String joined(List<?> parts) {
        StringBuilder text = new StringBuilder();
        for (Object part : parts) {
            if (part instanceof Map<?, ?> repeat) {
                for (long n = 0; n < (Long) repeat.get("repeat"); n++) {
                    text.append(n > 0 && repeat.get("between") instanceof String between ? between : "");
                    text.append(((String) repeat.get("of")).replace("<n>", "" + n));
                }
            } else {
                text.append(part);
            }
        }
        return text.toString();
    }
}

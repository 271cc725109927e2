package pailou;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;

/** Writes one value behind what a text already has. */
final class JsonWriter {
    private static final String HEX = "0123456789abcdef";

    private JsonWriter() {}

    /** @param levels how deep the value may still be nested; a value that holds itself ends here */
    static void write(Object value, StringBuilder text, int levels) {
        if (value == null || value instanceof Boolean) {
            text.append(value);
        } else if (value instanceof CharSequence string) {
            writeString(string, text);
        } else if (value instanceof Number number) {
            writeNumber(number, text);
        } else if (levels == 0) {
            throw new JsonException("expected at most " + Json.DEPTH_MAX + " levels of nesting");
        } else if (value instanceof Map<?, ?> object) {
            writeObject(object, text, levels - 1);
        } else if (value instanceof Iterable<?> array) {
            writeArray(array.iterator(), text, levels - 1);
        } else if (value instanceof Object[] array) {
            writeArray(Arrays.asList(array).iterator(), text, levels - 1);
        } else {
            throw new JsonException("expected a value that JSON can hold, found " + value.getClass().getName());
        }
    }

    private static void writeObject(Map<?, ?> object, StringBuilder text, int levels) {
        char before = '{';
        for (Map.Entry<?, ?> member : object.entrySet()) {
            if (!(member.getKey() instanceof CharSequence name)) {
                throw new JsonException("expected a text as the name of a member, found " + member.getKey());
            }
            text.append(before);
            writeString(name, text);
            text.append(':');
            write(member.getValue(), text, levels);
            before = ',';
        }
        text.append(before == '{' ? "{}" : "}");
    }

    private static void writeArray(Iterator<?> array, StringBuilder text, int levels) {
        text.append('[');
        while (array.hasNext()) {
            write(array.next(), text, levels);
            if (array.hasNext()) {
                text.append(',');
            }
        }
        text.append(']');
    }

    private static void writeNumber(Number number, StringBuilder text) {
        if (!Double.isFinite(number.doubleValue()) && (number instanceof Double || number instanceof Float)) {
            throw new JsonException("expected a number that JSON can hold, found " + number);
        }
        text.append(number);
    }

    private static void writeString(CharSequence string, StringBuilder text) {
        text.append('"');
        for (int at = 0; at < string.length(); at++) {
            writeCharacter(string, at, text);
        }
        text.append('"');
    }

    private static void writeCharacter(CharSequence string, int at, StringBuilder text) {
        char letter = string.charAt(at);
        if (letter == '"' || letter == '\\') {
            text.append('\\').append(letter);
        } else if (letter < ' ' || (Character.isSurrogate(letter) && !isPaired(string, at))) {
            // A lone surrogate has no octets in UTF-8; its escape keeps it.
            text.append("\\u");
            for (int shift = 12; shift >= 0; shift -= 4) {
                text.append(HEX.charAt(letter >> shift & 15));
            }
        } else {
            text.append(letter);
        }
    }

    private static boolean isPaired(CharSequence string, int at) {
        if (Character.isHighSurrogate(string.charAt(at))) {
            return at + 1 < string.length() && Character.isLowSurrogate(string.charAt(at + 1));
        }
        return at > 0 && Character.isHighSurrogate(string.charAt(at - 1));
    }
}

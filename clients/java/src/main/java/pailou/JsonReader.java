package pailou;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads one text from its beginning to its end. */
final class JsonReader {
    /** Longer numbers are refused: turning digits into a number takes time that grows with their square. */
    private static final int NUMBER_LENGTH_MAX = 10_000;

    private final String text;
    private int at;
    private int depth;

    JsonReader(String text) {
        this.text = text;
    }

    Object whole() {
        Object value = value();
        skipSpace();
        if (at < text.length()) {
            throw wrong("the end");
        }
        return value;
    }

    private Object value() {
        skipSpace();
        switch (peek()) {
            case '{':
                return object();
            case '[':
                return array();
            case '"':
                return string();
            case 't':
                return word("true", true);
            case 'f':
                return word("false", false);
            case 'n':
                return word("null", null);
            default:
                return number();
        }
    }

    private Map<String, Object> object() {
        Map<String, Object> object = new LinkedHashMap<>();
        enter();
        if (!takeIf('}')) {
            do {
                skipSpace();
                String name = string();
                skipSpace();
                expect(':');
                object.put(name, value());
                skipSpace();
            } while (takeIf(','));
            expect('}');
        }
        depth--;
        return object;
    }

    private List<Object> array() {
        List<Object> array = new ArrayList<>();
        enter();
        if (!takeIf(']')) {
            do {
                array.add(value());
                skipSpace();
            } while (takeIf(','));
            expect(']');
        }
        depth--;
        return array;
    }

    /** Past the opening brace or bracket. */
    private void enter() {
        if (++depth > Json.DEPTH_MAX) {
            throw new JsonException("expected at most " + Json.DEPTH_MAX + " levels of nesting");
        }
        at++;
        skipSpace();
    }

    private String string() {
        expect('"');
        int start = at;
        while (peek() != '"' && peek() != '\\' && peek() >= ' ') {
            at++;
        }
        if (peek() == '"') {
            return text.substring(start, at++);
        }
        return stringWithEscapes(new StringBuilder().append(text, start, at));
    }

    private String stringWithEscapes(StringBuilder string) {
        for (;;) {
            char next = peek();
            if (next < ' ') {
                throw wrong("a character of a string");
            }
            at++;
            if (next == '"') {
                return string.toString();
            }
            string.append(next == '\\' ? escape() : next);
        }
    }

    private char escape() {
        char letter = peek();
        at++;
        switch (letter) {
            case '"':
            case '\\':
            case '/':
                return letter;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u':
                return unicode();
            default:
                at--;
                throw wrong("an escape");
        }
    }

    private char unicode() {
        int code = 0;
        for (int n = 0; n < 4; n++, at++) {
            char letter = peek();
            int digit = letter < 128 ? Character.digit(letter, 16) : -1;
            if (digit < 0) {
                throw wrong("four hexadecimal digits");
            }
            code = code * 16 + digit;
        }
        return (char) code;
    }

    private Object number() {
        int start = at;
        boolean isInteger = true;
        takeIf('-');
        if (!takeIf('0')) {
            digits();
        }
        if (takeIf('.')) {
            isInteger = false;
            digits();
        }
        if (takeIf('e') || takeIf('E')) {
            isInteger = false;
            if (!takeIf('+')) {
                takeIf('-');
            }
            digits();
        }
        if (at - start > NUMBER_LENGTH_MAX) {
            throw new JsonException("a number of " + (at - start) + " characters; at most " + NUMBER_LENGTH_MAX + " are read");
        }
        return isInteger ? integer(text.substring(start, at)) : fraction(text.substring(start, at));
    }

    private static Object integer(String digits) {
        if (digits.length() < 19) {
            return Long.parseLong(digits);
        }
        BigInteger integer = new BigInteger(digits);
        return integer.bitLength() < 64 ? (Object) integer.longValue() : integer;
    }

    private static Object fraction(String digits) {
        double number = Double.parseDouble(digits);
        try {
            return Double.isFinite(number) ? (Object) number : new BigDecimal(digits);
        } catch (NumberFormatException error) {
            throw new JsonException("the exponent of " + digits + " is out of range");
        }
    }

    private void digits() {
        int start = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        if (at == start) {
            throw wrong("a value");
        }
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw wrong("a value");
        }
        at += word.length();
        return value;
    }

    private void skipSpace() {
        while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') {
            at++;
        }
    }

    /** The next character; at the end one that fits nowhere. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private boolean takeIf(char expected) {
        if (peek() != expected || at >= text.length()) {
            return false;
        }
        at++;
        return true;
    }

    private void expect(char expected) {
        if (!takeIf(expected)) {
            throw wrong("'" + expected + "'");
        }
    }

    private JsonException wrong(String expected) {
        String found = at < text.length() ? "'" + text.charAt(at) + "'" : "the end";
        return new JsonException("expected " + expected + " at " + at + ", found " + found);
    }
}

package pailou;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * JSON as RFC 8259 says it, to the letter, between text and the JDK's own types.
 *
 * <p>Objects are {@code Map<String, Object>} in their order, arrays {@code List<Object>}, and {@code null} is null.
 * Integers are {@code Long}, or {@code BigInteger} where they do not fit: none loses a digit. Other numbers are
 * {@code Double}, or {@code BigDecimal} beyond its range.
 */
public final class Json {
    /** Levels of nesting that are read and written. */
    public static final int DEPTH_MAX = 512;

    private Json() {}

    /**
     * Reads one value and nothing behind it.
     *
     * @throws JsonException for anything that is not JSON, with the place
     */
    public static Object parse(String text) {
        return new JsonReader(text).whole();
    }

    /** The same of UTF-8 octets. */
    public static Object parse(byte[] octets) {
        try {
            return parse(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString());
        } catch (CharacterCodingException error) {
            throw new JsonException("expected JSON, found octets that are not UTF-8");
        }
    }

    /**
     * Writes maps, iterables, arrays of objects, texts, numbers, booleans and null.
     *
     * @throws JsonException for what JSON cannot hold: other types, NaN, nesting beyond {@link #DEPTH_MAX}
     */
    public static String write(Object value) {
        StringBuilder text = new StringBuilder();
        JsonWriter.write(value, text, DEPTH_MAX);
        return text.toString();
    }
}

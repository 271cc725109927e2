package pailou;

import static pailou.Suite.equal;
import static pailou.Suite.fails;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

final class JsonTests {
    private JsonTests() {}

    static void addTo(Suite suite) {
        suite.group("json");
        Map<String, Object> values = Map.ofEntries(
                Map.entry("0", 0L), Map.entry("-0", 0L), Map.entry("9007199254740993", 9007199254740993L),
                Map.entry("9223372036854775807", Long.MAX_VALUE), Map.entry("-9223372036854775808", Long.MIN_VALUE),
                Map.entry("18446744073709551615", new BigInteger("18446744073709551615")),
                Map.entry("1.5", 1.5), Map.entry("1e2", 100.0), Map.entry("1e400", new BigDecimal("1e400")),
                Map.entry("true", true), Map.entry(" [ 1 , \"a\" , [ ] , { } ] ", List.of(1L, "a", List.of(), Map.of())),
                Map.entry("{\"a\":{\"b\":[false]}}", Map.of("a", Map.of("b", List.of(false)))),
                Map.entry("\"\\u00e4\\n\\\"\\\\\\/\\ud83d\\ude00\"", "ä\n\"\\/😀"), Map.entry("\"\"", ""));
        values.forEach((text, value) -> suite.test("reads " + text, () -> equal(Json.parse(text), value)));
        for (String text : List.of(
                "", " ", "nul", "nulll", "tru", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN", "Infinity", "[1,]",
                "[,1]", "[1 2]", "[1", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:1}", "'a'", "\"a", "\"\\x\"",
                "\"\\u12g4\"", "\"\\u１234\"", "\"\n\"", "\"\0\"", "1 2", "[]]", "\ufeff1", "//\n1", "1e99999999999")) {
            suite.test("refuses " + Json.write(text), () -> fails(JsonException.class, () -> Json.parse(text)));
        }
        suite.test("reads null", () -> equal(Json.parse("null"), null));
        suite.test("refuses octets that are not UTF-8", () ->
                fails(JsonException.class, () -> Json.parse(new byte[] {'"', (byte) 0xff, '"'})));
        suite.test("nests 512 levels and no more", () -> {
            Json.parse("[".repeat(512) + "]".repeat(512));
            fails(JsonException.class, () -> Json.parse("[".repeat(513) + "]".repeat(513)));
            fails(JsonException.class, () -> Json.parse("{\"a\":".repeat(1_000_000)));
        });
        suite.test("refuses a number of very many digits", () ->
                fails(JsonException.class, () -> Json.parse("1".repeat(10_001))));
        suite.test("the last of two equal names counts", () -> equal(Json.parse("{\"a\":1,\"a\":2}"), Map.of("a", 2L)));
        writing(suite);
    }

    private static void writing(Suite suite) {
        suite.test("writes what it reads", () -> {
            String text = "{\"a\":[1,18446744073709551615,1.5,null,true,\"ä\\\"\\\\\"],\"b\":{},\"c\":[]}";
            equal(Json.write(Json.parse(text)), text);
        });
        suite.test("writes control characters and lone surrogates as escapes", () ->
                equal(Json.write("\u0001\ud800a\udc00😀"), "\"\\u0001\\ud800a\\udc00😀\""));
        suite.test("writes arrays, iterables and numbers of any kind", () -> equal(
                Json.write(Arrays.asList(new Object[] {new Integer[] {1, 2}, (byte) 3, new BigDecimal("1.10"), 2.5f})),
                "[[1,2],3,1.10,2.5]"));
        suite.test("refuses what JSON cannot hold", () -> {
            for (Object value : List.of(Double.NaN, Double.POSITIVE_INFINITY, new Object(), Map.of(1, 2), new int[0])) {
                fails(JsonException.class, () -> Json.write(value));
            }
        });
        suite.test("refuses a list that holds itself", () -> {
            List<Object> list = new ArrayList<>();
            list.add(list);
            fails(JsonException.class, () -> Json.write(list));
        });
    }
}

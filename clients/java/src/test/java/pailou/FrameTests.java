package pailou;

import static pailou.Suite.equal;
import static pailou.Suite.fails;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

final class FrameTests {
    private FrameTests() {}

    /** Every frame of the octets, given {@code step} at a time; an x-frame as flags, header and payload. */
    static List<String> decode(byte[] octets, int step, int octetsMax, boolean takesXFrames) {
        FrameDecoder decoder = new FrameDecoder(octetsMax);
        decoder.takesXFrames = takesXFrames;
        List<String> frames = new ArrayList<>();
        for (int at = 0; at < octets.length; at += step) {
            decoder.add(octets, at, Math.min(step, octets.length - at));
            for (Frame frame; (frame = decoder.next()) != null; ) {
                String message = new String(frame.message());
                frames.add(frame.isX() ? frame.flags() + message + new String(frame.payload()) : message);
            }
        }
        return frames;
    }

    static void addTo(Suite suite) {
        suite.group("frames");
        ByteArrayOutputStream several = new ByteArrayOutputStream();
        several.writeBytes(Frame.plain("{\"a\":1}"));
        several.writeBytes(Frame.plain(""));
        several.writeBytes(Frame.x("{\"id\":1}", 6, "octets".getBytes(), 0, 6));
        several.writeBytes(Frame.x("{}", 0, new byte[0], 0, 0));
        several.writeBytes(Frame.plain("日本"));
        byte[] octets = several.toByteArray();
        for (int step : new int[] {1, 2, 3, 5, 7, octets.length}) {
            suite.test(step + " octets at a time", () ->
                    equal(decode(octets, step, 1000, true), List.of("{\"a\":1}", "", "6{\"id\":1}octets", "0{}", "日本")));
        }
        suite.test("a frame that is too long is refused at its header", () -> {
            RpcException error = fails(() -> decode(new byte[] {0, 0, 0, 9}, 4, 8, true));
            equal(error.code(), -32070);
            equal(error.data(), Map.of("reason", "size", "limit", 8L, "length", 9L));
        });
        suite.test("a frame of exactly the limit is taken", () ->
                equal(decode(Frame.plain("12345678"), 12, 8, true), List.of("12345678")));
        suite.test("bit 31 is an ordinary bit until x-frames were agreed on", () -> {
            RpcException error = fails(() -> decode(Frame.x("{}", 0, new byte[0], 0, 0), 10, 1000, false));
            equal(error.data().get("length"), 0x8000_0006L);
        });
        Map<String, String> wrong = Map.of(
                "shorter than its prologue", "80000003010000", "with a header longer than itself", "80000005010000020a",
                "of an unknown type", "80000006020000027b7d");
        wrong.forEach((name, hex) -> suite.test("an x-frame " + name + " is refused", () ->
                equal(fails(() -> decode(HexFormat.of().parseHex(hex), 20, 1000, true)).reason(), "protocol")));
        suite.test("many great frames one behind the other", () -> {
            String text = "x".repeat(100_000);
            FrameDecoder decoder = new FrameDecoder(1 << 20);
            byte[] frame = Frame.plain(text);
            for (int n = 0; n < 20; n++) {
                for (int at = 0; at < frame.length; at += 9_999) {
                    decoder.add(frame, at, Math.min(9_999, frame.length - at));
                }
                equal(new String(decoder.next().message()), text);
                equal(decoder.isInside(), false);
            }
        });
    }
}

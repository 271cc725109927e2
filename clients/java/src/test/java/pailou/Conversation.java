package pailou;

import static pailou.Suite.equal;
import static pailou.Suite.isTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** One connection of a test vector: octets out, and what comes back cut into frames by the library's own decoder. */
final class Conversation implements AutoCloseable {
    private static final int RECEIVE_MS = 20_000;

    private final Socket socket;
    /** Given the octets as they come, and one by one: both must find the same. */
    private final FrameDecoder whole = new FrameDecoder(1 << 27);
    private final FrameDecoder single = new FrameDecoder(1 << 27);
    private final Deque<Frame> frames = new ArrayDeque<>();
    private boolean hasEnded;
    /** What was agreed on allows meta on replies. */
    private boolean hasMeta;

    Conversation(String address) throws IOException {
        Address server = Address.parse(address);
        socket = new Socket(server.host(), server.port());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(RECEIVE_MS);
        whole.takesXFrames = true;
        single.takesXFrames = true;
    }

    /** Writes octets at once, or one by one. */
    void send(byte[] octets, boolean isSplit) throws IOException {
        int step = isSplit ? 1 : Math.max(1, octets.length);
        try {
            for (int at = 0; at < octets.length; at += step) {
                socket.getOutputStream().write(octets, at, step);
            }
        } catch (SocketException error) {
            // A server that has heard enough may have closed already; what it said is looked at later.
        }
    }

    void end() throws IOException {
        try {
            socket.shutdownOutput();
        } catch (SocketException error) {
            // As above.
        }
    }

    /** Reads what comes next; -1 at the end, however the server ended it. */
    private int read(byte[] octets) throws IOException {
        try {
            return socket.getInputStream().read(octets);
        } catch (SocketException error) {
            return -1;
        }
    }

    /** The next frame, or null at the end of the connection. */
    private Frame next() throws IOException {
        byte[] octets = new byte[65_536];
        while (frames.isEmpty() && !hasEnded) {
            int count = read(octets);
            hasEnded = count < 0;
            decode(octets, count);
        }
        return frames.poll();
    }

    private void decode(byte[] octets, int count) {
        List<Frame> found = new ArrayList<>();
        List<Frame> singles = new ArrayList<>();
        if (count > 0) {
            whole.add(octets, 0, count);
            addFrames(whole, found);
        }
        for (int at = 0; at < count; at++) {
            single.add(octets, at, 1);
            addFrames(single, singles);
        }
        equal(describe(singles), describe(found));
        frames.addAll(found);
    }

    private static void addFrames(FrameDecoder decoder, List<Frame> frames) {
        for (Frame frame; (frame = decoder.next()) != null; ) {
            frames.add(frame);
        }
    }

    static String describe(List<Frame> frames) {
        StringBuilder text = new StringBuilder();
        for (Frame frame : frames) {
            text.append(frame.flags()).append(' ').append(new String(frame.message(), StandardCharsets.UTF_8)).append(' ')
                    .append(frame.isX() ? HexFormat.of().formatHex(frame.payload()) : "").append('\n');
        }
        return text.toString();
    }

    void receive(List<?> patterns) throws IOException {
        if (patterns.size() == 1 && ((Object) patterns.get(0)) instanceof Map<?, ?> map && map.get("stream") instanceof Map<?, ?> stream) {
            receiveStream(stream);
            return;
        }
        if (patterns.size() == 1 && ((Object) patterns.get(0)) instanceof Map<?, ?> map && map.get("chunks") instanceof Map<?, ?> chunks) {
            receiveChunks(chunks);
            return;
        }
        List<Frame> found = new ArrayList<>();
        for (Frame frame; found.size() < patterns.size() && (frame = next()) != null; ) {
            found.add(frame);
        }
        isTrue(Patterns.matchAll(found, patterns, hasMeta), "expected " + Json.write(patterns) + ", found " + describe(found));
        for (Frame frame : found) {
            // Only the answer to hello lists features.
            hasMeta |= hasFeatureMeta(frame);
        }
    }

    private static boolean hasFeatureMeta(Frame frame) {
        return !frame.isX() && Json.parse(frame.message()) instanceof Map<?, ?> message
                && message.get("result") instanceof Map<?, ?> result
                && result.get("features") instanceof List<?> features && features.contains("meta");
    }

    private void receiveChunks(Map<?, ?> pattern) throws IOException {
        byte[] expected = Frame.utf8((String) pattern.get("text"));
        boolean hasMore = Boolean.TRUE.equals(pattern.get("more"));
        ByteArrayOutputStream found = new ByteArrayOutputStream();
        for (boolean isLast = false; !isLast && (found.size() < expected.length || !hasMore); ) {
            Frame frame = next();
            isTrue(frame != null && frame.isX() && !frame.has(Frame.OCTETS), "expected a chunk");
            isTrue(Patterns.isSame(((Map<?, ?>) Json.parse(frame.message())).get("id"), pattern.get("id")), new String(frame.message()));
            isTrue(frame.payload().length <= Frame.CHUNK_OCTETS, frame.payload().length);
            found.writeBytes(frame.payload());
            isLast = !frame.has(Frame.MORE);
            isTrue(!isLast || !hasMore, "the reply ended too early");
        }
        isTrue(java.util.Arrays.equals(found.toByteArray(), expected), "found " + found.size() + " octets");
    }

    private void receiveStream(Map<?, ?> pattern) throws IOException {
        long from = pattern.get("from") instanceof Long offset ? offset : 0;
        long offset = from;
        for (boolean isFirst = true, isLast = false; !isLast; isFirst = false) {
            Frame frame = next();
            if (frame == null || !frame.isX()) {
                isTrue(frame != null && pattern.get("broken") != null && Patterns.isMatch(frame, pattern.get("broken"), hasMeta),
                        "expected a chunk, found " + (frame == null ? "the end" : new String(frame.message())));
                break;
            }
            Map<?, ?> header = (Map<?, ?>) Json.parse(frame.message());
            isTrue(Patterns.isSame(header.get("id"), pattern.get("id")), header);
            isTrue(!isFirst || !pattern.containsKey("content") || Patterns.isWithin(header.get("content"), pattern.get("content")), header);
            for (byte octet : frame.payload()) {
                equal((long) (octet & 0xff), offset++ % 251);
            }
            isLast = !frame.has(Frame.MORE);
            isTrue(!isLast || !pattern.containsKey("broken"), "the stream ended well");
        }
        equal(offset - from, pattern.get("octets"));
    }

    void receiveText(String text) throws IOException {
        byte[] found = socket.getInputStream().readNBytes(text.length());
        equal(new String(found, StandardCharsets.ISO_8859_1), text);
        socket.getInputStream().readAllBytes();
        hasEnded = true;
    }

    /** The server ends the connection, and nothing more comes before that. */
    void closed() throws IOException {
        equal(describe(rest()), "");
    }

    /** Every frame until the server ends the connection. */
    List<Frame> rest() throws IOException {
        List<Frame> rest = new ArrayList<>();
        for (Frame frame; (frame = next()) != null; ) {
            rest.add(frame);
        }
        return rest;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** The octets of the pieces of a step. */
    static byte[] octets(List<?> pieces) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        for (Object piece : pieces) {
            octets.writeBytes(piece((Map<?, ?>) piece));
        }
        return octets.toByteArray();
    }

    private static byte[] piece(Map<?, ?> piece) {
        if (piece.get("hex") instanceof String hex) {
            return HexFormat.of().parseHex(hex);
        }
        if (piece.get("text") instanceof String text) {
            return Frame.utf8(text);
        }
        if (piece.get("frame") instanceof String text) {
            return Frame.plain(text);
        }
        if (piece.get("x") instanceof Map<?, ?> x) {
            byte[] payload = Frame.utf8(x.containsKey("payload") ? text(x.get("payload")) : "");
            return Frame.x(text(x.get("header")), ((Long) x.get("flags")).intValue(), payload, 0, payload.length);
        }
        if (piece.get("fill") instanceof String hex) {
            byte[] octets = new byte[((Long) piece.get("times")).intValue()];
            java.util.Arrays.fill(octets, HexFormat.of().parseHex(hex)[0]);
            return octets;
        }
        throw new AssertionError("unknown piece " + piece);
    }

    private static String text(Object value) {
        return value instanceof String text ? text : Json.write(value);
    }
}

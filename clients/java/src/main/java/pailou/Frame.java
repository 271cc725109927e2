package pailou;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * One frame of a connection: a message, or, of an x-frame, a header with a payload beside it.
 *
 * @param flags of an x-frame; -1 of a plain one
 * @param message the message, or the header
 * @param payload null of a plain frame
 */
record Frame(int flags, byte[] message, byte[] payload) {
    /** The payload is octets, not JSON. */
    static final int OCTETS = 2;
    /** More chunks of this id follow. */
    static final int MORE = 4;

    static final int X_BIT = 0x8000_0000;
    static final int MESSAGE_TYPE = 1;
    /** The largest payload of one chunk. */
    static final int CHUNK_OCTETS = 65_536;
    /** Parameters and results longer than this travel in chunks. */
    static final int WHOLE_OCTETS_MAX = 262_144;

    boolean isX() {
        return flags >= 0;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** The octets of a plain frame, from the parts of its text. */
    static byte[] plain(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteBuffer frame = ByteBuffer.allocate(4 + length).putInt(length);
        for (byte[] part : parts) {
            frame.put(part);
        }
        return frame.array();
    }

    static byte[] plain(String text) {
        return plain(utf8(text));
    }

    /** The octets of an x-frame with this part of the payload. */
    static byte[] x(String header, int flags, byte[] payload, int from, int count) {
        byte[] head = utf8(header);
        return ByteBuffer.allocate(8 + head.length + count)
                .putInt(X_BIT + 4 + head.length + count)
                .put((byte) MESSAGE_TYPE)
                .put((byte) flags)
                .putShort((short) head.length)
                .put(head)
                .put(payload, from, count)
                .array();
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

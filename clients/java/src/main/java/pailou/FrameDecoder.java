package pailou;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Cuts what arrives into frames.
 *
 * <p>Refuses a frame that is too long at its header; until it is complete, it costs about what has arrived of it.
 */
final class FrameDecoder {
    private static final int BUFFER_OCTETS_MIN = 8_192;

    private final int octetsMax;
    private byte[] buffer = new byte[BUFFER_OCTETS_MIN];
    private int start;
    private int end;
    /** Length of the body that is being collected; -1 while the four octets before it are. */
    private int length = -1;
    private boolean isX;
    /** X-frames are understood from the moment they were agreed on. */
    boolean takesXFrames;

    FrameDecoder(int octetsMax) {
        this.octetsMax = octetsMax;
    }

    /** True while a frame has begun and is not complete. */
    boolean isInside() {
        return length >= 0 || end > start;
    }

    /** Octets of the frame that is being collected, as far as known. */
    int expectedOctets() {
        return Math.max(0, length);
    }

    void add(byte[] octets, int from, int count) {
        makeRoom(count);
        System.arraycopy(octets, from, buffer, end, count);
        end += count;
    }

    private void makeRoom(int count) {
        int held = end - start;
        if (end + count <= buffer.length) {
            return;
        }
        byte[] target = buffer;
        if (held + count > buffer.length) {
            target = new byte[Math.max(held + count, (int) Math.min(Integer.MAX_VALUE - 8L, 2L * buffer.length))];
        } else if (held == 0 && buffer.length > 16 * BUFFER_OCTETS_MIN && count <= BUFFER_OCTETS_MIN) {
            // What one great frame needed is not kept for the small ones after it.
            target = new byte[BUFFER_OCTETS_MIN];
        }
        System.arraycopy(buffer, start, target, 0, held);
        buffer = target;
        start = 0;
        end = held;
    }

    /**
     * The next complete frame, or null.
     *
     * @throws RpcException {@code size} or {@code protocol}; nothing can be read after it
     */
    Frame next() {
        if (length < 0) {
            if (end - start < 4) {
                return null;
            }
            readLength(ByteBuffer.wrap(buffer, start, 4).getInt());
            start += 4;
        }
        if (end - start < length) {
            return null;
        }
        byte[] body = Arrays.copyOfRange(buffer, start, start + length);
        start += length;
        length = -1;
        return isX ? xFrame(body) : new Frame(-1, body, null);
    }

    private void readLength(int prefix) {
        isX = takesXFrames && prefix < 0;
        long found = isX ? prefix & 0x7fff_ffffL : prefix & 0xffff_ffffL;
        if (found > octetsMax) {
            throw RpcException.tooLarge(found, octetsMax);
        }
        length = (int) found;
    }

    private static Frame xFrame(byte[] body) {
        if (body.length < 4) {
            throw RpcException.protocol("expected an x-frame's type, flags and header length, found its end");
        }
        int headerEnd = 4 + (ByteBuffer.wrap(body).getShort(2) & 0xffff);
        if (headerEnd > body.length) {
            throw RpcException.protocol("the header of an x-frame is longer than the frame");
        }
        if (body[0] != Frame.MESSAGE_TYPE) {
            throw RpcException.protocol("expected an x-frame of type 1, found type " + body[0]);
        }
        return new Frame(
                body[1] & 0xff, Arrays.copyOfRange(body, 4, headerEnd),
                Arrays.copyOfRange(body, headerEnd, body.length));
    }
}

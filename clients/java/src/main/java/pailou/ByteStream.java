package pailou;

import java.io.IOException;
import java.io.InputStream;

/**
 * Octets that a method answers.
 *
 * <p>The server gets the next credits when chunks are taken. It ends well only when all of it came: when the call fails
 * later, or fewer octets came than the server had said, {@code read} throws an {@link IOException} whose cause is the
 * {@link RpcException}. Closing it early cancels the call.
 */
public abstract class ByteStream extends InputStream {
    private final byte[] single = new byte[1];
    private byte[] chunk = new byte[0];
    private int at;

    ByteStream() {}

    /** What the server said of the octets; nothing of it where the server knows no byte streams. */
    public abstract Content content();

    /** The next octets, waited for; null at the end. */
    abstract byte[] nextChunk() throws IOException;

    @Override
    public int read() throws IOException {
        return read(single, 0, 1) < 0 ? -1 : single[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int from, int count) throws IOException {
        if (count == 0) {
            return 0;
        }
        while (at == chunk.length) {
            byte[] next = nextChunk();
            if (next == null) {
                return -1;
            }
            chunk = next;
            at = 0;
        }
        int read = Math.min(count, chunk.length - at);
        System.arraycopy(chunk, at, target, from, read);
        at += read;
        return read;
    }

    @Override
    public int available() {
        return chunk.length - at;
    }

    @Override
    public abstract void close();

    static IOException failed(RpcException error) {
        return new IOException(error.getMessage(), error);
    }
}

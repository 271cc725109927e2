package pailou;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Base64;
import java.util.Map;

/** A byte stream of a server that answers one piece a call. */
final class PieceStream extends ByteStream {
    /** Asks for the piece at an offset. */
    interface Source {
        Object piece(long offset) throws InterruptedException;
    }

    private record Piece(byte[] octets, long offset, boolean isLast) {}

    private final Source source;
    private Piece piece;
    private boolean isTaken;

    /** @throws RpcException if this is no piece */
    PieceStream(Object first, Source source) {
        this.source = source;
        this.piece = decode(first, -1);
    }

    @Override
    public Content content() {
        return Content.UNKNOWN;
    }

    @Override
    byte[] nextChunk() throws IOException {
        if (isTaken && piece.isLast) {
            return null;
        }
        if (isTaken) {
            piece = next(piece.offset + piece.octets.length);
        }
        isTaken = true;
        return piece.octets;
    }

    private Piece next(long offset) throws IOException {
        try {
            return decode(source.piece(offset), offset);
        } catch (RpcException error) {
            throw failed(error);
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the thread was interrupted");
        }
    }

    /** @param expected the offset it must have; -1 for any */
    private static Piece decode(Object value, long expected) {
        if (!(value instanceof Map<?, ?> members) || !(members.get("base64") instanceof String base64)
                || !(members.get("offset") instanceof Long offset) || !(members.get("eof") instanceof Boolean isLast)) {
            throw RpcException.local(
                    RpcException.FAILED_PRECONDITION, "stream", "the method answers no octets: use call()");
        }
        byte[] octets = octets(base64);
        if (octets == null || (expected >= 0 && offset != expected) || (octets.length == 0 && !isLast)) {
            throw RpcException.local(
                    RpcException.DATA_LOSS, "piece", "a piece of the stream cannot be used; expected the one at " + expected);
        }
        return new Piece(octets, offset, isLast);
    }

    private static byte[] octets(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException error) {
            return null;
        }
    }

    @Override
    public void close() {
        piece = new Piece(new byte[0], 0, true);
        isTaken = true;
    }
}

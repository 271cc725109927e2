package pailou;

/** Parameters on their way in chunks. */
final class Upload {
    private final String head;
    private final byte[] payload;
    private int offset;
    /** Chunks the server takes now. */
    private long credit = Call.CREDIT;
    private long stalledSince;

    Upload(String head, byte[] payload) {
        this.head = head;
        this.payload = payload;
    }

    boolean hasBegun() {
        return offset > 0;
    }

    boolean isDone() {
        return offset == payload.length;
    }

    boolean hasCredit() {
        return credit > 0;
    }

    /** By the session's clock; {@link Request#NEVER} while there is credit. */
    long stalledSince() {
        return credit > 0 ? Request.NEVER : stalledSince;
    }

    /** The next chunk as octets to write; takes a credit. */
    byte[] next(long id, long now) {
        String header = offset == 0 ? head + "}" : "{\"jsonrpc\":\"2.0\",\"id\":" + id + "}";
        int from = offset;
        offset = Math.min(payload.length, offset + Frame.CHUNK_OCTETS);
        credit -= 1;
        stalledSince = now;
        return Frame.x(header, isDone() ? 0 : Frame.MORE, payload, from, offset - from);
    }

    void grant(long count) {
        credit += count;
    }
}

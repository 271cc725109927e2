package pailou;

/** When something is due next; never later than what is due first. */
final class Wake {
    private long at = Request.NEVER;

    long at() {
        return at;
    }

    void by(long moment) {
        at = Math.min(at, moment);
    }

    void clear() {
        at = Request.NEVER;
    }
}

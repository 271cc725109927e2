package pailou;

/** Nanoseconds since this class was loaded: never negative, so that sums and comparisons need no care. */
final class Clock {
    private static final long START = System.nanoTime();

    private Clock() {}

    static long now() {
        return System.nanoTime() - START;
    }
}

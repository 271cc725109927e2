package pailou;

/**
 * What a call told before its reply.
 *
 * @param seq counts the events of the call from 1
 * @param kind {@code item}, {@code progress} or {@code log}
 * @param data any JSON, as {@link Json} reads it
 */
public record Event(long seq, String kind, Object data) {}

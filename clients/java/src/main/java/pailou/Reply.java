package pailou;

import java.time.Duration;

/**
 * A result, and what the server said about it.
 *
 * @param result any JSON, as {@link Json} reads it
 * @param serverTime how long the server took; zero where it did not say
 * @param isReplayed the server had done this call before, under the same key, and gives the reply of that time
 */
public record Reply(Object result, Duration serverTime, boolean isReplayed) {}

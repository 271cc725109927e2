package pailou;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a server listens. */
record Address(String host, int port) {
    private static final Pattern FORM = Pattern.compile("(?:\\[([0-9a-fA-F:.%\\w]+)\\]|([^:\\[\\]\\s]+)):(\\d{1,5})");

    static Address parse(String text) {
        Matcher matcher = FORM.matcher(text);
        int port = matcher.matches() ? Integer.parseInt(matcher.group(3)) : 0;
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException(
                    "expected an address such as \"127.0.0.1:7100\" or \"[::1]:7100\", found \"" + text + "\"");
        }
        return new Address(matcher.group(1) != null ? matcher.group(1) : matcher.group(2), port);
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}

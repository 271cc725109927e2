package pailou;

import static pailou.Suite.equal;
import static pailou.Suite.isTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Every case of protocol/vectors/ that concerns the wire. */
final class VectorTests {
    /** Above this a case is not sent octet by octet. */
    private static final int SPLIT_OCTETS_MAX = 4_096;

    private interface Run {
        void run(boolean isSplit) throws Exception;
    }

    private VectorTests() {}

    static void addTo(Suite suite, PailouServer server) throws IOException {
        for (String folder : List.of("messages", "frames")) {
            for (Path file : files(folder)) {
                suite.group(folder + "/" + file.getFileName());
                Map<?, ?> document = (Map<?, ?>) Json.parse(Files.readAllBytes(file));
                for (Object vector : (List<?>) Repeats.unfold(document.get("cases"))) {
                    if (folder.equals("messages")) {
                        addMessage(suite, server, (Map<?, ?>) vector);
                    } else {
                        addFrames(suite, server, (Map<?, ?>) vector);
                    }
                }
            }
        }
    }

    private static List<Path> files(String folder) throws IOException {
        try (Stream<Path> paths = Files.list(PailouServer.root().resolve("protocol/vectors").resolve(folder))) {
            return paths.filter(path -> path.toString().endsWith(".json")).sorted().toList();
        }
    }

    /** Runs a case whole, and split where it is small enough. */
    private static void addBoth(Suite suite, Object name, int octets, Run run) {
        suite.test(String.valueOf(name), () -> run.run(false));
        if (octets < SPLIT_OCTETS_MAX) {
            suite.test(name + ", octet by octet", () -> run.run(true));
        }
    }

    private static void addMessage(Suite suite, PailouServer server, Map<?, ?> vector) {
        byte[] message = vector.get("send_hex") instanceof String hex
                ? HexFormat.of().parseHex(hex)
                : Frame.utf8((String) vector.get("send"));
        addBoth(suite, vector.get("name"), message.length, isSplit -> {
            try (Conversation conversation = new Conversation(server.demo())) {
                conversation.send(Frame.plain(message), isSplit);
                conversation.end();
                List<Frame> frames = conversation.rest();
                isTrue(Patterns.matchAll(frames, (List<?>) vector.get("replies"), false), "found " + Conversation.describe(frames));
                if (vector.get("reply_holds") instanceof String text) {
                    isTrue(Conversation.describe(frames).contains(text), Conversation.describe(frames));
                }
            }
        });
    }

    private static void addFrames(Suite suite, PailouServer server, Map<?, ?> vector) {
        List<?> steps = (List<?>) vector.get("steps");
        long octets = 0;
        for (Object step : steps) {
            octets += ((Map<?, ?>) step).get("send") instanceof List<?> pieces ? length(pieces) : 0;
        }
        addBoth(suite, vector.get("name"), (int) Math.min(Integer.MAX_VALUE, octets), isSplit -> {
            try (Conversation conversation = new Conversation(server.demo())) {
                boolean isClosed = false;
                for (Object step : steps) {
                    isClosed = take(conversation, (Map<?, ?>) step, isSplit);
                }
                if (!isClosed) {
                    conversation.end();
                    equal(Conversation.describe(conversation.rest()), "");
                }
            }
        });
    }

    private static long length(List<?> pieces) {
        return pieces.stream().mapToLong(piece ->
                ((Map<?, ?>) piece).get("times") instanceof Long times ? times : Conversation.octets(List.of(piece)).length).sum();
    }

    /** Answers whether the step was the end of the connection. */
    private static boolean take(Conversation conversation, Map<?, ?> step, boolean isSplit) throws IOException {
        if (step.get("send") instanceof List<?> pieces) {
            conversation.send(Conversation.octets(pieces), isSplit);
        } else if (step.get("receive") instanceof List<?> patterns) {
            conversation.receive(patterns);
        } else if (step.get("receive_text") instanceof String text) {
            conversation.receiveText(text);
        } else if (step.containsKey("end")) {
            conversation.end();
        } else {
            isTrue(step.containsKey("closed"), "unknown step " + step);
            conversation.closed();
        }
        return step.containsKey("closed");
    }
}

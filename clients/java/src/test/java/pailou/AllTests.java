package pailou;

/** Runs every test: {@code AllTests [TEXT]} those whose name contains the text. */
final class AllTests {
    private AllTests() {}

    public static void main(String[] arguments) throws Exception {
        Suite suite = new Suite();
        JsonTests.addTo(suite);
        FrameTests.addTo(suite);
        RetryTests.addTo(suite);
        SessionTests.addTo(suite);
        ChunkTests.addTo(suite);
        FaultTests.addTo(suite);
        GreetingFaultTests.addTo(suite);
        DownloadFaultTests.addTo(suite);
        int failures;
        try (PailouServer server = PailouServer.start(); TlsTests tls = new TlsTests()) {
            VectorTests.addTo(suite, server);
            LiveTests.addTo(suite, server);
            SampleTests.addTo(suite, server);
            tls.addTo(suite);
            failures = suite.run(arguments.length > 0 ? arguments[0] : "");
        }
        System.exit(failures == 0 ? 0 : 1);
    }
}

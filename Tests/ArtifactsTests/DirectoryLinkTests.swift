import Artifacts
import Testing

/// Links to a directory that somebody's web server has.
@Suite struct DirectoryLinkTests {
    private func link(_ base: String, to name: String = "202601/02/a-1.zip") -> String? {
        guard let links = DirectoryLinks(base: base, key: "key", now: { 1_000 }) else { return nil }
        return DirectoryArtifactStore(directory: "/none", links: links)
            .link(to: name, called: "报 1.zip", lasting: .seconds(60))
    }

    // printf '1060/exports/202601/02/a-1.zip key' | openssl md5 -binary | openssl base64 | tr +/ -_ | tr -d =
    @Test(arguments: ["https://files.example/exports", "https://files.example/exports/"])
    func whatIsSignedIsWhatTheServerSees(base: String) {
        #expect(
            link(base)
                == "https://files.example/exports/202601/02/a-1.zip?expires=1060&md5=p-WmDKMSVTITqiXWXdswdg&name=%E6%8A%A5%201.zip"
        )
    }

    @Test(arguments: [
        "", "files.example", "ftp://files.example", "https://", "http://a/?b", "http://a/b c", "http://a/%41",
    ])
    func otherBasesAreNone(base: String) {
        #expect(link(base) == nil)
    }
}

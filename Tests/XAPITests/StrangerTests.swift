import TestSupport
import Testing

/// The test server is judged by others: a client nobody here wrote, and X's own description of its API.
@Suite struct StrangerTests {
    @Test func tweepyPagesThroughTheServer() async throws {
        let python = try await pythonWithPackages(["tweepy==4.16.0"])
        let server = try await XAPITestServer()
        let script = packageDirectory() + "/Tests/XAPITests/page_with_tweepy.py"
        let result = try await runProcess(python, [script, server.url], within: .seconds(120))
        await server.close()
        #expect(result.status == 0, "\(result.standardError)")
        #expect(result.standardOutput == "posts 3500\nfollowers 2500\nfound 250\nunknown Not Found Error\n")
    }

    /// More than the others show, where the description is at hand: it is not ours to distribute.
    @Test(.enabled(if: xDescriptions != nil)) func answersAreAsXDescribesThem() async throws {
        let python = try await pythonWithPackages(["jsonschema==4.25.1"])
        let server = try await XAPITestServer()
        let script = packageDirectory() + "/Tests/XAPITests/validate_answers.py"
        let result = try await runProcess(
            python, [script, try #require(xDescriptions), server.url], within: .seconds(120))
        await server.close()
        #expect(result.status == 0, "\(result.standardOutput.suffix(4_000))\(result.standardError.suffix(2_000))")
        #expect(result.standardOutput.hasSuffix("10 answers\n"))
    }
}

import Foundation
import HTTPFetch
import TestSupport
import XAPI

/// A client of a test server, closed with it.
func withX(
    _ behaviour: XAPIBehaviour = .init(), world: XWorld = .usual, dialect: XDialect = .tweet,
    _ body: (XAPITestServer, XAPIClient) async throws -> Void
) async throws {
    let server = try await XAPITestServer(world: world, behaviour)
    var configuration = XAPIConfiguration()
    configuration.baseURL = server.url
    configuration.dialect = dialect
    configuration.delayFirst = .milliseconds(1)
    let http = try CurlFetcher()
    let client = XAPIClient(configuration: configuration, http: http)
    do {
        try await body(server, client)
    } catch {
        await http.shutdown()
        await server.close()
        throw error
    }
    await http.shutdown()
    await server.close()
}

extension XAPIClient {
    /// All pages of something.
    func all(_ request: XRequest) async throws -> [XPage] {
        var request = request
        var pages: [XPage] = []
        repeat {
            let page = try await self.page(request, token: "secret-token")
            pages.append(page)
            request.pageToken = page.nextToken
        } while request.pageToken != nil
        return pages
    }
}

/// Where X's own description of its API is, if it is anywhere: named by the environment, or beside the checkout.
let xDescriptions: String? = {
    let name = "shared/data/x-api"
    if let path = ProcessInfo.processInfo.environment["PAILOU_X_API_DESCRIPTIONS"] { return path }
    var directory = URL(fileURLWithPath: packageDirectory())
    while directory.path != "/" {
        directory.deleteLastPathComponent()
        let path = directory.appendingPathComponent(name).path
        if FileManager.default.fileExists(atPath: path) { return path }
    }
    return nil
}()

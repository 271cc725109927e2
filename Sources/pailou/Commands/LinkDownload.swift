import Foundation
import HTTPFetch
import ServiceRuntime

/// Fetches what a link of a finished export leads to: the façade's file, a bucket's, another web server's.
///
/// Redirects are followed. After an interruption the rest is asked for, by a link of its own: the first may have expired.
struct LinkDownload {
    static let redirectsMax = 3
    /// Tries in a row that bring nothing more.
    static let triesMax = 5
    static let delayFirst = Duration.milliseconds(200)

    /// What an error may say of itself, however small the file is.
    static let answerBytesMax = 64 << 10

    /// Of the whole file, as the export says.
    let bytes: Int
    /// A PEM file of those that vouch for the server; nil: the system's.
    var authority: String?
    /// Asked before every try. A finished file never changes, so another link leads to the same octets.
    let link: () async throws -> String

    func save(to path: String) async throws {
        try? FileManager.default.removeItem(atPath: path)
        var options = CurlFetcherOptions()
        options.certificateAuthorityFile = authority
        let fetcher = try CurlFetcher(options: options)
        do {
            try await save(to: HTTPDownload(path: path), with: fetcher)
            await fetcher.shutdown()
        } catch {
            await fetcher.shutdown()
            throw error
        }
    }

    private func save(to file: HTTPDownload, with fetcher: CurlFetcher) async throws {
        var tries = 0
        while file.size < bytes {
            let begin = file.size
            let url = try await link()
            guard let failure = try await fetch(url, into: file, with: fetcher) else { continue }
            tries = file.size > begin ? 1 : tries + 1
            guard failure.isRetryable, tries < Self.triesMax else {
                throw StartError("GET \(url.prefix { $0 != "?" }): \(failure.text)")
            }
            try await Task.sleep(for: Self.delayFirst * (1 << tries))
        }
        guard file.size == bytes else { throw StartError("expected a file of \(bytes) octets, found \(file.size)") }
    }

    /// One try; answers why the file is not whole yet.
    private func fetch(
        _ url: String, into file: HTTPDownload, with fetcher: CurlFetcher
    ) async throws -> (text: String, isRetryable: Bool)? {
        var request = HTTPFetchRequest(
            url: url, download: file,
            // No time for the whole: what still comes is not given up.
            limits: HTTPFetchLimits(bodyBytesMax: max(bytes, Self.answerBytesMax), timeout: .seconds(7 * 86_400)),
            policy: nil,
            redirectsMax: Self.redirectsMax, acceptsCompression: false)
        if file.size > 0 { request.headers = [("Range", "bytes=\(file.size)-")] }
        do throws(HTTPFetchError) {
            let response = try await fetcher.fetch(request)
            guard response.status == 200 || response.status == 206 else {
                return ("answered \(response.status)", FetchRetryRules.isRetryable(status: response.status))
            }
            return file.size >= bytes ? nil : ("ended after \(file.size) of \(bytes) octets", true)
        } catch {
            if error == .cancelled { throw CancellationError() }
            return ("\(error)", FetchRetryRules.isRetryable(error))
        }
    }
}

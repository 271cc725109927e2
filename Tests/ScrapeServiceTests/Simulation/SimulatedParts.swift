import Database
import HTTPFetch
import JSONBytes
import Logging
import Secrets
import TestSupport

@testable import JobQueue
@testable import ScrapeService
@testable import XAPI

/// What a simulated service is made of: the real rules and the real queue's words, on a clock of its own; nothing runs by
/// itself.
struct SimulatedParts {
    let time: Shared<JobTime>
    let queue: JobQueue
    let prices = CallPrices()

    init(_ database: any Database, _ fetcher: any HTTPFetcher) throws {
        let time = Shared(JobTime(milliseconds: 0))
        let clock = JobClock(now: { time.value }, sleep: { _ in })
        var configuration = ScrapeConfiguration(dataDirectory: "", secretKeys: "")
        configuration.clock = clock
        let sealer = try SecretSealer(keys: "a key of a simulation, long enough to be one", for: .scraping)
        let reference = QueueReference()
        let logger = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
        let job = ScrapeJob(
            tools: CrawlTools(
                configuration: configuration, database: database,
                api: XAPIClient(configuration: configuration.api, http: fetcher), windows: RateWindows()),
            credentials: Credentials(bearerToken: "", database: database, sealer: sealer, rates: ProxyRates()),
            notices: TaskNotices(
                queue: reference, database: database, sealer: sealer, serviceSecrets: [], currency: "USD"),
            logger: logger)
        queue = JobQueue(
            database: database, handlers: [job], deliver: { _ in .failed(reason: "nobody delivers here") },
            clock: clock, logger: logger)
        reference.set(queue)
        self.time = time
    }
}

/// A process: a name, the executions it works on, and those of which it was told that they are not its own any more.
struct SimulatedCrawler {
    var worker: String
    var live: [SimulatedCrawl] = []
    var zombies: [SimulatedCrawl] = []
}

/// An execution as the process sees it that works on it.
struct SimulatedCrawl {
    let job: ClaimedJob
    let execution: ExecutionRecord
    let plan: CrawlPlan
    var state: CrawlState
    var budget: Budget
}

/// What must not change any more.
struct EndedExecution: Equatable {
    let status: String
    let error: String?
    let results: Int
    let endedAt: Int64?
}

/// A promise that a simulated life has broken.
struct Violation: Error, CustomStringConvertible {
    let seed: UInt64
    let step: Int
    let promise: String

    var description: String { "seed \(seed), step \(step): \(promise)" }
}

/// An API whose posts are numbers, newest first; a token is the number behind which a page begins.
enum SimulatedPages {
    private static let size = 5

    static func page(_ request: XRequest, posts: Int) throws -> XPage {
        if case .user = request.endpoint { return try XPage(["data": ["id": "1"]]) }
        let oldest = request.sinceID.flatMap { Int($0) } ?? 0
        let newest = request.pageToken.flatMap { Int($0) }.map { $0 - 1 } ?? posts
        let last = max(newest - size + 1, oldest + 1)
        let numbers = newest < last ? [] : Array((last...newest).reversed())
        var meta = [JSONMember("result_count", .number(String(numbers.count)))]
        if last > oldest + 1, !numbers.isEmpty { meta.append(JSONMember("next_token", .string(String(last)))) }
        let items = numbers.map { JSONValue.object([JSONMember("id", .string(String($0))), JSONMember("text", "x")]) }
        return try XPage(["data": .array(items), "meta": .object(meta)])
    }
}

extension CrawlPlan.Step {
    /// Nil at the end.
    var asked: XRequest? {
        switch self {
        case .resolve(let request), .page(let request): request
        case .finished: nil
        }
    }
}

import ArgumentParser
import Foundation
import HTTPFetch
import Logging
import NIOCore
import NIOPosix
import RPC
import TestSupport

/// The scraper over a store of a million results: crawl, search, pages far behind, exports.
struct ScrapeBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scrape",
        abstract: "Items kept per second, searches among all of them, deep pages and exports, on both stores.",
        discussion: """
            The X API is served from this process, rendered beforehand, and shares the cores with the system it feeds. \
            Searches and pages are asked for by one HTTP connection through the façade, each kind in random order; \
            the first search of a kind reads the index from the store. Exports are read by RPC.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Tasks that run at the same time.", valueName: "n"))
    var tasks = 10

    @Option(help: ArgumentHelp("Results of each.", valueName: "n"))
    var items = 100_000

    @Option(help: ArgumentHelp("Searches of each kind.", valueName: "n"))
    var searches = 100

    @Option(help: "The engine to measure; both without it.")
    var store: JobStoreUnderTest.Engine?

    func run() async throws {
        Report.begin("scrape: \(tasks) tasks of \(items) posts")
        let source = try await PostSource.start(PostTexts())
        try await ScrapeStore.with(store.map { [$0] } ?? JobStoreUnderTest.Engine.allCases) { store in
            var environment = store.environment
            environment["PAILOU_SCRAPE_X_BASE_URL"] = source.url
            environment["PAILOU_SCRAPE_BEARER_TOKEN"] = "benchmark"
            try await using(ReleaseSystem.start(common, environment: environment)) { system in
                Report.line("on \(store.name):")
                try await measure(system, store)
            }
        }
        try await source.stop()
    }

    private func measure(_ system: ReleaseSystem, _ store: ScrapeStore) async throws {
        let client = try ScrapeClient(facade: system.facade("scrape"))
        let ids = try await crawl(client, system, store)
        try await search(client, system)
        try deepPages(of: ids[0], system)
        try await export(ids, system)
        await client.fetcher.shutdown()
    }

    private func crawl(
        _ client: ScrapeClient, _ system: ReleaseSystem, _ store: ScrapeStore
    ) async throws -> [String] {
        let ids = try await client.makeTasks(tasks, items: items)
        let (before, beforeOfServer) = (try system.tree.processorTime(), try store.server?.processorTime() ?? 0)
        let time = try await seconds {
            for id in ids { try await client.start(id) }
            while try await client.count("RUNNING") > 0 { try await Task.sleep(for: .milliseconds(50)) }
        }
        guard try await client.count("COMPLETED") == tasks else { throw BenchmarkError("a task has failed") }
        let count = Double(tasks * items)
        let cost = (try system.tree.processorTime() - before) / count * 1e6
        Report.line("\(Report.number(cost)) µs of processor time an item")
        if let server = store.server {
            let cost = (try server.processorTime() - beforeOfServer) / count * 1e6
            Report.line("\(Report.number(cost)) µs of the server's")
        }
        Report.ratio("items kept, per second", count / time, expected: "≥ 20,000")
        let lag = try await seconds { try await untilIdle(system) }
        Report.line("the index had followed \(Report.number(max(0, lag - 1), digits: 1)) s later")
        return ids
    }

    /// Until the system does next to nothing for a second.
    private func untilIdle(_ system: ReleaseSystem) async throws {
        var last = try system.tree.processorTime()
        while true {
            try await Task.sleep(for: .seconds(1))
            let now = try system.tree.processorTime()
            if now - last < 0.05 { return }
            last = now
        }
    }

    private func search(_ client: ScrapeClient, _ system: ReleaseSystem) async throws {
        let facade = try system.facade("scrape")
        let kinds: [(name: String, query: String, deep: Bool)] = [
            ("rare word", "text:\(PostTexts.rare)", false), ("common word", "text:\(PostTexts.common)", false),
            ("common word, deep", "text:\(PostTexts.common)", true), ("absent word", "text:\(PostTexts.absent)", false),
            ("Chinese word", "text:\(PostTexts.chinese)", false),
            ("author and word", "username:author1,text:\(PostTexts.common)", false),
            ("hashtag", "hashtags:\(PostTexts.common)", false), ("number", "like_count:3456", false),
        ]
        var paths: [String] = []
        for kind in kinds {
            var total = 0
            let first = try await seconds { total = try await client.found(kind.query) }
            Report.line("\(kind.name): \(total) results, first search \(Report.number(first * 1e3, digits: 1)) ms")
            paths.append(
                "/api/v1" + ScrapeClient.search(kind.query, skip: kind.deep ? max(0, total - 100) : 0, limit: 50))
        }
        let http = try BlockingHTTP(facade)
        var times = kinds.map { _ in [Double]() }
        var random = SeededGenerator(seed: 1)
        for index in (0..<kinds.count * searches).map({ $0 % kinds.count }).shuffled(using: &random) {
            times[index].append(try seconds { _ = try http.get(paths[index]) } * 1e3)
        }
        for (kind, times) in zip(kinds, times) {
            let (p50, p99) = (times.percentile(0.5), times.percentile(0.99))
            Report.line("\(kind.name): p50 \(Report.number(p50, digits: 1)), p99 \(Report.number(p99, digits: 1)) ms")
        }
        Report.ratio("all searches, p99 in ms", Array(times.joined()).percentile(0.99), expected: "≤ 50")
    }

    private func deepPages(of task: String, _ system: ReleaseSystem) throws {
        let http = try BlockingHTTP(system.facade("scrape"))
        for skip in [0, items - 100] {
            let path = "/api/v1/tasks/\(task)/results?skip=\(skip)&limit=100"
            let times = try (0..<searches).map { _ in try seconds { _ = try http.get(path) } * 1e3 }
            Report.line("page behind \(skip) results, p99: \(Report.number(times.percentile(0.99), digits: 1)) ms")
        }
    }

    private func export(_ ids: [String], _ system: ReleaseSystem) async throws {
        let (host, port) = try system.rpc("scrape")
        let client = RPCClient(
            host: host, port: port, group: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "benchmarks"))
        let memory = ProcessMemory(pid: system.pid)
        for format in ["csv", "json", "jsonl", "ids", "xlsx"] {
            let before = try memory.resident() / 1024
            try memory.resetPeak()
            var octets = 0
            let time = try await seconds {
                for id in ids {
                    let params = ByteBuffer(string: #"{"task_id":"\#(id)","format":"\#(format)"}"#)
                    for try await piece in try await client.stream("scrape.result.export", params) {
                        octets += piece.readableBytes
                    }
                }
            }
            let growth = Report.number(try memory.peak() / 1024 - before, digits: 1)
            Report.line("\(format): \(octets >> 20) MiB, \(growth) MiB more memory at most")
            let rate = Double(tasks * items) / time
            Report.ratio("\(format), rows per second", rate, expected: format == "csv" ? "≥ 100,000" : "–")
        }
        await client.close()
    }
}

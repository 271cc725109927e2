import ExportService
import JobQueue
import Synchronization
import Testing

/// What people are told of an export that runs.
@Suite struct ProgressMeterTests {
    @Test func ratesAreThoseOfTheLastSeconds() throws {
        let time = Mutex(Duration.zero)
        let told = Mutex<[ExportProgress]>([])
        let meter = ProgressMeter(
            diskBytes: { 77 }, now: { time.withLock { $0 } },
            report: { progress in told.withLock { $0.append(progress) } })
        func pass(_ seconds: Int, pages: Int, rows: Int) {
            time.withLock { $0 += .seconds(seconds) }
            for _ in 0..<pages { meter.fetched(bytes: 1_000) }
            meter.source(total: 10_000, isCrawled: false)
            meter.wrote(rows: rows)
        }
        pass(2, pages: 20, rows: 2_000)
        pass(3, pages: 30, rows: 5_000)
        // A source that has become slow: the fast beginning is forgotten after two spans.
        pass(5, pages: 5, rows: 5_500)
        pass(5, pages: 5, rows: 6_000)
        let all = told.withLock { $0 }
        #expect(all[0].pagesPerSecond == 10 && all[0].secondsLeft == 8)
        #expect(all[3].pagesPerSecond == 1 && all[3].secondsLeft == 40)
        #expect(all[3].pages == 60 && all[3].sourceBytes == 60_000 && all[3].diskBytes == 77)
        meter.begin(.zipping)
        #expect(told.withLock { $0 }.last?.phase == .zipping)
    }

    @Test func noTotalIsTooLarge() throws {
        let time = Mutex(Duration.zero)
        let told = Mutex<ExportProgress?>(nil)
        let meter = ProgressMeter(
            now: { time.withLock { $0 } }, report: { progress in told.withLock { $0 = progress } })
        time.withLock { $0 = .seconds(4) }
        meter.source(total: .max, isCrawled: false)
        meter.wrote(rows: 1)
        let progress = try #require(told.withLock { $0 })
        #expect(progress.totalRows == .max && progress.secondsLeft == nil)
    }

    @Test func pagesThatWereThereSayNothingAboutTheSpeedOfTheSource() throws {
        let time = Mutex(Duration.zero)
        let told = Mutex<ExportProgress?>(nil)
        let meter = ProgressMeter(
            now: { time.withLock { $0 } }, report: { progress in told.withLock { $0 = progress } })
        for _ in 0..<500 { meter.read(bytes: 10) }
        time.withLock { $0 += .seconds(1) }
        meter.fetched(bytes: 10)
        meter.source(total: nil, isCrawled: true)
        meter.wrote(rows: 501)
        let progress = try #require(told.withLock { $0 })
        #expect(progress.pages == 501 && progress.phase == .writing && progress.secondsLeft == nil)
    }

    @Test(arguments: [
        ExportProgress(
            phase: .crawling, rows: 7, totalRows: 9, sourceBytes: 10, pages: 3, pagesPerSecond: 2.5,
            secondsLeft: 4, diskBytes: 11),
        ExportProgress(phase: .storing, rows: 0),
    ])
    func aJobKeepsAllOfIt(_ progress: ExportProgress) {
        #expect(ExportProgress(ofJob: progress.ofJob) == progress)
        #expect(ExportProgress(ofJob: JobProgress(done: 1, note: "something else")) == nil)
    }
}

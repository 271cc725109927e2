import BlockingThreads
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct SerialThreadTests {
    @Test func bodiesRunInTheirOrderOnOneThread() {
        let thread = SerialThread(name: "test")
        let numbers = Mutex<[Int]>([])
        let threads = Mutex<Set<pthread_t>>([])
        for number in 0..<1_000 {
            thread.enqueue {
                numbers.withLock { $0.append(number) }
                threads.withLock { _ = $0.insert(pthread_self()) }
            }
        }
        thread.run { numbers.withLock { $0.append(1_000) } }
        #expect(numbers.withLock { $0 } == Array(0...1_000))
        #expect(threads.withLock { $0.count == 1 && !$0.contains(pthread_self()) })
    }

    @Test func whatABodyHoldsIsLetGoOfWhenItHasRun() {
        let thread = SerialThread(name: "test")
        let freed = Mutex(0)
        final class Held: Sendable {
            let end: @Sendable () -> Void
            init(_ end: @escaping @Sendable () -> Void) { self.end = end }
            deinit { end() }
        }
        let counted = Mutex<[Int]>([])
        for _ in 0..<3 {
            let held = Held { freed.withLock { $0 += 1 } }
            thread.enqueue {
                _ = held
                counted.withLock { $0.append(freed.withLock { $0 }) }
            }
        }
        thread.run {}
        #expect(counted.withLock { $0 } == [0, 1, 2])
    }

    @Test func theThreadEndsWithItsHolder() async throws {
        let task = Mutex("")
        do {
            let thread = SerialThread(name: "ends-with-it")
            thread.run {
                let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
                task.withLock { $0 = "/proc/\(link ?? "")" }
            }
            #expect(task.withLock { $0.contains("/task/") && access($0, F_OK) == 0 })
        }
        try await eventually("the end of the thread") { task.withLock { access($0, F_OK) } != 0 }
    }
}

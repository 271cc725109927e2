import Foundation

/// A process and its descendants, as proc(5) shows them: nginx and uvicorn work in children.
struct ProcessTree {
    let pid: Int32

    /// This program alone, whose children are what it measures.
    static func ownProcessorTime() throws -> Double { try processorTime(of: getpid()) }

    /// Seconds that its processes have computed since they began, system calls included, in steps of a clock tick
    /// (10 ms).
    func processorTime() throws -> Double {
        try pids.reduce(0) { try $0 + Self.processorTime(of: $1) }
    }

    /// Proportional set size, which counts a page that several processes share once in all, in KiB.
    func memory() throws -> Double {
        try pids.reduce(0) { try $0 + ProcessMemory(pid: $1).proportional() }
    }

    private var pids: [Int32] { Self.family(of: pid) }

    private static func family(of pid: Int32) -> [Int32] {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        let children = threads.flatMap { thread in
            let list = try? String(contentsOfFile: "/proc/\(pid)/task/\(thread)/children", encoding: .utf8)
            return (list ?? "").split(separator: " ").compactMap { Int32($0) }
        }
        return [pid] + children.flatMap(family)
    }

    private static func processorTime(of pid: Int32) throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        // Behind the name, which may hold anything, the fields are numbered from 3; utime and stime are 14 and 15.
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ").dropFirst()
        let times = fields.dropFirst(14 - 3).prefix(2).compactMap { Double($0) }
        guard times.count == 2 else { throw BenchmarkError("expected times in the status of process \(pid)") }
        return times.reduce(0, +) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}

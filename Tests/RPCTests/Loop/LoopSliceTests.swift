import Foundation
import NIOCore
import NIOPosix
import RPC
import Testing

@Suite struct LoopSliceTests {
    /// Linux 6.12 is the first where a thread's slice can be set; on others all stays as it is.
    private static var kernelKnowsSlices: Bool {
        let release = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? ""
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        return numbers.count == 2 && (numbers[0], numbers[1]) >= (6, 12)
    }

    @Test func `threads of loops get short slices, and no others do`() async throws {
        let (ours, others) = (
            MultiThreadedEventLoopGroup(numberOfThreads: 2), MultiThreadedEventLoopGroup(numberOfThreads: 1)
        )
        func slices(_ group: MultiThreadedEventLoopGroup) async throws -> [TimeAmount?] {
            var slices: [TimeAmount?] = []
            for loop in group.makeIterator() { slices.append(try await loop.submit { LoopSlice.ofThisThread }.get()) }
            return slices
        }
        let before = try await slices(others)
        LoopSlice.shorten(ours)
        let short: TimeAmount? = Self.kernelKnowsSlices ? .microseconds(100) : before[0]
        #expect(try await slices(ours) == [short, short])
        #expect(try await slices(others) == before)
        if Self.kernelKnowsSlices { #expect(before[0].map { $0 > .microseconds(100) } == true) }
        try await ours.shutdownGracefully()
        try await others.shutdownGracefully()
    }
}

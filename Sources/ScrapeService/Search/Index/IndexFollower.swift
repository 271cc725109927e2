import Database
import Logging

/// Keeps the index behind what is kept: makes segments of results that came, larger segments of small ones, and new ones
/// of those that changed or lost results.
///
/// All that is read is read outside of the transaction that writes; replicas may work at the same, and all but the first
/// to write discard theirs.
struct IndexFollower: Sendable {
    /// How often it is looked.
    static let interval = Duration.seconds(1)
    /// How often segments that changed are made anew: a task that overwrites touches many of them again and again.
    static let renewalInterval = Duration.seconds(10)
    /// A segment is small that has fewer results, and so many small ones become one.
    private static let smallRowsMax = RowSet.rowsMax / 2
    private static let mergedMin = 8
    /// Results read at once.
    private static let readRowsMax: Int64 = 1_000
    /// Ranges made into one segment, at most.
    private static let rangesMax = 4_096

    let database: any Database
    /// Results that wait before they are indexed.
    let rowsMin: Int
    let logger: Logger

    /// Somebody else has indexed the same.
    private struct Overtaken: Error {}

    /// What goes into one segment.
    private struct Batch {
        var ranges: [UnindexedRange] = []
        var replaced: [SegmentRecord] = []
        var stale: [StaleResult] = []
    }

    /// Runs until cancelled.
    func run() async throws {
        let clock = ContinuousClock()
        var renewed = clock.now
        while true {
            do {
                while try await step(.arrivals) {}
                while try await step(.small) {}
                if clock.now - renewed >= Self.renewalInterval {
                    try await outdateStale()
                    while try await step(.outdated) {}
                    renewed = clock.now
                }
            } catch let error as DatabaseError {
                logger.warning("the index of results stays behind for now", metadata: ["error": "\(error)"])
                try await Task.sleep(for: Self.renewalInterval)
            } catch is Overtaken {
                logger.debug("another replica has indexed these results")
            }
            try await Task.sleep(for: Self.interval)
        }
    }

    enum Work { case arrivals, small, outdated }

    /// Makes one segment; false when there is nothing to do.
    func step(_ work: Work) async throws -> Bool {
        guard let batch = try await batch(work) else { return false }
        let ids = try await ids(of: batch)
        var builder = SegmentBuilder()
        // How much of each range the segment has taken.
        var taken = 0
        for range in ids {
            var next = range.lowerBound
            while next < range.upperBound, !builder.isFull || !batch.replaced.isEmpty {
                let room = batch.replaced.isEmpty ? Int64(RowSet.rowsMax - builder.ids.count) : .max
                let part = next..<min(range.upperBound, next + min(Self.readRowsMax, room))
                for (id, data) in try await read(part) { builder.add(id, data) }
                taken += part.count
                next = part.upperBound
            }
        }
        let file = SegmentFile(builder)
        try await keep(file, batch, taken)
        return true
    }

    /// Segments with results that changed are to be made anew.
    func outdateStale() async throws {
        guard try await database.read({ try IndexStore($0).hasStale() }) else { return }
        try await database.write { try IndexStore($0).outdateStale() }
    }

    private func batch(_ work: Work) async throws -> Batch? {
        let rowsMin = rowsMin
        return try await database.read { transaction in
            let store = IndexStore(transaction)
            var batch = Batch()
            switch work {
            case .arrivals:
                var rows = 0
                for range in try store.unindexed(limit: Self.rangesMax) where rows < RowSet.rowsMax {
                    batch.ranges.append(range)
                    rows += range.count
                }
                guard rows >= rowsMin || batch.ranges.count == Self.rangesMax else { return nil }
            case .small:
                let small = try store.segments().filter { $0.rows < Self.smallRowsMax }.sorted { $0.rows < $1.rows }
                var (rows, octets) = (0, 0)
                for segment in small {
                    guard rows + segment.rows <= RowSet.rowsMax, octets + segment.octets <= SegmentBuilder.octetsMax
                    else { break }
                    rows += segment.rows
                    octets += segment.octets
                    batch.replaced.append(segment)
                }
                guard batch.replaced.count >= Self.mergedMin else { return nil }
            case .outdated:
                guard let segment = try store.outdatedSegment() else { return nil }
                batch.replaced = [segment]
            }
            // Before the data: what changes in between stays stale.
            batch.stale = try store.stale()
            return batch
        }
    }

    private func ids(of batch: Batch) async throws -> [Range<Int64>] {
        var ranges = batch.ranges.map { $0.first..<$0.first + Int64($0.count) }
        let keys = batch.replaced.map { PartKey.make($0.id, field: 0, number: 0) }
        if !keys.isEmpty {
            ranges += try await database.read { transaction in
                var ranges: [Range<Int64>] = []
                try IndexStore(transaction).forEachPart(keys) { _, octets in ranges += SegmentFile.ranges(octets) }
                return ranges
            }
        }
        return ranges
    }

    private func read(_ ids: Range<Int64>) async throws -> [(Int64, [UInt8])] {
        try await database.read { transaction in
            var results: [(Int64, [UInt8])] = []
            try ResultStore(transaction).forEachData(in: ids) { results.append(($0, $1)) }
            return results
        }
    }

    private func keep(_ file: SegmentFile, _ batch: Batch, _ taken: Int) async throws {
        let ids = Set(file.ids)
        let stale = batch.stale.filter { ids.contains($0.id) }
        // A full disk is left to those who cannot do without: searches can.
        try await database.write(admission: .newWork) { transaction in
            let store = IndexStore(transaction)
            var rest = taken
            for range in batch.ranges where rest > 0 {
                let count = min(rest, range.count)
                guard try store.take(count, of: range) else { throw Overtaken() }
                rest -= count
            }
            for segment in batch.replaced {
                guard try store.remove(segment) else { throw Overtaken() }
            }
            try store.insert(file)
            try store.refresh(stale)
        }
    }
}

extension SegmentFile {
    /// Numbers of rows, of part 0 of field 0, as ranges.
    static func ranges(_ octets: [UInt8]) -> [Range<Int64>] {
        var ranges: [Range<Int64>] = []
        octets.withUnsafeBytes { bytes in
            for offset in stride(from: RowSet.octetCount, to: bytes.count, by: 8) {
                let id = Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self))
                if let last = ranges.last, last.upperBound == id {
                    ranges[ranges.count - 1] = last.lowerBound..<id + 1
                } else {
                    ranges.append(id..<id + 1)
                }
            }
        }
        return ranges
    }
}

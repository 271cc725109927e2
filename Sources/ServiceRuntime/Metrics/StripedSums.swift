import Glibc
import Synchronization

/// Sums that many threads add to without a lock, each in memory of its own: cores that count the same request do not take
/// a cache line from each other for it. Reading adds up all of them.
struct StripedSums: ~Copyable, @unchecked Sendable {
    private static let stripeCount = 8
    /// Cells of a cache line.
    private static let lineCells = 8

    /// Whole numbers, or the bits of others.
    private let cells: UnsafeMutablePointer<Atomic<UInt64>>
    /// Cells of a stripe, whole lines.
    private let stripeCells: Int

    /// So many sums, all zero.
    init(count: Int) {
        stripeCells = (count + Self.lineCells - 1) / Self.lineCells * Self.lineCells
        let cellCount = stripeCells * Self.stripeCount
        let memory = UnsafeMutableRawPointer.allocate(byteCount: cellCount * 8, alignment: Self.lineCells * 8)
        cells = memory.bindMemory(to: Atomic<UInt64>.self, capacity: cellCount)
        for index in 0..<cellCount { (cells + index).initialize(to: Atomic(0)) }
    }

    deinit { cells.deallocate() }

    /// Adds to a sum of whole numbers.
    func count(_ index: Int, _ amount: Int64 = 1) {
        cells[ownStripe + index].wrappingAdd(UInt64(bitPattern: amount), ordering: .relaxed)
    }

    /// Adds to a sum of other numbers.
    func add(_ index: Int, _ amount: Double) {
        let cell = ownStripe + index
        var known = cells[cell].load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: known) + amount).bitPattern
            let (isDone, found) = cells[cell].weakCompareExchange(expected: known, desired: sum, ordering: .relaxed)
            if isDone { return }
            known = found
        }
    }

    /// Makes a sum another one, of the kind that `add` adds to.
    func set(_ index: Int, _ value: Double) {
        for stripe in 0..<Self.stripeCount {
            let bits = stripe == 0 ? value.bitPattern : 0
            cells[stripe * stripeCells + index].store(bits, ordering: .relaxed)
        }
    }

    /// A sum of whole numbers.
    func total(_ index: Int) -> Int64 {
        (0..<Self.stripeCount).reduce(0) { total, stripe in
            total &+ Int64(bitPattern: cells[stripe * stripeCells + index].load(ordering: .relaxed))
        }
    }

    /// A sum of other numbers.
    func sum(_ index: Int) -> Double {
        (0..<Self.stripeCount).reduce(0) { sum, stripe in
            sum + Double(bitPattern: cells[stripe * stripeCells + index].load(ordering: .relaxed))
        }
    }

    /// Where this thread's cells begin. Threads' names are addresses far apart; their product's upper bits are not.
    private var ownStripe: Int {
        let mixed = UInt64(pthread_self()) &* 0x9E37_79B9_7F4A_7C15
        return Int(mixed >> 61) * stripeCells
    }
}

import Glibc

/// Texts that stand once in the file and are pointed to by their cells, as many as memory is given for.
///
/// A hash table of places in one long text, which is the XML that ends in the file. The hash has a seed of its own, so
/// that nobody can choose texts that all meet in one place.
struct SharedStrings: ~Copyable {
    /// Cells that point to one of the texts.
    private(set) var references = 0
    private(set) var count = 0
    /// True once a text had no room.
    private(set) var isFull = false

    private static let begin: StaticString = "<si><t>"
    private static let beginPreserving: StaticString = "<si><t xml:space=\"preserve\">"
    private static let end: StaticString = "</t></si>"
    private static let firstSlots = 1_024

    /// Index of the first text; those before it are the captions'.
    let first: Int
    private let countMax: Int
    private let bytesMax: Int
    private let seed = UInt64.random(in: .min ... .max) | 1
    private var text = ByteBuffer(capacity: 16_384)
    private var slots = Slots(count: Self.firstSlots)
    /// Taken slots.
    private var entries = 0

    /// Where a text is, or where it would be.
    enum Place {
        case found(index: Int)
        case free(Hole)
    }

    /// A place for a text that is not there; good until another one is taken in.
    struct Hole {
        fileprivate var hash: UInt32
        fileprivate var slot: Int
    }

    init(first: Int, countMax: Int, bytesMax: Int) {
        self.first = first
        self.countMax = min(countMax, RowNumber.max - first)
        self.bytesMax = min(bytesMax, Int(Int32.max))
    }

    /// All texts as XML.
    var bytes: UnsafeRawBufferPointer { text.bytes }

    /// Looks for a text.
    ///
    /// - Parameter isVerbatim: true for a text as it came, which is found only if it stands in the file as it came; false
    ///   for one that is escaped as it will stand there.
    @inline(__always)
    mutating func place(of item: UnsafeRawBufferPointer, isVerbatim: Bool) -> Place {
        let hash = hash(of: item)
        var place = Int(hash)
        while true {
            let slot = slots[place]
            if slot.isFree { return .free(Hole(hash: hash, slot: place)) }
            if slot.hash == hash, slot.length == item.count, slot.isVerbatim || !isVerbatim,
                text.isEqual(from: Int(slot.start), to: item)
            {
                references += 1
                return .found(index: Int(slot.index))
            }
            place += 1
        }
    }

    /// Takes a text into its hole; answers its index, nil if there is no room.
    ///
    /// - Parameter isVerbatim: it stands in the file as it came.
    mutating func take(
        _ item: UnsafeRawBufferPointer, into hole: Hole, preservesSpace: Bool, isVerbatim: Bool
    ) -> Int? {
        guard let index = append(item, preservesSpace: preservesSpace) else { return nil }
        let start = text.count - Self.end.utf8CodeUnitCount - item.count
        slots[hole.slot] = Slot(
            hash: hole.hash, index: UInt32(index), start: UInt32(start), length: item.count, isVerbatim: isVerbatim)
        entries += 1
        if entries * 2 > slots.count { slots = slots.doubled() }
        return index
    }

    /// Takes a text that nobody is expected to look for again; answers its index, nil if there is no room.
    mutating func append(_ item: UnsafeRawBufferPointer, preservesSpace: Bool) -> Int? {
        let begin = preservesSpace ? Self.beginPreserving : Self.begin
        let needed = begin.utf8CodeUnitCount + item.count + Self.end.utf8CodeUnitCount
        guard count < countMax, text.count + needed <= bytesMax else {
            isFull = true
            return nil
        }
        text.append(begin)
        text.append(item)
        text.append(Self.end)
        count += 1
        references += 1
        return first + count - 1
    }

    /// Eight octets at a time, each multiplied into what came before, the upper half of the product folded in.
    @inline(__always)
    private func hash(of item: UnsafeRawBufferPointer) -> UInt32 {
        var state = seed ^ UInt64(truncatingIfNeeded: item.count)
        var position = 0
        while position + 8 <= item.count {
            state = mix(state ^ item.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            position += 8
        }
        state = mix(state ^ rest(of: item, from: position))
        return UInt32(truncatingIfNeeded: state ^ state >> 32)
    }

    /// The last octets, fewer than eight, in two or three loads that may overlap.
    @inline(__always)
    private func rest(of item: UnsafeRawBufferPointer, from position: Int) -> UInt64 {
        let count = item.count - position
        if count >= 4 {
            let low = item.loadUnaligned(fromByteOffset: position, as: UInt32.self)
            let high = item.loadUnaligned(fromByteOffset: item.count - 4, as: UInt32.self)
            return UInt64(low) | UInt64(high) << 32
        }
        guard count > 0 else { return 0 }
        return UInt64(item[position]) | UInt64(item[position + count / 2]) << 8 | UInt64(item[item.count - 1]) << 16
    }

    @inline(__always)
    private func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15 ^ seed << 1)
        return product.high ^ product.low
    }
}

/// A place of a hash table: all that is to be known of a text but its octets, so that one look nearly always tells.
private struct Slot {
    let hash: UInt32
    let index: UInt32
    /// Where the text itself begins.
    let start: UInt32
    /// The length, and below it whether the text stands there as it came; 0 for a free slot: no text is empty.
    private let lengthAndFlag: UInt32

    static let free = Slot(hash: 0, index: 0, start: 0, length: 0, isVerbatim: false)

    init(hash: UInt32, index: UInt32, start: UInt32, length: Int, isVerbatim: Bool) {
        self.hash = hash
        self.index = index
        self.start = start
        lengthAndFlag = UInt32(length) << 1 | (isVerbatim ? 1 : 0)
    }

    var isFree: Bool { lengthAndFlag == 0 }
    var length: Int { Int(lengthAndFlag >> 1) }
    var isVerbatim: Bool { lengthAndFlag & 1 == 1 }
}

/// A power of two of slots, at most half full; places go round.
private struct Slots: ~Copyable {
    private let start: UnsafeMutablePointer<Slot>
    let count: Int

    init(count: Int) {
        self.count = count
        start = .allocate(capacity: count)
        start.initialize(repeating: .free, count: count)
    }

    deinit { start.deallocate() }

    subscript(_ place: Int) -> Slot {
        @inline(__always) get { start[place & (count - 1)] }
        @inline(__always) nonmutating set { start[place & (count - 1)] = newValue }
    }

    /// Twice as many, with the same content.
    func doubled() -> Slots {
        let larger = Slots(count: count * 2)
        for place in 0..<count where !self[place].isFree {
            var next = Int(self[place].hash)
            while !larger[next].isFree { next += 1 }
            larger[next] = self[place]
        }
        return larger
    }
}

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
    private var entries: [Entry] = []
    /// Entry numbers plus one, 0 for a free slot. A power of two of them, at most half full.
    private var slots: [UInt32] = Array(repeating: 0, count: Self.firstSlots)

    private struct Entry {
        var hash: UInt32
        /// Where the text itself begins and how long it is.
        var start: UInt32
        var length: UInt32
    }

    init(first: Int, countMax: Int, bytesMax: Int) {
        self.first = first
        self.countMax = min(countMax, RowNumber.max - first)
        self.bytesMax = min(bytesMax, Int(UInt32.max))
    }

    /// All texts as XML.
    var bytes: UnsafeRawBufferPointer { text.bytes }

    /// The index of a text, which is taken in if there is room; nil if not.
    ///
    /// - Parameter item: escaped, as it will stand in the file.
    @inline(__always)
    mutating func index(of item: UnsafeRawBufferPointer, preservesSpace: Bool) -> Int? {
        let hash = hash(of: item)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if isEqual(entries[number], hash, item) {
                references += 1
                return first + number
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return insert(item, hash, at: slot, preservesSpace)
    }

    private mutating func insert(
        _ item: UnsafeRawBufferPointer, _ hash: UInt32, at slot: Int, _ preservesSpace: Bool
    ) -> Int? {
        let begin = preservesSpace ? Self.beginPreserving : Self.begin
        let needed = begin.utf8CodeUnitCount + item.count + Self.end.utf8CodeUnitCount
        guard count < countMax, text.count + needed <= bytesMax else {
            isFull = true
            return nil
        }
        text.append(begin)
        entries.append(Entry(hash: hash, start: UInt32(text.count), length: UInt32(item.count)))
        text.append(item)
        text.append(Self.end)
        slots[slot] = UInt32(entries.count)
        count += 1
        references += 1
        if entries.count * 2 > slots.count { grow() }
        return first + count - 1
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        for (number, entry) in entries.enumerated() {
            var slot = Int(entry.hash) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt32(number + 1)
        }
    }

    @inline(__always)
    private func isEqual(_ entry: Entry, _ hash: UInt32, _ item: UnsafeRawBufferPointer) -> Bool {
        entry.hash == hash && Int(entry.length) == item.count
            && text.isEqual(from: Int(entry.start), to: item)
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
        var rest: UInt64 = 0
        while position < item.count {
            rest = rest << 8 | UInt64(item[position])
            position += 1
        }
        state = mix(state ^ rest)
        return UInt32(truncatingIfNeeded: state ^ state >> 32)
    }

    @inline(__always)
    private func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15 ^ seed << 1)
        return product.high ^ product.low
    }
}

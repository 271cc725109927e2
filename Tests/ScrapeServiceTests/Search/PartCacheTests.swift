import TestSupport
import Testing

@testable import ScrapeService

@Suite struct PartCacheTests {
    @Test(arguments: [0, 1, 1_000, 10_000])
    func neverMoreIsKeptThanMayBe(octetsMax: Int) {
        let cache = PartCache(octetsMax: octetsMax)
        var random = SeededGenerator(seed: 1)
        for _ in 0..<500 {
            let key = Int64.random(in: 0..<50, using: &random)
            cache.keep(key, Array(repeating: 1, count: .random(in: 0...2_000, using: &random)))
            #expect(cache.octets <= octetsMax)
            #expect(cache.octets == (0..<50).reduce(0) { $0 + (cache.part($1)?.count ?? 0) })
        }
    }

    @Test func whatIsUsedStays() {
        let cache = PartCache(octetsMax: 100)
        for key in Int64(0)..<10 { cache.keep(key, Array(repeating: 1, count: 10)) }
        for _ in 0..<3 { #expect(cache.part(0) != nil) }
        cache.keep(10, Array(repeating: 1, count: 10))
        #expect(cache.part(0) != nil && cache.part(10) != nil && cache.part(1) == nil)
    }
}

import Foundation
import Testing
import TestSupport

@testable import ServiceRuntime

struct DataDirectoryTests {
    @Test func aSecondOwnerIsRefusedWithTheProcessThatHoldsIt() throws {
        let temporary = try TemporaryDirectory()
        let first = try DataDirectory(path: temporary.path + "/data")
        let error = #expect(throws: DataDirectoryError.self) { try DataDirectory(path: first.path) }
        #expect(error?.description.contains("is in use by process \(getpid())") == true)
    }

    @Test func theLockEndsWithItsOwner() throws {
        let temporary = try TemporaryDirectory()
        do { _ = try DataDirectory(path: temporary.path + "/data") }
        #expect(throws: Never.self) { try DataDirectory(path: temporary.path + "/data") }
    }

    @Test func aDirectoryThatCannotBeMadeIsTold() {
        let error = #expect(throws: DataDirectoryError.self) { try DataDirectory(path: "/proc/nowhere") }
        #expect(error?.description.contains("/proc/nowhere") == true)
    }

    @Test func aFileIsReplacedWhole() throws {
        let temporary = try TemporaryDirectory()
        let path = temporary.path + "/endpoints.json"
        try AtomicFile.write(Array("one".utf8), to: path)
        try AtomicFile.write(Array("two".utf8), to: path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "two")
        #expect(throws: FileError.self) { try AtomicFile.write([], to: temporary.path + "/no/such/file") }
    }
}

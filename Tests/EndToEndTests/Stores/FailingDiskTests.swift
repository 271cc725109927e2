import Foundation
import JSONBytes
import TestSupport
import Testing

/// The real program on a disk that fails while a transaction is committed.
struct FailingDiskTests {
    private static func body(_ number: Int) -> String {
        #"""
        {"timestamp": 1625106207, "ext_type": "CSV", "title": "failing \#(number)", "user_id": "1", "callback": "",
         "source_raw": "[{\"n\":\"Number\"},{\"n\":\#(number)}]"}
        """#
    }

    /// Stands between the program and the system.
    static func shim(in directory: TemporaryDirectory) async throws -> String {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/failing_disk.c"
        let library = directory.path("failing_disk.so")
        try await runSuccessfully("clang", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"])
        return library
    }

    // disk      ···················· fails
    // clients   accepted, accepted     503, or no answer
    // program                          not ready, ends with an error   started again: all that was accepted is there
    @Test func nothingIsAcknowledgedAfterTheDiskHasFailedAndTheProgramEnds() async throws {
        let directory = try TemporaryDirectory()
        let marker = directory.path("disk-fails")
        let system = try await PailouProcess.start(
            in: directory.path("data"),
            environment: ["LD_PRELOAD": try await Self.shim(in: directory), "FAILING_DISK": marker])
        let accepted = Shared<[Int: String]>([:])
        let afterwards = Shared<Set<Int>>([])
        let hasFailed = Shared(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<4 {
                group.addTask {
                    for number in stride(from: client, to: 1_000_000, by: 4) {
                        guard system.isRunning else { return }
                        let wasFailing = hasFailed.value
                        guard let answer = try? await HTTP.post(system.exportURL + "/v1/export/raw", Self.body(number))
                        else { continue }
                        if wasFailing { afterwards.change { _ = $0.insert(answer.status) } }
                        guard answer.status == 200, let key = try? answer.json["data"]?["hash_key"]?.string
                        else { continue }
                        accepted.change { $0[number] = key }
                    }
                }
            }
            try await eventually(within: .seconds(60), "accepted exports") { accepted.value.count >= 40 }
            _ = try directory.write("", to: "disk-fails")
            hasFailed.change { $0 = true }
            let end = try await system.waitForExit()
            #expect(end.status.map { $0 != 0 } == true, "\(end)")
            #expect(end.standardError.contains("store stops acknowledging writes"), "\(end.standardError)")
            try await group.waitForAll()
        }
        #expect(afterwards.value.isSubset(of: [503]), "\(afterwards.value)")
        try FileManager.default.removeItem(atPath: marker)
        let again = try await PailouProcess.start(in: directory.path("data"))
        let client = ExportClient(baseURL: again.exportURL)
        for (number, key) in accepted.value {
            #expect(try await client.finished(key)["status"]?.integer == 2, "export \(number)")
        }
        try await again.stop()
        let check = try await runProcess(
            PailouProcess.program, ["store", "check", "--data-dir", directory.path("data")])
        #expect(check.status == 0, "\(check.standardOutput)\(check.standardError)")
    }
}

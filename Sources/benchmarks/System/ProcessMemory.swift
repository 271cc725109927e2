import Foundation

/// Memory of another process, from Linux's proc(5), in KiB.
struct ProcessMemory {
    let pid: Int32

    /// What is resident now.
    func resident() throws -> Double { try field("VmRSS", of: "status") }

    /// The most that was resident since `resetPeak`.
    func peak() throws -> Double { try field("VmHWM", of: "status") }

    /// What is resident now, pages shared with other processes divided among them.
    func proportional() throws -> Double { try field("Pss", of: "smaps_rollup") }

    /// Makes the present size the peak.
    func resetPeak() throws {
        // Written without a temporary file: the file is the kernel's.
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: "/proc/\(pid)/clear_refs"))
        defer { try? handle.close() }
        try handle.write(contentsOf: Data("5".utf8))
    }

    private func field(_ name: String, of file: String) throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(pid)/\(file)", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
        let words = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }) ?? []
        guard words.count > 1, let kibibytes = Double(words[1]) else {
            throw BenchmarkError("expected \(name) in /proc/\(pid)/\(file)")
        }
        return kibibytes
    }
}

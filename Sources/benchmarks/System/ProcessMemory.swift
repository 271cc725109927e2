import Foundation

/// Resident memory of another process, from Linux's proc(5).
struct ProcessMemory {
    let pid: Int32

    /// What it takes now, in MiB.
    func resident() throws -> Double { try status("VmRSS") }

    /// The most it ever took since `resetPeak`, in MiB.
    func peak() throws -> Double { try status("VmHWM") }

    /// Makes the present size the peak.
    func resetPeak() throws {
        // Written without a temporary file: the file is the kernel's.
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: "/proc/\(pid)/clear_refs"))
        defer { try? handle.close() }
        try handle.write(contentsOf: Data("5".utf8))
    }

    private func status(_ field: String) throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(field):") }
        guard
            let kibibytes = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({
                Double($0)
            })
        else { throw BenchmarkError("expected \(field) in the status of process \(pid)") }
        return kibibytes / 1024
    }
}

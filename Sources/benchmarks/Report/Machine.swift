import Foundation

/// What the figures were measured on.
enum Machine {
    /// Processor, number of cores and kernel, in one line.
    static var description: String {
        "\(processor), \(cores) cores, Linux \(kernel)"
    }

    static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

    private static var processor: String {
        let lines = text("/proc/cpuinfo").split(separator: "\n")
        let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
        return model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor"
    }

    private static var kernel: String {
        text("/proc/sys/kernel/osrelease").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func text(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}

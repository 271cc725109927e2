import Foundation
import Glibc

/// How many files this process and its children may have open.
enum OpenFiles {
    /// glibc's header gives the names another type than its functions take.
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    /// Allows as many as the system lets us: a shell's 1,024 are fewer than the connections of a benchmark.
    static func raiseLimit() throws {
        var limit = rlimit()
        getrlimit(resource, &limit)
        limit.rlim_cur = limit.rlim_max
        guard setrlimit(resource, &limit) == 0 else {
            throw BenchmarkError(
                "cannot raise the limit of open files: \(String(cString: strerror(errno)).lowercased())")
        }
    }
}

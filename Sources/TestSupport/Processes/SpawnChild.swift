import Foundation

/// Starts a program with its standard streams on files, as a fresh shell would start it.
///
/// Not Foundation's `Process`: that hands down the signal mask of the calling thread, and the threads of Swift's pool
/// block SIGTERM, so a child could not be asked to end.
func spawnChild(
    _ command: String, _ arguments: [String], environment: [String: String], workingDirectory: String?,
    streams: [String]
) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (descriptor, path) in streams.enumerated() {
        let flags = descriptor == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, Int32(descriptor), path, flags, 0o644)
    }
    // NIO's sockets do not close on exec: a child that kept one would keep the connection open.
    try closeFrom(&actions, 3)
    // `env` changes the directory and then becomes the command, so the pid is the command's own.
    let words = (workingDirectory.map { ["env", "--chdir=\($0)"] } ?? []) + [command] + arguments

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    let values = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    var pid = pid_t()
    let failure = withCStrings(words) { argumentList in
        withCStrings(values.map { "\($0)=\($1)" }) { environmentList in
            posix_spawnp(&pid, words[0], &actions, &attributes, argumentList, environmentList)
        }
    }
    guard failure == 0 else { throw SpawnFailed(command: command, errno: failure) }
    return pid
}

/// glibc's posix_spawn_file_actions_addclosefrom_np (2.34), which Swift's import of glibc leaves out.
private func closeFrom(_ actions: inout posix_spawn_file_actions_t, _ descriptor: Int32) throws {
    typealias Function = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
    guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else {
        throw SpawnFailed(command: "any program", errno: ENOSYS)
    }
    _ = unsafeBitCast(symbol, to: Function.self)(&actions, descriptor)
}

/// A program that could not be started at all.
package struct SpawnFailed: Error, CustomStringConvertible {
    let command: String
    let errno: Int32

    package var description: String {
        "could not start \(command): \(String(cString: strerror(errno)))"
    }
}

/// Calls `body` with a null-terminated array of C strings that lives as long as the call.
private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    let copies = strings.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    return copies.withUnsafeBufferPointer { body($0.baseAddress!) }
}

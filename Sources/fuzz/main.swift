import CFuzzer
import FuzzTargets

#if canImport(Glibc)
    import Glibc
#endif

// `fuzz --target=NAME [option of libFuzzer …] [folder of inputs …]`; built and run by `make fuzz`. libFuzzer leaves alone
// what begins with two dashes, and hands it on to the processes it starts.

/// What is tried; libFuzzer calls a C function, which has no other way to know.
nonisolated(unsafe) private var target: FuzzTarget?

private let option = "--target="
private let name = CommandLine.arguments.first { $0.hasPrefix(option) }?.dropFirst(option.count)
guard let found = FuzzTarget.named(String(name ?? "")) else {
    print("usage: fuzz \(option)NAME [option of libFuzzer ...] [folder of inputs ...]")
    print("targets: \(FuzzTarget.all.map(\.name).joined(separator: " "))")
    exit(64)
}
target = found

private var count = CommandLine.argc
private var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv

exit(
    LLVMFuzzerRunDriver(&count, &arguments) { octets, count in
        do {
            try target?.check([UInt8](UnsafeBufferPointer(start: octets, count: count)))
        } catch {
            fatalError("\(error)")  // libFuzzer keeps the input of a process that dies
        }
        return 0
    })

import Glibc

/// Starts a detached thread; false when the system has none left.
func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
    let context = Unmanaged.passRetained(ThreadContext(body: body))
    var thread = pthread_t()
    let failure = pthread_create(
        &thread, nil,
        { raw in
            let context = Unmanaged<ThreadContext>.fromOpaque(raw!).takeRetainedValue()
            blockSignals()
            useUTF8()
            context.body()
            return nil
        }, context.toOpaque())
    if failure != 0 {
        context.release()
        return false
    }
    pthread_detach(thread)
    return true
}

/// Carries the body through the C pointer that a thread begins with.
private final class ThreadContext: Sendable {
    let body: @Sendable () -> Void

    init(body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}

/// Signals belong to the program's own threads. This also keeps SIGPIPE away, which the manual (libcurl-thread) leaves to
/// the application once CURLOPT_NOSIGNAL is set: OpenSSL can raise it.
private func blockSignals() {
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
}

/// libcurl reads host names outside ASCII in the character set of the thread's locale; the program's own is left alone.
private func useUTF8() {
    if let utf8Locale { uselocale(utf8Locale) }
}

/// Made once, never changed, never freed; a locale may be used by many threads (uselocale(3)).
nonisolated(unsafe) private let utf8Locale = newlocale(1 << LC_CTYPE, "C.UTF-8", nil)

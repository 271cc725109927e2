import Logging
import NIOCore

/// What all connections of one event loop share; it never leaves its loop.
final class GatewayLoop {
    let eventLoop: any EventLoop
    let load: GatewayLoad
    let logger: Logger
    var clock = LoopClock()
    var identities = IdentityGenerator()
    let connections = ConnectionRegistry()
    let compressor: AnswerCompressor
    let accessLog: AccessLog?
    private var madeServices: LoopServices?

    init(eventLoop: any EventLoop, load: GatewayLoad, accessLog: AccessLog?, logger: Logger) {
        self.eventLoop = eventLoop
        self.load = load
        self.accessLog = accessLog
        self.logger = logger
        compressor = AnswerCompressor(eventLoop: eventLoop, load: load)
    }

    /// The services' clients of this loop, made once and shared by all façades.
    func services(_ directory: ServiceDirectory, methods: [String: MethodTraits]) -> LoopServices {
        if let madeServices { return madeServices }
        let made = LoopServices(directory, methods: methods, eventLoop: eventLoop, logger: logger)
        madeServices = made
        made.watch()
        return made
    }

    /// Closes the connections to the services; nothing is called any more.
    func closeServices() {
        madeServices?.close()
    }
}

/// The open connections of a loop, for a stop that lets them finish.
final class ConnectionRegistry {
    private var handlers: [ObjectIdentifier: HTTPConnectionHandler] = [:]
    private var whenEmpty: EventLoopPromise<Void>?

    func insert(_ handler: HTTPConnectionHandler) {
        handlers[ObjectIdentifier(handler)] = handler
    }

    func remove(_ handler: HTTPConnectionHandler) {
        handlers[ObjectIdentifier(handler)] = nil
        if handlers.isEmpty { whenEmpty?.succeed() }
    }

    /// Lets every connection answer what it has; the promise is kept when the last one has closed.
    func drain(_ promise: EventLoopPromise<Void>) {
        if handlers.isEmpty { return promise.succeed() }
        whenEmpty = promise
        for handler in handlers.values { handler.drain() }
    }

    /// Closes what is still open.
    func closeAll() {
        for handler in handlers.values { handler.context?.close(promise: nil) }
    }
}

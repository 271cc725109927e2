import NIOCore
import RPC

extension RPCLane {
    /// The lane of an operation's call.
    static func of(_ operation: CompiledOperation, _ traits: MethodTraits?, params: ByteBuffer?) -> RPCLane {
        if operation.response == .events || operation.timeout == nil || traits?.isLong == true { return .waits }
        return operation.response == .stream ? .bulk : .of(paramsBytes: params?.readableBytes ?? 0)
    }

    /// The lane of a call that comes by RPC. One that wants to be streamed to waits for something, unless its method is
    /// known not to.
    static func of(_ call: RPCServerCall, _ traits: MethodTraits?) -> RPCLane {
        if traits?.isLong == true { return .waits }
        if call.meta.stream != nil { return traits == nil ? .waits : .bulk }
        return .of(paramsBytes: call.params?.readableBytes ?? 0)
    }
}

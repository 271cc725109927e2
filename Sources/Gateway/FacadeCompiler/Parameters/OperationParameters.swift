import NIOCore
import RPC

extension [RequestParameter] {
    /// Appends `"name":value` of each value that came or has a default; answers what is wrong, in the method's names.
    func write(pathValues: [Substring], query: Substring, to buffer: inout ByteBuffer) -> [RPCViolation] {
        var violations: [RPCViolation] = []
        var needsComma = false
        for parameter in self {
            let start = buffer.writerIndex
            if needsComma { buffer.writeStaticString(",") }
            do throws(ParameterFault) {
                if try parameter.write(pathValues: pathValues, query: query, to: &buffer) {
                    needsComma = true
                } else {
                    buffer.moveWriterIndex(to: start)
                }
            } catch {
                buffer.moveWriterIndex(to: start)
                violations.append(
                    RPCViolation(path: [.name(parameter.name)], message: error.message, type: error.type))
            }
        }
        return violations
    }
}

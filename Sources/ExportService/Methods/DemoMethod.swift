import NIOCore
import RPC
import ServiceContracts

/// `export.demo.page`: a source for trials.
struct DemoMethod: Sendable {
    func register(in methods: inout RPCMethods) {
        methods.register(ExportMethods.demoPage, options: .init(isIdempotent: true), raw: { try page($0.params) })
    }

    private func page(_ params: ByteBuffer?) throws -> ByteBuffer {
        var parameters = try ParameterFields(params)
        let page = parameters.integer("page", in: 1...Int.max, default: 1)
        let limit = parameters.integer("limit", in: 1...DemoPage.limitMax, default: DemoPage.limitDefault)
        let total = parameters.integer("total", in: 0...DemoPage.totalMax, default: DemoPage.totalDefault)
        try parameters.check()
        var buffer = ByteBuffer()
        DemoPage(page: page, limit: limit, total: total).write(to: &buffer)
        return buffer
    }
}

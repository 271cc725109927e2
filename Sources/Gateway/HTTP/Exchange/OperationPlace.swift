/// One operation with what serves it on one loop.
final class OperationPlace {
    let operation: CompiledOperation
    let metrics: RouteMetrics
    let service: LoopService

    init(_ operation: CompiledOperation, metrics: RouteMetrics, service: LoopService) {
        self.operation = operation
        self.metrics = metrics
        self.service = service
    }

    /// Begins a request.
    func exchange(_ request: FacadeRequest, _ application: FacadeApplication) -> FacadeExchange {
        switch operation.response {
        case .json: JSONExchange(self, request, application)
        case .stream: StreamExchange(self, request, application)
        case .events: EventExchange(self, request, application)
        }
    }
}

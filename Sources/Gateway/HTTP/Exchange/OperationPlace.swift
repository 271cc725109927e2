/// One operation with what serves it on one loop.
final class OperationPlace {
    let operation: CompiledOperation
    let metrics: RouteMetrics
    let service: LoopService
    /// What is known of the method; nil when its service has no document.
    let traits: MethodTraits?

    init(_ operation: CompiledOperation, metrics: RouteMetrics, service: LoopService, traits: MethodTraits?) {
        self.operation = operation
        self.metrics = metrics
        self.service = service
        self.traits = traits
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
